"""The projector: carries noted changes from SQL to the search index, in order, any number of times, whatever fails in between.

What may pass is tried again with pauses; what never will becomes a dead letter; what a newer projector has done stays done.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from rasoat.clock import Clock
from rasoat.errors import RetryLater
from rasoat.ports import Rejected, SearchDoc, SearchIndex
from rasoat.store import dead_letters, fencing, outbox
from rasoat.store.database import Database

JOB: Final = "project"
_REBUILD_BATCH: Final = 2000
_OVERTAKEN: Final = "another projector was at work; nothing is lost, the rest is projected again"


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses between tries: a random part of a span that doubles ("full jitter", so that those who failed together do not return together).

    Long outages are for whoever calls again: a step gives up after seconds, and its notes stay.
    """

    tries: int = 6
    first: float = 0.1
    longest: float = 5.0
    patience: float = 30.0  # seconds after which no further try begins: a server that hangs must not hold up whoever called for minutes
    rng: random.Random = field(default_factory=random.SystemRandom)
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic

    def pauses(self, begun: float) -> Iterator[float]:
        """Seconds before the second try, the third …; ends when tries or patience are used up since `begun`."""
        for n in range(self.tries - 1):
            if self.monotonic() - begun > self.patience:
                return
            yield self.rng.uniform(0, min(self.longest, self.first * 2**n))

    def out_of_the_way(self, took: float) -> float:
        """A pause for who was overtaken after so many seconds: as long as the other needs to finish. Two that went on at once would
        overtake each other for ever."""
        return took * self.rng.uniform(1, 2)


class _Overtaken(RetryLater):
    """Another projector came in between."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one step carries: notes by number, and the documents that they ask for, read in one snapshot."""

    token: int
    notes: Sequence[tuple[int, str]]
    docs: Sequence[SearchDoc]

    @property
    def items(self) -> list[str]:
        return list(dict.fromkeys(item_id for _, item_id in self.notes))


@dataclass(frozen=True, slots=True)
class _Outcome:
    overtaken: frozenset[str]
    refused: dict[str, str]


class Projector:
    """One at a time by lock, and harmless when two run at once all the same."""

    def __init__(self, database: Database, index: SearchIndex, clock: Clock, backoff: Backoff | None = None) -> None:
        self._db, self._index, self._clock = database, index, clock
        self._backoff = backoff or Backoff()

    def step(self, limit: int) -> int:
        """Carry out up to `limit` notes; returns how many. 0 means that the index is fresh.

        Raises:
            RetryLater: the index cannot be written now, after all pauses; every note is still there.
            ConfigError: the index does not let us in, or asks for a rebuild; every note is still there.
        """
        begun = self._backoff.monotonic()
        pauses = self._backoff.pauses(begun)
        while True:
            tried = self._backoff.monotonic()
            try:
                return self._once(limit)
            except RetryLater as error:
                pause = next(pauses, None)
                if pause is None:
                    raise
                if isinstance(error, _Overtaken):
                    pause = max(pause, self._backoff.out_of_the_way(self._backoff.monotonic() - tried))
                self._backoff.sleep(pause)

    def rebuild(self) -> int:
        """The whole index anew; returns how many documents it holds. What is refused becomes a dead letter.

        Raises:
            RetryLater: the index cannot be written now, or another projector came in between: the old index or the new one is
                whole, and the same call makes it fresh.
        """
        with self._db.alone(JOB):
            token = self._token()
            refused: dict[str, str] = {}
            try:
                total = self._index.rebuild(self._documents(), token)
            except Rejected as error:
                total, refused = error.taken, error.reasons
            with self._db.writing() as conn:
                dead_letters.keep_only(conn, refused, outbox.cases_of(conn, list(refused)), self._clock.now())
                if fencing.newest(conn, JOB) != token:
                    raise RetryLater(_OVERTAKEN)
        return total

    def retry_dead_letters(self) -> int:
        """Note all of them again, for the next step; returns how many."""
        with self._db.writing() as conn:
            letters = dead_letters.load(conn)
            outbox.mark_items(conn, [letter.item_id for letter in letters], self._clock.now())
        return len(letters)

    def _once(self, limit: int) -> int:
        with self._db.reading() as conn:
            if not outbox.waiting(conn, 1):
                return 0
        with self._db.alone(JOB):
            batch = self._read(self._token(), limit)
            if batch.notes:
                self._note(batch, self._carry(batch))
        return len(batch.notes)

    def _token(self) -> int:
        with self._db.writing() as conn:
            return fencing.next_token(conn, JOB, self._clock.now())

    def _read(self, token: int, limit: int) -> _Batch:
        """After the number was taken: whoever has a greater number has read later, and newer documents."""
        with self._db.reading() as conn:
            notes = outbox.waiting(conn, limit)
            wanted = list(dict.fromkeys(item_id for _, item_id in notes))
            return _Batch(token, notes, list(outbox.documents(conn, wanted)) if wanted else [])

    def _carry(self, batch: _Batch) -> _Outcome:
        present = {doc.id for doc in batch.docs}
        overtaken = self._index.delete([item_id for item_id in batch.items if item_id not in present], batch.token)
        try:
            return _Outcome(overtaken | self._index.upsert(batch.docs, batch.token), {})
        except Rejected as error:
            # An older reading of what is refused must not stay to be found: it may hold words that are gone.
            overtaken |= error.overtaken | self._index.delete(list(error.reasons), batch.token)
            return _Outcome(overtaken, {item: why for item, why in error.reasons.items() if item not in overtaken})

    def _note(self, batch: _Batch, outcome: _Outcome) -> None:
        """Strike out what the index has taken. After all writes, so that a crash repeats and never loses.

        Where a newer projector came in between, its reading stands and ours may have gone over it: everything is projected again.
        """
        cases = {doc.id: doc.case_id for doc in batch.docs}
        delivered = [item for item in batch.items if item not in outcome.refused and item not in outcome.overtaken]
        with self._db.writing() as conn:
            overtaken = bool(outcome.overtaken) or fencing.newest(conn, JOB) != batch.token
            if overtaken:
                outbox.mark_items(conn, batch.items, self._clock.now())
            else:
                dead_letters.add(conn, outcome.refused, cases, self._clock.now())
                dead_letters.strike(conn, delivered)
            outbox.done(conn, [seq for seq, _ in batch.notes])
        if overtaken:
            raise _Overtaken(_OVERTAKEN)

    def _documents(self) -> Iterator[SearchDoc]:
        last = ""
        while True:
            with self._db.reading() as conn:
                page = list(outbox.documents(conn, after=last, limit=_REBUILD_BATCH))
                end = outbox.page_end(conn, last, _REBUILD_BATCH)
            yield from page
            if end is None:
                return
            last = end
