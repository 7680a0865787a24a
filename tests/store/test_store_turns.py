"""One person who asks twice in the same moment: a double click, a second tab."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rasoat.cases.states import Role
from rasoat.cases.workflow import Actor
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
