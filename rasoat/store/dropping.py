"""What was not flagged goes: words, address and captures of many items in a handful of statements, whatever their number.

Nearly everything that is read is dropped, so that this is what an assessor asks most of the database. Hash, URL hash and counters stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.assessments import Assessment
from rasoat.items import CaptureMethod, Item
from rasoat.missing import or_none
from rasoat.store import blobs
from rasoat.store.counters import bump
from rasoat.store.encoding import assessment_to_json
from rasoat.store.erasing import strip_item
from rasoat.store.tables import AuditSliceRow, CaseItemRow, DroppedRow, ItemRow, TextRow

Decided = tuple[Item, Assessment, bool]
"""An item, what the models said, and whether its words are kept for ninety days to look for misses."""
_AT_ONCE: Final = 500
_IDS: Final[BindParameter[Sequence[str]]] = bindparam("ids", expanding=True)
_KNOWN: Final = select(ItemRow.id, ItemRow.content_hash, ItemRow.raw).where(ItemRow.id.in_(_IDS), ItemRow.status == "pending")
_IN_CASE: Final = select(CaseItemRow.item_id, CaseItemRow.content_hash).where(CaseItemRow.item_id.in_(_IDS)).order_by(CaseItemRow.joined_at)
_REMOVE_TEXTS: Final = delete(TextRow).where(TextRow.item_id.in_(_IDS))
_REMOVE_ITEMS: Final = delete(ItemRow).where(ItemRow.id.in_(_IDS))
_INSERT_DROPPED, _INSERT_AUDIT_SLICE = upsert(DroppedRow), upsert(AuditSliceRow)


def drop_all(conn: Connection, decided: Sequence[Decided], now: datetime) -> None:
    """Inside the caller's transaction. An item that changed meanwhile is left waiting; what was dropped before is left alone."""
    for at in range(0, len(decided), _AT_ONCE):
        _drop(conn, {one[0].id: one for one in decided[at : at + _AT_ONCE]}, now)


def _drop(conn: Connection, decided: dict[str, Decided], now: datetime) -> None:
    raws = {row.id: row.raw for row in conn.execute(_KNOWN, {"ids": list(decided)}) if row.content_hash == decided[row.id][0].content_hash}
    kept = {row.item_id: row.content_hash for row in conn.execute(_IN_CASE, {"ids": list(raws)})} if raws else {}
    for item_id, version in kept.items():  # the case keeps the words that it was opened on; only the newer ones go
        _drop_newer(conn, decided[item_id][0], version)
    going = [decided[item_id] for item_id in raws if item_id not in kept]
    if not going:
        return
    ids = [item.id for item, _, _ in going]
    bump(conn, captures_dropped=sum(len(item.captures) for item, _, _ in going), pages_dropped=sum(pages(item) for item, _, _ in going))
    blobs.note(conn, ((raw["sha256"], raw["sealed"]) for raw in map(raws.__getitem__, ids) if raw is not None))
    blobs.note_all_captures(conn, ids)
    conn.execute(_REMOVE_TEXTS, {"ids": ids})
    conn.execute(_REMOVE_ITEMS, {"ids": ids})
    conn.execute(_INSERT_DROPPED, [_remembered(item, now) for item, _, _ in going])
    if slices := list(_slices(going, now)):
        conn.execute(_INSERT_AUDIT_SLICE, slices)


def _remembered(item: Item, now: datetime) -> dict[str, Any]:
    return {"id": item.id, "content_hash": item.content_hash, "url_hash": item.url_hash, "dropped_at": now, "sightings": 1}


def _slices(decided: Iterable[Decided], now: datetime) -> Iterable[dict[str, Any]]:
    for item, assessment, audit in decided:
        if audit:
            yield {
                "item_id": item.id,
                "platform": item.platform.value,
                "source": item.source,
                "title": or_none(item.title),
                "text": item.text,
                "assessment": assessment_to_json(assessment),
                "kept_at": now,
            }


def _drop_newer(conn: Connection, item: Item, kept: str) -> None:
    gone = blobs.note_captures(conn, item.id, item.content_hash)
    bump(conn, captures_dropped=gone, pages_dropped=pages(item))
    conn.execute(delete(TextRow).where(TextRow.item_id == item.id, TextRow.content_hash == item.content_hash))
    has_words = conn.execute(select(TextRow.item_id).where(TextRow.item_id == item.id)).first() is not None
    values = {"content_hash": kept, "dropped_hash": item.content_hash, "status": "flagged"}
    conn.execute(update(ItemRow).where(ItemRow.id == item.id).values(values))
    if not has_words:  # the case was purged while these words waited
        strip_item(conn, item.id)


def pages(item: Item) -> int:
    """How many of its captures are fetched pages."""
    return sum(capture.method is CaptureMethod.FETCH for capture in item.captures)
