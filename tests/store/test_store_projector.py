"""The projector under faults: what may pass is tried again, what never will is seen by people, what is newer stays."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from rasoat.cases import commands as c
from rasoat.clock import FixedClock
from rasoat.errors import ConfigError, RetryLater
from rasoat.ports import Rejected, SearchDoc, SearchIndex, SearchPage, SearchQuery
from rasoat.store import Store
from rasoat.store.projecting import Backoff, Projector
from tests.store.makers import TEXT, hire, open_case


class Faulty:
    """The real index with a fault before, or instead of, each write: `faults` is asked for one exception, or None, a write."""

    def __init__(self, real: SearchIndex, faults: Iterable[Exception | Callable[[], None] | None] = ()) -> None:
        self.real, self.faults = real, iter(faults)
        self.refused: dict[str, str] = {}

    def _fault(self) -> None:
        fault = next(self.faults, None)
        if isinstance(fault, Exception):
            raise fault
        if fault is not None:
            fault()

    def upsert(self, docs: Sequence[SearchDoc], fence: int | None = None) -> frozenset[str]:
        self._fault()
        overtaken = self.real.upsert([doc for doc in docs if doc.id not in self.refused], fence)
        mine = {doc.id: self.refused[doc.id] for doc in docs if doc.id in self.refused}
        if mine:
            raise Rejected(mine, overtaken=overtaken)
        return overtaken

    def delete(self, ids: Sequence[str], fence: int | None = None) -> frozenset[str]:
        return self.real.delete(ids, fence)

    def search(self, query: SearchQuery) -> SearchPage:
        return self.real.search(query)

    def rebuild(self, docs: Iterable[SearchDoc], fence: int | None = None) -> int:
        total = self.real.rebuild((doc for doc in docs if doc.id not in self.refused), fence)
        self._fault()
        if self.refused:
            raise Rejected(dict(self.refused), taken=total)
        return total

    def compact(self) -> None:
        self.real.compact()

    def close(self) -> None:
        self.real.close()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def index(store: Store) -> Faulty:
    return Faulty(store.search)


@pytest.fixture
def projector(store: Store, index: Faulty, clock: FixedClock, pauses: list[float]) -> Projector:
    store._projector = Projector(store._db, index, clock, Backoff(rng=random.Random(1), sleep=pauses.append))
    return store._projector


def total(store: Store, text: str = "") -> int:
    return store.search.search(SearchQuery(text)).total


def lead(store: Store, case_id: str) -> str:
    return store.cases.view(case_id).items[0].item.id


def test_one_refused_document_is_a_dead_letter_and_stops_no_other(
    store: Store, index: Faulty, projector: Projector, clock: FixedClock
) -> None:
    cases = [open_case(store, str(n), f"{TEXT} {n}") for n in range(3)]
    bad = lead(store, cases[1])
    index.refused = {bad: "mapper_parsing_exception: field [state]"}
    assert projector.step(100) == 3
    assert projector.step(100) == 0
    assert total(store) == 2
    (letter,) = store.dead_letters()
    assert (letter.item_id, letter.case_id, letter.problem, letter.tries) == (bad, cases[1], "mapper_parsing_exception: field [state]", 1)
    assert letter.first_at == letter.last_at == clock.now()
    assert store.counts()["dead_letters"] == 1
    assert store.check() == ["the search index refuses 1 items: `rasoat db dead-letters` lists them"]


def test_a_dead_letter_is_tried_again_when_asked_and_goes_when_it_is_taken(
    store: Store, index: Faulty, projector: Projector, clock: FixedClock
) -> None:
    bad = lead(store, open_case(store))
    index.refused = {bad: "x"}
    projector.step(100)
    first = clock.now()
    clock.advance(hours=1)
    assert store.retry_dead_letters() == 1
    projector.step(100)
    (letter,) = store.dead_letters()
    assert (letter.tries, letter.first_at, letter.last_at) == (2, first, clock.now())
    index.refused = {}
    store.retry_dead_letters()
    projector.step(100)
    assert store.dead_letters() == []
    assert total(store) == 1
    assert store.check() == []


def test_a_dead_letter_is_tried_again_when_its_case_moves(store: Store, index: Faulty, projector: Projector) -> None:
    people = hire(store)
    case_id = open_case(store)
    index.refused = {lead(store, case_id): "x"}
    projector.step(100)
    index.refused = {}
    store.cases.apply(case_id, c.Claim(), people["an"])
    projector.step(100)
    assert store.dead_letters() == []
    assert total(store) == 1


def test_an_older_reading_of_what_is_refused_is_not_found_any_more(store: Store, index: Faulty, projector: Projector) -> None:
    people = hire(store)
    case_id = open_case(store)
    projector.step(100)
    assert total(store, "OTP") == 1
    index.refused = {lead(store, case_id): "x"}
    store.cases.apply(case_id, c.Claim(), people["an"])
    projector.step(100)
    assert total(store, "OTP") == 0
    assert len(store.dead_letters()) == 1


def test_what_may_pass_is_tried_again_after_growing_random_pauses(
    store: Store, index: Faulty, projector: Projector, pauses: list[float]
) -> None:
    open_case(store)
    index.faults = iter([RetryLater("429")] * 4)
    assert projector.step(100) == 1
    assert len(pauses) == 4
    assert all(pause <= 0.1 * 2**n for n, pause in enumerate(pauses))
    assert len(set(pauses)) == 4
    assert total(store) == 1


def test_a_server_that_hangs_does_not_hold_up_the_caller_for_all_tries(store: Store, index: Faulty, clock: FixedClock) -> None:
    """Each try ends in the client's own timeout: 20 seconds here."""
    open_case(store)
    seconds = [0.0]

    def hang() -> None:
        seconds[0] += 20
        raise RetryLater("timed out")

    index.faults = iter([hang] * 20)
    impatient = Projector(store._db, index, clock, Backoff(sleep=lambda _: None, monotonic=lambda: seconds[0]))
    with pytest.raises(RetryLater, match="timed out"):
        impatient.step(100)
    assert seconds == [40], "a second try, no third"
    assert store.outbox_lag().waiting == 1


