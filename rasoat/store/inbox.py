"""What crawlers and importers found, until it is assessed: taken in, handed to the classifier, dropped or set aside.

Every method is one short transaction and can be repeated without harm. Knows no case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.assessments import Assessment
from rasoat.canonical import id_of
from rasoat.clock import Clock
from rasoat.errors import Quarantine, RetryLater
from rasoat.items import CaptureMethod, Item
from rasoat.missing import or_none
from rasoat.ports import Arrival, Unmapped
from rasoat.store import blobs
from rasoat.store.counters import bump
from rasoat.store.database import Database
from rasoat.store.dropping import drop_all, pages
from rasoat.store.encoding import blob_from_json, blob_to_json
from rasoat.store.evidence import Evidence
from rasoat.store.item_rows import blobs_of, insert_captures, insert_items, insert_text, item_values, load_items
from rasoat.store.tables import CaptureRow, CaseItemRow, DroppedRow, ItemRow, TextRow, UnmappedRow

_KNOWN: Final = select(ItemRow.content_hash, ItemRow.dropped_hash, ItemRow.status).where(ItemRow.id == bindparam("id"))
_DROPPED: Final = select(DroppedRow.content_hash).where(DroppedRow.id == bindparam("id"))
_SIGHTED: Final = update(DroppedRow).where(DroppedRow.id == bindparam("key")).values(sightings=DroppedRow.sightings + 1)
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_KNOWN_IDS: Final = select(ItemRow.id).where(ItemRow.id.in_(_IDS)).union_all(select(DroppedRow.id).where(DroppedRow.id.in_(_IDS)))
_RAW: Final = select(ItemRow.raw).where(ItemRow.id == bindparam("id"))
_UNLEASED: Final[dict[str, None]] = {"leased_by": None, "leased_until": None}
"""New words: whoever was assessing the old ones has lost the item."""


@dataclass(frozen=True, slots=True)
class UnmappedRecord:
    """An unmapped record with its number in the store."""

    id: str
    record: Unmapped
    run_id: str
    at: datetime


class SqlInbox:
    """`ports.Inbox` on SQL, and what the assess stage needs of it."""

    def __init__(self, database: Database, evidence: Evidence, clock: Clock) -> None:
        self._db, self._evidence, self._clock = database, evidence, clock

    def put(self, item: Item, *, run_id: str) -> Arrival:
        """Take one item with its captures.

        Raises:
            RetryLater: the disk is full, or a blob that the item names is not in the evidence store (any more): put it again.
            Quarantine: the text holds half a character and can be neither hashed nor stored.
        """
        return self.put_many([item], run_id=run_id)[0]

    def put_many(self, items: Sequence[Item], *, run_id: str) -> list[Arrival]:
        """`put` for several items in one transaction, some hundred at most. When it raises, none was taken."""
        if not items:
            return []
        hashed = [(item, _hash(item)) for item in items]
        with self._db.writing() as conn:
            new = self._insert_new(conn, hashed, run_id) if len(items) > 1 else {}
            arrivals = [
                Arrival.NEW if new.get(item.id) == at else self._put(conn, item, content_hash, run_id)
                for at, (item, content_hash) in enumerate(hashed)
            ]
        if any(arrival is Arrival.KNOWN_DROPPED and item.captures for arrival, item in zip(arrivals, items, strict=True)):
            blobs.collect(self._db, self._evidence)
        return arrivals

    def _insert_new(self, conn: Connection, hashed: Sequence[tuple[Item, str]], run_id: str) -> dict[str, int]:
        """Insert what nobody knows in one go. Ids, and where in the batch each comes first."""
        first = {item.id: at for at, (item, _) in reversed(list(enumerate(hashed)))}
        known = set(conn.execute(_KNOWN_IDS, {"ids": list(first)}).scalars())
        new = {item_id: at for item_id, at in first.items() if item_id not in known}
        for at in new.values():
            self._need_blobs(hashed[at][0])
        insert_items(conn, [hashed[at] for at in new.values()], run_id, self._clock.now())
        return new

    def _put(self, conn: Connection, item: Item, content_hash: str, run_id: str) -> Arrival:
        known = conn.execute(_KNOWN, {"id": item.id}).first()
        if known is None:
            return self._put_unknown(conn, item, content_hash, run_id)
        unkept = known.status == "purged" and known.content_hash == content_hash
        if unkept or known.dropped_hash == content_hash:
            _forget_captures(conn, item)
            return Arrival.KNOWN_DROPPED
        self._need_blobs(item)
        if known.content_hash == content_hash:
            insert_captures(conn, item, content_hash, run_id)
            return Arrival.SEEN_AGAIN
        if known.status in ("pending", "quarantined"):  # nobody has read the old words: only the new ones count
            discard_version(conn, item.id, known.content_hash)
        values = item_values(item)
        if values["raw_sha256"] is None:
            values.pop("raw"), values.pop("raw_sha256")
        else:
            _note_raw(conn, item.id)
        conn.execute(
            update(ItemRow)
            .where(ItemRow.id == item.id)
            .values(**values, content_hash=content_hash, dropped_hash=None, status="pending", problem="", run_id=run_id, **_UNLEASED)
        )
        insert_text(conn, item, content_hash)
        insert_captures(conn, item, content_hash, run_id)
        return Arrival.CHANGED

    def _put_unknown(self, conn: Connection, item: Item, content_hash: str, run_id: str) -> Arrival:
        dropped = conn.execute(_DROPPED, {"id": item.id}).scalar()
        if dropped == content_hash:
            conn.execute(_SIGHTED, {"key": item.id})
            _forget_captures(conn, item)
            return Arrival.KNOWN_DROPPED
        self._need_blobs(item)
        insert_items(conn, [(item, content_hash)], run_id, self._clock.now())
        if dropped is None:
            return Arrival.NEW
        conn.execute(delete(DroppedRow).where(DroppedRow.id == item.id))
        return Arrival.CHANGED

    def _need_blobs(self, item: Item) -> None:
        refs = [capture.blob for capture in item.captures]
        if (raw := or_none(item.raw)) is not None:
            refs.append(raw)
        for ref in refs:
            if not self._evidence.has(ref):
                raise RetryLater(f"evidence {ref.sha256[:12]}… of item {item.id[:12]}… is not there: put the bytes first, then the item")

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None:
        """Take one record that could not be mapped; the same record at the same place is one row, with the newest reason."""
        values: dict[str, Any] = {
            "id": id_of((record.source, record.mapper, record.position, record.raw.sha256))[:32],
            "source": record.source,
            "mapper": record.mapper,
            "mapper_version": record.mapper_version,
            "position": record.position,
            "problem": record.problem,
            "raw": blob_to_json(record.raw),
            "raw_sha256": record.raw.sha256,
            "run_id": run_id,
            "at": self._clock.now(),
        }
        newest = {key: values[key] for key in ("mapper_version", "problem", "run_id")}
        with self._db.writing() as conn:
            conn.execute(upsert(UnmappedRow).on_conflict_do_update(index_elements=["id"], set_=newest), values)

    def unmapped(self, source: str | None = None) -> list[UnmappedRecord]:
        """Records that wait for a better mapper, oldest first."""
        query = select(UnmappedRow.__table__).order_by(UnmappedRow.at, UnmappedRow.id)
        if source is not None:
            query = query.where(UnmappedRow.source == source)
        with self._db.reading() as conn:
            return [_unmapped(row) for row in conn.execute(query)]

    def resolve_unmapped(self, record_id: str) -> None:
        """The record was mapped after all: its raw bytes go unless an item names them now. No error when absent."""
        with self._db.writing() as conn:
            raw = conn.execute(select(UnmappedRow.raw).where(UnmappedRow.id == record_id)).scalar()
            if raw is None:
                return
            conn.execute(delete(UnmappedRow).where(UnmappedRow.id == record_id))
            blobs.note(conn, [(raw["sha256"], raw["sealed"])])
        blobs.collect(self._db, self._evidence)

    def pending(self, limit: int) -> list[Item]:
        """Items that wait for assessment, oldest first."""
        query = select(ItemRow.id, ItemRow.content_hash).where(ItemRow.status == "pending").order_by(ItemRow.first_seen).limit(limit)
        with self._db.reading() as conn:
            versions = [(row.id, row.content_hash) for row in conn.execute(query)]
            items = load_items(conn, versions)
        return [items[version] for version in versions]

    def count_pending(self) -> int:
        """How many wait."""
        with self._db.reading() as conn:
            return conn.execute(select(func.count()).select_from(ItemRow).where(ItemRow.status == "pending")).scalar_one()

    def drop(self, item: Item, assessment: Assessment, *, audit: bool) -> None:
        """The item is not flagged: words, address and captures go; hash, URL hash and counters stay. `audit` keeps the words 90 days."""
        self.drop_many([(item, assessment, audit)])

    def drop_many(self, decided: list[tuple[Item, Assessment, bool]]) -> None:
        """`drop` for several items in one transaction: `(item, assessment, audit)`. An item that changed meanwhile is left waiting."""
        now = self._clock.now()
        with self._db.writing() as conn:
            drop_all(conn, decided, now)
        blobs.collect(self._db, self._evidence)

    def quarantine(self, item_id: str, problem: str) -> bool:
        """Set an item aside that can never be assessed; it waits again when its words change. Whether it was waiting."""
        with self._db.writing() as conn:
            waiting = (ItemRow.id == item_id) & (ItemRow.status == "pending")
            done = conn.execute(update(ItemRow).where(waiting).values(status="quarantined", problem=problem[:500]))
            return done.rowcount > 0

    def quarantined(self) -> list[tuple[str, str]]:
        """Item id and problem of everything set aside."""
        query = select(ItemRow.id, ItemRow.problem).where(ItemRow.status == "quarantined").order_by(ItemRow.first_seen)
        with self._db.reading() as conn:
            return [(row.id, row.problem) for row in conn.execute(query)]


def _hash(item: Item) -> str:
    try:
        return item.content_hash
    except UnicodeEncodeError as error:
        raise Quarantine(f"item {item.id[:12]}… holds half a character (a lone surrogate) at {error.start}") from error


def discard_version(conn: Connection, item_id: str, content_hash: str) -> None:
    """Remove the words and captures of one version, unless a case rests on it."""
    if conn.execute(select(CaseItemRow.case_id).where(CaseItemRow.item_id == item_id, CaseItemRow.content_hash == content_hash)).first():
        return
    methods = select(CaptureRow.method).where(CaptureRow.item_id == item_id, CaptureRow.content_hash == content_hash)
    pages = sum(method == CaptureMethod.FETCH.value for method in conn.execute(methods).scalars())
    bump(conn, captures_dropped=blobs.note_captures(conn, item_id, content_hash), pages_dropped=pages)
    conn.execute(delete(TextRow).where(TextRow.item_id == item_id, TextRow.content_hash == content_hash))


def _note_raw(conn: Connection, item_id: str) -> None:
    raw = conn.execute(_RAW, {"id": item_id}).scalar()
    if raw is not None:
        blobs.note(conn, [(raw["sha256"], raw["sealed"])])


def _forget_captures(conn: Connection, item: Item) -> None:
    bump(conn, captures_dropped=len(item.captures), pages_dropped=pages(item))
    blobs.note(conn, blobs_of(item))


def _unmapped(row: Any) -> UnmappedRecord:
    record = Unmapped(row.source, row.mapper, row.mapper_version, row.position, row.problem, blob_from_json(row.raw))
    return UnmappedRecord(row.id, record, row.run_id, row.at)
