"""The verdict of the reviewers' bench: what must not be is found, in the ledger of the people and in SQL."""

from __future__ import annotations

from bench.reviewing.judging import judge
from bench.reviewing.people import Told
from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision
from rasoat.cases.states import Role
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock
from rasoat.harms import Outcome
from rasoat.store import Store
from tests.store.conftest import store
from tests.store.makers import open_case

__all__ = ["store"]

LOGINS = {"lan": "p-lan", "minh": "p-minh"}
NOTHING = c.Code(decision=Decision(outcome=Outcome.NONE, context=frozenset({ContextBox.NO_BOX}), reason="không vi phạm quy tắc nào"))


def reader(login: str) -> Actor:
    return Actor(LOGINS[login], frozenset({Role.REVIEWER}))


def test_what_was_told_and_done_is_right(store: Store) -> None:
    case_id = open_case(store)
    store.cases.claim_next(reader("lan"))
    store.cases.apply(case_id, NOTHING, reader("lan"))
    told = Told(held=[(case_id, "lan", 1.0, 2.0), (case_id, "minh", 2.5, 3.0)], saved=[(case_id, "lan", "coded")])
    verdict = judge(store, told, LOGINS)
    assert verdict.right
    assert (verdict.told, verdict.known) == (1, 1)


def test_a_decision_that_sql_does_not_know_is_lost(store: Store) -> None:
    case_id = open_case(store)
    store.cases.claim_next(reader("lan"))
    verdict = judge(store, Told(saved=[(case_id, "lan", "coded")]), LOGINS)
    assert len(verdict.lost) == 1
    assert not verdict.right


def test_two_who_both_knew_a_case_to_be_theirs(store: Store) -> None:
    case_id = open_case(store)
    told = Told(held=[(case_id, "lan", 1.0, 3.0), (case_id, "minh", 2.0, 4.0)])
    assert len(judge(store, told, LOGINS).twice) == 1


def test_a_claim_over_another_s_in_sql(store: Store, clock: FixedClock) -> None:
    case_id = open_case(store)
    store.cases.apply(case_id, c.Claim(), reader("lan"))
    clock.advance(minutes=45)  # as if it had been given away although nobody ended it
    store.cases.apply(case_id, c.Claim(), reader("minh"))
    assert len(judge(store, Told(), LOGINS).twice) == 1