def test_when_it_does_not_pass_every_note_is_still_there(store: Store, index: Faulty, projector: Projector) -> None:
    for n in range(3):
        open_case(store, str(n), f"{TEXT} {n}")
    for fault in (RetryLater("the server is away"), ConfigError("the password is wrong")):
        index.faults = iter([fault] * 20)
        with pytest.raises(type(fault)):
            projector.step(100)
        assert store.outbox_lag().waiting == 3
    index.faults = iter([])
    assert projector.step(2) == 2
    assert projector.step(2) == 1
    assert total(store) == 3
    assert store.dead_letters() == []


def test_the_lag_says_how_many_wait_and_since_when(store: Store, projector: Projector, clock: FixedClock) -> None:
    assert (store.outbox_lag().waiting, store.outbox_lag().oldest) == (0, None)
    since = clock.now()
    open_case(store, "1", TEXT + " 1")
    clock.advance(minutes=5)
    open_case(store, "2", TEXT + " 2")
    assert (store.outbox_lag().waiting, store.outbox_lag().oldest) == (2, since)
    assert store.outbox_lag().age(clock.now()) == 300
    projector.step(1)
    assert store.outbox_lag().oldest == clock.now()


def test_a_projector_that_was_overtaken_puts_nothing_old_over_the_new(
    store: Store, index: Faulty, projector: Projector, clock: FixedClock
) -> None:
    """It has read, then sleeps and loses its lock; another one projects a newer state; then it wakes up and writes."""
    people = hire(store)
    case_id = open_case(store)
    other = Projector(_unlocked(store._db), store.search, clock)

    def meanwhile() -> None:
        store.cases.apply(case_id, c.Claim(), people["an"])
        assert other.step(100) == 2

    index.faults = iter([meanwhile])
    assert projector.step(100) >= 1
    while projector.step(100):
        pass
    (hit,) = store.search.search(SearchQuery()).hits
    assert hit.doc.state == "review_1"
    assert store.check() == []
    assert store.outbox_lag().waiting == 0


