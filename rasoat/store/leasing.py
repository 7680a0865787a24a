"""Leases: batches of waiting items for workers that assess side by side, in one process or on many machines.

A lease ends by itself, is renewed while its worker lives, and is given away at once when the worker is seen to be dead. What is written
under a lease that was lost meanwhile is not written at all: every item is assessed and counted once, however often it was worked on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from rasoat.clock import Clock, Ids
from rasoat.items import Item
from rasoat.store import admitting, blobs
from rasoat.store.database import Database
from rasoat.store.dropping import Decided, drop_all
from rasoat.store.evidence import Evidence
from rasoat.store.item_rows import load_items
from rasoat.store.records import Admission
from rasoat.store.tables import ItemRow

LEASE: Final = timedelta(minutes=2)
"""Much longer than a pause of the machine, much shorter than a person's patience; renewed every third of it."""
WORKER: Final = "worker-"


@dataclass(frozen=True, slots=True)
class Settled:
    """What was written: ids that are done now, and the admissions of the flagged among them."""

    done: frozenset[str]
    admissions: tuple[Admission, ...]


class Leases:
    """What `store.leases` offers."""

    def __init__(self, database: Database, evidence: Evidence, clock: Clock, ids: Ids) -> None:
        self._db, self._evidence, self._clock, self._ids = database, evidence, clock, ids

    @contextmanager
    def worker(self) -> Iterator[str]:
        """A name for one worker. As long as this is held others see that it lives; its leases end with it, however it ends."""
        name = WORKER + self._ids.new()
        try:
            with self._db.alone(name):
                try:
                    yield name
                finally:
                    self.release(name)
        finally:
            with self._db.alone_now(name):
                pass  # tidies up what stood for the name

    def take(self, worker: str, limit: int) -> list[Item]:
        """Lease up to `limit` waiting items that nobody else holds, oldest first. Two that ask at once get different ones."""
        now = self._clock.now()
        free = (
            select(ItemRow.id, ItemRow.content_hash)
            .where(ItemRow.status == "pending", _takeable(now))
            .order_by(ItemRow.first_seen)
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True)
        )
        with self._db.writing(rows=True) as conn:
            versions = [(row.id, row.content_hash) for row in conn.execute(free)]
            mine = ItemRow.id.in_([item_id for item_id, _ in versions])
            conn.execute(update(ItemRow).where(mine).values(leased_by=worker, leased_until=now + LEASE))
            items = load_items(conn, versions)
        return [items[version] for version in versions if version in items]

    def renew(self, worker: str) -> int:
        """Hold on to what this worker still holds; returns how many items."""
        until = self._clock.now() + LEASE
        with self._db.writing() as conn:
            return conn.execute(update(ItemRow).where(ItemRow.leased_by == worker).values(leased_until=until)).rowcount

    def release(self, worker: str) -> int:
        """Give back what this worker holds and did not finish; returns how many items."""
        with self._db.writing() as conn:
            return _free(conn, worker)

    def settle(self, worker: str, dropped: Sequence[Decided], flagged: Sequence[admitting.Flagged]) -> Settled:
        """Write the verdicts on what this worker still holds, in one transaction: all or none. The rest is somebody else's by now."""
        now = self._clock.now()
        with self._db.writing() as conn:
            wanted = [item for item, _, _ in dropped] + [one.item for one in flagged]
            held = _held(conn, worker, wanted)
            drop_all(conn, [one for one in dropped if one[0].id in held], now)
            admissions = tuple(admitting.admit(conn, one, self._ids.new(), now) for one in flagged if one.item.id in held)
            mine = and_(ItemRow.leased_by == worker, ItemRow.id.in_(held))
            conn.execute(update(ItemRow).where(mine).values(leased_by=None, leased_until=None))
        blobs.collect(self._db, self._evidence)
        return Settled(held, admissions)

    def reconcile(self) -> int:
        """Take from the dead what they held, and finish removing what they noted for removal; returns how many items wait again."""
        now = self._clock.now()
        with self._db.reading() as conn:
            holders = conn.execute(select(ItemRow.leased_by).where(ItemRow.leased_by.is_not(None)).distinct()).scalars().all()
        freed = sum(self._free_if_dead(holder) for holder in {*holders, *self._db.left(WORKER)} if holder)
        with self._db.writing() as conn:
            ended = and_(ItemRow.leased_by.is_not(None), _takeable(now))
            freed += conn.execute(update(ItemRow).where(ended).values(leased_by=None, leased_until=None)).rowcount
        blobs.collect(self._db, self._evidence)
        return freed

    def _free_if_dead(self, holder: str) -> int:
        with self._db.alone_now(holder) as dead:
            return self.release(holder) if dead else 0


def _takeable(now: datetime) -> ColumnElement[bool]:
    """Nobody's, or run out. A lease that ends later than any could was given before the clock was set back."""
    return or_(ItemRow.leased_until.is_(None), ItemRow.leased_until <= now, ItemRow.leased_until > now + 2 * LEASE)


def _held(conn: Connection, worker: str, items: Sequence[Item]) -> frozenset[str]:
    """Those that are still leased to this worker, wait, and have the words that it read."""
    versions = {item.id: item.content_hash for item in items}
    query = select(ItemRow.id, ItemRow.content_hash).where(
        ItemRow.id.in_(list(versions)), ItemRow.leased_by == worker, ItemRow.status == "pending"
    )
    return frozenset(row.id for row in conn.execute(query) if versions[row.id] == row.content_hash)


def _free(conn: Connection, worker: str) -> int:
    return conn.execute(update(ItemRow).where(ItemRow.leased_by == worker).values(leased_by=None, leased_until=None)).rowcount
