"""Who still needs a blob. Rows go first, with a note in `blob_trash`, in one commit; files go after it, and again after a crash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, CompoundSelect, Connection, Text, and_, bindparam, cast, delete, exists, or_, select, union
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.items import BlobRef
from rasoat.store.database import Database
from rasoat.store.evidence import Evidence
from rasoat.store.tables import CaptureRow, ItemRow, TrashRow, UnmappedRow

ORPHAN_SECONDS: Final = 24 * 3600.0
"""A blob that no row names belongs to a crawl that is on its way, or to one that died; after a day it is the latter."""
_NOTE = upsert(TrashRow).on_conflict_do_nothing()
_OF_ITEM = and_(
    CaptureRow.item_id == bindparam("item"),
    or_(cast(bindparam("version"), Text).is_(None), CaptureRow.content_hash == bindparam("version")),
)
_MINE, _FORGET = select(CaptureRow.blob).where(_OF_ITEM), delete(CaptureRow).where(_OF_ITEM)
_ITEMS: BindParameter[Sequence[str]] = bindparam("items", expanding=True)
_THEIRS, _FORGET_THEIRS = (
    select(CaptureRow.blob).where(CaptureRow.item_id.in_(_ITEMS)),
    delete(CaptureRow).where(CaptureRow.item_id.in_(_ITEMS)),
)
_SHA256: BindParameter[str] = bindparam("sha256")
_NEEDED = select(
    or_(
        exists().where(CaptureRow.blob_sha256 == _SHA256),
        exists().where(ItemRow.raw_sha256 == _SHA256),
        exists().where(UnmappedRow.raw_sha256 == _SHA256),
    )
)
_THESE: BindParameter[Sequence[str]] = bindparam("these", expanding=True)
_ALL_NEEDED: CompoundSelect[Any] = union(
    select(CaptureRow.blob_sha256).where(CaptureRow.blob_sha256.in_(_THESE)),
    select(ItemRow.raw_sha256).where(ItemRow.raw_sha256.in_(_THESE)),
    select(UnmappedRow.raw_sha256).where(UnmappedRow.raw_sha256.in_(_THESE)),
)
_MARKED = select(TrashRow.sha256, TrashRow.sealed).limit(bindparam("most"))
_UNMARK = delete(TrashRow).where(TrashRow.sha256 == bindparam("key"), TrashRow.sealed == bindparam("seal"))


def note(conn: Connection, blobs: Iterable[tuple[str, bool]]) -> None:
    """Mark blobs for removal; those that another row still names will stay."""
    rows = [{"sha256": sha256, "sealed": sealed} for sha256, sealed in dict.fromkeys(blobs)]
    if rows:
        conn.execute(_NOTE, rows)


def note_captures(conn: Connection, item_id: str, content_hash: str | None = None) -> int:
    """Delete the captures of an item (of one version, or of all) and mark their blobs; returns how many there were."""
    mine = {"item": item_id, "version": content_hash}
    found = conn.execute(_MINE, mine).scalars().all()
    if found:
        note(conn, ((blob["sha256"], blob["sealed"]) for blob in found))
        conn.execute(_FORGET, mine)
    return len(found)


def note_all_captures(conn: Connection, item_ids: Sequence[str]) -> None:
    """`note_captures` of all versions of many items."""
    these = {"items": list(item_ids)}
    note(conn, ((blob["sha256"], blob["sealed"]) for blob in conn.execute(_THEIRS, these).scalars()))
    conn.execute(_FORGET_THEIRS, these)


def needed(conn: Connection, sha256: str) -> bool:
    """Whether any row names the blob."""
    return bool(conn.execute(_NEEDED, {"sha256": sha256}).scalar())


def collect(database: Database, evidence: Evidence, limit: int = 200) -> int:
    """Remove marked blobs that nobody needs. Holds the write lock, so that no item can name one in the meantime.

    Raises:
        RetryLater: the evidence store is away; what was marked stays marked, and the next call removes it.
    """
    with database.reading() as conn:
        if not conn.execute(_MARKED, {"most": 1}).first():
            return 0
    with database.writing() as conn:
        marked = conn.execute(_MARKED, {"most": limit}).all()
        if not marked:  # somebody else was faster
            return 0
        kept = set(conn.execute(_ALL_NEEDED, {"these": [row.sha256 for row in marked]}).scalars())
        gone = [BlobRef(sha256, 0, "", sealed) for sha256, sealed in marked if sha256 not in kept]
        evidence.delete_many(gone)
        conn.execute(_UNMARK, [{"key": sha256, "seal": sealed} for sha256, sealed in marked])
    return len(gone)


def sweep(database: Database, evidence: Evidence) -> int:
    """Remove what lies with the evidence and belongs to nobody; returns how many. Looks at everything; locks only for what may go."""
    evidence.sweep_unfinished()
    removed = 0
    while step := collect(database, evidence):
        removed += step
    for ref, age in evidence.all():
        if age > ORPHAN_SECONDS:
            with database.reading() as conn:
                kept = needed(conn, ref.sha256)
            removed += 0 if kept else _remove_orphan(database, evidence, ref)
    return removed


def _remove_orphan(database: Database, evidence: Evidence, ref: BlobRef) -> int:
    """Asked again under the lock, and its age too: somebody may have put it and named it since it was listed."""
    with database.writing() as conn:
        age = evidence.age(ref)
        if age is None or age <= ORPHAN_SECONDS or needed(conn, ref.sha256):
            return 0
        evidence.delete(ref)
        return 1