def test_a_projector_that_was_overtaken_brings_nothing_back_that_is_gone(
    store: Store, index: Faulty, projector: Projector, clock: FixedClock
) -> None:
    people = hire(store)
    case_id = open_case(store)
    other = Projector(_unlocked(store._db), store.search, clock)

    def meanwhile() -> None:
        store.cases.apply(case_id, c.Claim(), people["an"])
        store.cases.apply(case_id, c.Escalate(reason="nghi ngờ"), people["an"])
        other.step(100)

    index.faults = iter([meanwhile])
    while projector.step(100):
        pass
    assert total(store) == 0
    assert store.check() == []


def test_who_was_overtaken_gives_the_other_time_to_finish(store: Store, index: Faulty, clock: FixedClock, pauses: list[float]) -> None:
    """Found by `bench.faults` (plan 39 of seed 2026): two that both went on at once overtook each other for ever on a slow server."""
    open_case(store)
    other = Projector(_unlocked(store._db), store.search, clock)
    seconds = [0.0]

    def slowly() -> None:
        seconds[0] += 3
        other._token()

    index.faults = iter([slowly])
    mine = Projector(store._db, index, clock, Backoff(sleep=pauses.append, monotonic=lambda: seconds[0]))
    assert mine.step(100) == 1
    assert len(pauses) == 1
    assert 3 <= pauses[0] <= 6
    assert total(store) == 1


def test_a_crash_after_the_index_took_it_and_before_it_was_noted_repeats(
    store: Store, projector: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_case(store)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(projector, "_note", die)
    with pytest.raises(KeyboardInterrupt):
        projector.step(100)
    monkeypatch.undo()
    assert (total(store), store.outbox_lag().waiting) == (1, 1)
    assert projector.step(100) == 1
    assert total(store) == 1


def test_a_rebuild_keeps_count_of_what_it_cannot_take(store: Store, index: Faulty, projector: Projector) -> None:
    first, second = (lead(store, open_case(store, str(n), f"{TEXT} {n}")) for n in range(2))
    index.refused = {first: "x"}
    projector.step(100)
    index.refused = {second: "y"}
    assert store.rebuild_index() == 1
    assert [(letter.item_id, letter.problem) for letter in store.dead_letters()] == [(second, "y")]
    index.refused = {}
    assert store.rebuild_index() == 2
    assert store.dead_letters() == []
    assert store.check() == []


def test_a_rebuild_that_another_projector_ran_into_is_told_to_run_again(
    store: Store, index: Faulty, projector: Projector, clock: FixedClock
) -> None:
    open_case(store)
    other = Projector(_unlocked(store._db), store.search, clock)

    def meanwhile() -> None:
        other.step(100)

    index.faults = iter([meanwhile])
    with pytest.raises(RetryLater, match="another projector"):
        store.rebuild_index()
    assert store.rebuild_index() == 1


def test_numbers_grow_also_when_the_clock_goes_back(store: Store, projector: Projector, clock: FixedClock) -> None:
    people = hire(store)
    case_id = open_case(store)
    projector.step(100)
    clock.advance(hours=-1)
    store.cases.apply(case_id, c.Claim(), people["an"])
    assert projector.step(100) == 1
    (hit,) = store.search.search(SearchQuery()).hits
    assert hit.doc.state == "review_1"


def _unlocked(database: Any) -> Any:
    """The same database, where the lock of the job is thought to be free: as after a server's restart."""

    class Unlocked:
        reading, writing = staticmethod(database.reading), staticmethod(database.writing)

        def alone(self, job: str) -> Any:
            return database.alone(f"{job}-elsewhere")

    return Unlocked()
