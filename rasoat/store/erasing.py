"""Takes the words out of a case: texts, captures, raw records, assessments, and what people wrote. The skeleton and the chain stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from rasoat.cases.states import EventKind
from rasoat.store import blobs
from rasoat.store.counters import bump
from rasoat.store.outbox import mark_case
from rasoat.store.tables import (
    AssessmentRow,
    BandRow,
    CaptureRow,
    CaseItemRow,
    CaseRow,
    DecisionRow,
    ItemRow,
    SignatureRow,
    TextRow,
)


def erase_case(conn: Connection, case_id: str, now: datetime, *, purge: bool) -> int:
    """Erase inside the caller's transaction; returns how many items lost their words. An item that another live case rests on keeps them.

    Blobs are marked; `blobs.collect` removes them after the commit.
    """
    mark_case(conn, case_id, now)
    items = conn.execute(select(CaseItemRow.item_id).where(CaseItemRow.case_id == case_id)).scalars().all()
    conn.execute(update(CaseRow).where(CaseRow.id == case_id).values(erased=True, first_id=None, second_id=None, ruling_id=None))
    for item_id in items:
        _erase_item(conn, item_id)
    # The one line that an escalation consists of stays until the case is purged; all else that people wrote goes.
    mine = DecisionRow.case_id == case_id
    if not purge:
        mine = mine & (DecisionRow.stage != EventKind.ESCALATED.value)
    conn.execute(update(DecisionRow).where(mine).values(body=None, reason="", channel="", reference=""))
    conn.execute(delete(BandRow).where(BandRow.case_id == case_id))
    conn.execute(delete(SignatureRow).where(SignatureRow.case_id == case_id))
    return len(items)


def _erase_item(conn: Connection, item_id: str) -> None:
    """Words and captures that no live case rests on go. A version that still waits for assessment is nobody's yet and stays."""
    live = (
        select(CaseItemRow.content_hash)
        .join(CaseRow, CaseRow.id == CaseItemRow.case_id)
        .where(CaseItemRow.item_id == item_id, CaseRow.erased.is_(False))
    )
    keep = set(conn.execute(live).scalars())
    item = conn.execute(select(ItemRow.content_hash, ItemRow.status).where(ItemRow.id == item_id)).one()
    if item.status == "pending":
        keep.add(item.content_hash)
    for version in conn.execute(select(TextRow.content_hash).where(TextRow.item_id == item_id)).scalars().all():
        if version not in keep:
            _erase_version(conn, item_id, version)
    if not keep:
        strip_item(conn, item_id)


def strip_item(conn: Connection, item_id: str) -> None:
    """Nothing of the item is kept any more but its hashes, so that it is known when it is seen again."""
    raw = conn.execute(select(ItemRow.raw).where(ItemRow.id == item_id)).scalar()
    if raw is not None:
        blobs.note(conn, [(raw["sha256"], raw["sealed"])])
    gone = dict.fromkeys(("url", "raw", "raw_sha256", "publisher_kind", "publisher_name", "reach"))
    conn.execute(update(ItemRow).where(ItemRow.id == item_id).values(status="purged", locator="", problem="", **gone))


def _erase_version(conn: Connection, item_id: str, version: str) -> None:
    methods = (
        conn.execute(select(CaptureRow.method).where(CaptureRow.item_id == item_id, CaptureRow.content_hash == version)).scalars().all()
    )
    bump(conn, captures_dropped=len(methods), pages_dropped=methods.count("fetch"))
    blobs.note_captures(conn, item_id, version)
    conn.execute(delete(TextRow).where(TextRow.item_id == item_id, TextRow.content_hash == version))
    conn.execute(delete(AssessmentRow).where(AssessmentRow.item_id == item_id, AssessmentRow.content_hash == version))
