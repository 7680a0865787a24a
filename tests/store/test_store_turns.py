"""Who waits for whom: a person who asks twice in the same moment for themselves, readers of different cases for nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.harms import Outcome
from rasoat.store import Store
from tests.store.makers import TEXT, open_case


def test_a_double_click_takes_one_case_and_not_two(store: Store) -> None:
    cases = [open_case(store, str(n), f"{TEXT} {n}") for n in range(6)]
    account = store.accounts.add("lan", "mat-khau-thu-nghiem", "Lan", [Role.REVIEWER])
    lan = Actor(account.pseudonym, account.roles)
    with ThreadPoolExecutor(6) as pool:
        claimed = {facts.id for facts in pool.map(lambda _: store.cases.claim_next(lan), range(6)) if facts}
    assert len(claimed) == 1
    assert [case_id for case_id in cases if store.cases.facts(case_id).claimed_by] == list(claimed)


def test_a_case_that_was_handed_back_is_passed_over_once(store: Store) -> None:
    open_case(store, "1", f"{TEXT} 1")
    open_case(store, "2", f"{TEXT} 2")
    lan = Actor("p-lan", frozenset({Role.REVIEWER}))
    back = store.cases.next_for(lan)
    assert back is not None
    claimed = store.cases.claim_next(lan, but=back)
    assert claimed is not None
    assert claimed.id != back


@pytest.mark.postgresql_only
def test_readers_of_other_cases_wait_for_no_writer(store: Store) -> None:
    """An import or a rebuild may hold the write lock for as long as it likes: people go on reading and deciding."""
    lan = Actor("p-lan", frozenset({Role.REVIEWER}))
    case_id = open_case(store)
    nothing = Decision(outcome=Outcome.NONE, context=frozenset({ContextBox.NO_BOX}), reason="không vi phạm quy tắc nào")
    with store.cases._db.writing(), ThreadPoolExecutor(1) as pool:
        for command in (c.Claim(), c.Release(), c.Claim(), c.Code(decision=nothing)):
            facts = pool.submit(store.cases.apply, case_id, command, lan).result(timeout=20)
    assert facts.state is CaseState.CLOSED_NONE
    assert store.check() == []
