"""Legal hold and the report of the purge: what is held stays until its day, and what went can be looked up, without its words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rasoat.cases import commands as c
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock
from rasoat.errors import NotPermitted, UsageError
from rasoat.harms import Outcome
from rasoat.ports import SearchQuery
from rasoat.store import Store
from tests.store.makers import START, TEXT, decide, hire, make_item, open_case


def out_of_scope(store: Store, name: str) -> str:
    """A case that is due after a day. `an` reviews, `dung` is policy lead."""
    case_id = open_case(store, item=make_item(store, name, f"{TEXT} {name}"))
    reader = next(one for one in store.accounts.all() if one.login == "an")
    actor = Actor(reader.pseudonym, reader.roles)
    store.cases.apply(case_id, c.Claim(), actor)
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, Outcome.OOS)), actor)
    return case_id


@pytest.fixture
def due(store: Store) -> tuple[str, str]:
    hire(store)
    store.accounts.add("giang", "mot mat khau dai", "Giang", (Role.DATA_PROTECTION,))
    cases = out_of_scope(store, "1"), out_of_scope(store, "2")
    store.project()
    return cases


def test_what_is_held_outlives_its_day_and_goes_when_the_hold_ends(store: Store, due: tuple[str, str], clock: FixedClock) -> None:
    kept, gone = due
    until = clock.now() + timedelta(days=10)
    hold = store.holds.place(kept, "CV-17/2026", until, by="dung", approved_by="giang")
    assert store.holds.all() == (hold,)
    report = store.purge(clock.now() + timedelta(days=5))
    assert (report.purged, report.held) == ({"oos_24h": 1}, (kept,))
    assert store.cases.facts(gone).state is CaseState.PURGED
    (item,) = store.cases.view(kept).items
    assert store.evidence.has(item.item.captures[0].blob)
    assert [hit.doc.case_id for hit in store.search.search(SearchQuery("otp")).hits] == [kept]
    report = store.purge(until)
    assert (report.purged, report.held, report.blobs) == ({"oos_24h": 1}, (), 1)
    assert not store.evidence.has(item.item.captures[0].blob)
    assert store.search.search(SearchQuery()).total == 0
    assert store.check() == []


def test_a_hold_that_is_released_holds_no_more_and_both_stand_in_the_log(store: Store, due: tuple[str, str], clock: FixedClock) -> None:
    hold = store.holds.place(due[0], "CV-17/2026", clock.now() + timedelta(days=100), by="dung", approved_by="giang")
    released = store.holds.release(hold.id, by="giang")
    assert released == store.holds.release(hold.id, by="dung"), "ending it twice changes nothing"
    assert store.holds.all() == ()
    assert store.holds.all(active=False) == (released,)
    assert store.purge(clock.now() + timedelta(days=2)).purged == {"oos_24h": 2}
    assert store.audit.verify() == []


def test_a_hold_takes_two_people_an_order_and_a_day_within_six_months(store: Store, due: tuple[str, str], clock: FixedClock) -> None:
    soon, late = clock.now() + timedelta(days=9), clock.now() + timedelta(days=184)
    for by, approved_by in (("dung", "dung"), ("dung", "an")):
        with pytest.raises(NotPermitted, match="another person"):
            store.holds.place(due[0], "CV-17", soon, by=by, approved_by=approved_by)
    for reference, until, by in ((" ", soon, "dung"), ("CV-17", late, "dung"), ("CV-17", clock.now(), "dung"), ("CV-17", soon, "nobody")):
        with pytest.raises(UsageError):
            store.holds.place(due[0], reference, until, by=by, approved_by="giang")
    with pytest.raises(UsageError):
        store.holds.place("no-such-case", "CV-17", soon, by="dung", approved_by="giang")
    assert store.holds.all(active=False) == ()


def test_child_safety_cannot_be_held(store: Store, clock: FixedClock) -> None:
    people = hire(store)
    store.accounts.add("giang", "mot mat khau dai", "Giang", (Role.DATA_PROTECTION,))
    case_id = open_case(store)
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Escalate(reason="nghi ngờ"), people["an"])
    with pytest.raises(UsageError, match="nothing is left"):
        store.holds.place(case_id, "CV-1", clock.now() + timedelta(days=9), by="dung", approved_by="giang")


def test_what_went_when_and_by_which_rule_can_be_looked_up(store: Store, due: tuple[str, str], clock: FixedClock) -> None:
    at = clock.now() + timedelta(days=2)
    store.purge(at)
    found = store.tombstones(START)
    assert {(one.action, one.object_id, one.rule, one.count, one.at) for one in found} == {
        ("case.purged", case_id, "oos_24h", 1, at) for case_id in due
    }
    assert store.tombstones(at + timedelta(seconds=1)) == []
    run = store.runs.last("purge", "retention")
    assert run is not None
    assert (run.state, run.counts.pop("documents") > 0) == ("finished", True)
    assert run.counts == {"oos_24h": 2, "held": 0, "blobs": 2}
