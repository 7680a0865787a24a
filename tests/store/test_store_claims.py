"""Claims when many ask at once: each person gets another case, no case is given twice, and nobody waits for a person."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import Connection

from rasoat.cases import commands as c
from rasoat.cases.states import EventKind, Role
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock
from rasoat.errors import Conflict
from rasoat.harms import Severity
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from rasoat.store.database import Database
from tests.store.makers import TEXT, make_item, open_case


def reviewer(n: int) -> Actor:
    return Actor(f"p-{n}", frozenset({Role.REVIEWER}))


def test_the_next_case_is_claimed_in_the_order_of_the_queue_and_kept(store: Store, clock: FixedClock) -> None:
    light = open_case(store, "1", TEXT + " 1", severity=Severity.S3)
    heavy = open_case(store, "2", TEXT + " 2", severity=Severity.S1)
    first, second = reviewer(1), reviewer(2)
    claimed = store.cases.claim_next(first)
    assert claimed is not None
    assert (claimed.id, claimed.claimed_by) == (heavy, first.pseudonym)
    again = store.cases.claim_next(first)
    assert again == claimed, "what they hold comes first"
    other = store.cases.claim_next(second)
    assert other is not None
    assert other.id == light
    assert store.cases.claim_next(reviewer(3)) is None
    assert [event.kind for event in store.cases.view(heavy).events] == [EventKind.OPENED, EventKind.CLAIMED]
    clock.advance(minutes=31)
    taken_over = store.cases.claim_next(reviewer(3))
    assert taken_over is not None
    assert taken_over.id == heavy


def test_of_many_who_ask_at_once_no_two_get_the_same_case(store: Store, settings: Settings, clock: FixedClock) -> None:
    people = 12
    cases = {open_case(store, str(n), f"{TEXT} {n}") for n in range(people)}
    got: list[str] = []
    refused: list[str] = []
    start = threading.Barrier(people + 1)

    def ask(n: int, one: Store) -> None:
        start.wait()
        claimed = one.cases.claim_next(reviewer(n))
        (got if claimed is not None else refused).append("" if claimed is None else claimed.id)

    def write() -> None:
        """Other writers are at work all the while."""
        start.wait()
        for n in range(5):
            store.inbox.put(make_item(store, f"more-{n}", f"{TEXT} more {n}"), run_id="r")

    with open_store(settings, clock=clock) as other:
        with ExitStack() as stack:  # connections first: opening many at once is another matter
            for one in (store, other):
                for _ in range(7):
                    stack.enter_context(one._db.reading())
        threads = [threading.Thread(target=ask, args=(n, (store, other)[n % 2])) for n in range(people)]
        threads.append(threading.Thread(target=write))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counter(got) == Counter(cases), "each another one, and nobody goes without"
    assert refused == []
    for case_id in got:
        assert [event.kind for event in store.cases.view(case_id).events] == [EventKind.OPENED, EventKind.CLAIMED]
    assert store.check() == []


def test_a_claim_by_name_and_the_next_one_never_give_the_same_case(store: Store, settings: Settings, clock: FixedClock) -> None:
    case_id = open_case(store)
    winners: list[str] = []
    start = threading.Barrier(6)

    def ask(n: int) -> None:
        start.wait()
        if n % 2:
            claimed = store.cases.claim_next(reviewer(n))
            if claimed is not None:
                winners.append(f"p-{n}")
            return
        try:
            store.cases.apply(case_id, c.Claim(), reviewer(n))
            winners.append(f"p-{n}")
        except Conflict:
            pass

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert winners == [store.cases.facts(case_id).claimed_by]
    assert store.check() == []


def test_a_clock_that_is_set_back_while_somebody_waits_gives_no_case_twice(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by `bench.faults` (clock-back@1248): who had read the clock before waiting took a fresh claim for one that ran out."""
    case_id = open_case(store, "1", TEXT)
    real, given = Database.writing, list[str | None]()

    @contextmanager
    def writing(self: Database, **options: bool) -> Iterator[Connection]:
        monkeypatch.undo()  # once: just before the second person gets the lock, the first one does, and the clock is an hour behind
        clock.advance(hours=-1)
        faster = store.cases.claim_next(reviewer(1))
        given.append(faster and faster.claimed_by)
        with real(self, **options) as conn:
            yield conn

    monkeypatch.setattr(Database, "writing", writing)
    assert store.cases.claim_next(reviewer(2)) is None
    assert given == ["p-1"]
    assert store.cases.facts(case_id).claimed_by == "p-1"
