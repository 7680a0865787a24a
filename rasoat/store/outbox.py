"""From SQL to the search index: what changed is noted in the transaction that changed it, and projected later, any number of times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, literal, select

from rasoat.cases.states import CaseState
from rasoat.ports import SearchDoc
from rasoat.store.columns import UtcTime
from rasoat.store.encoding import harms_of
from rasoat.store.tables import CaseItemRow, CaseRow, ItemRow, OutboxRow, TextRow

_HIDDEN = (CaseState.PURGED.value, CaseState.ESCALATED_CSE.value)
_INSERT = insert(OutboxRow)
_SOME = 5000  # bound values in one statement; SQLite allows 32,766


def mark_items(conn: Connection, item_ids: Iterable[str], now: datetime) -> None:
    """The index entries of these items are stale."""
    rows = [{"item_id": item_id, "at": now} for item_id in item_ids]
    if rows:
        conn.execute(_INSERT, rows)


def mark_case(conn: Connection, case_id: str, now: datetime) -> None:
    """The index entries of all items of a case are stale."""
    mine = select(CaseItemRow.item_id, literal(now, UtcTime())).where(CaseItemRow.case_id == case_id)
    conn.execute(_INSERT.from_select(["item_id", "at"], mine))


def waiting(conn: Connection, limit: int) -> list[tuple[int, str]]:
    """Number and item of the oldest notes."""
    return [(row.seq, row.item_id) for row in conn.execute(select(OutboxRow.seq, OutboxRow.item_id).order_by(OutboxRow.seq).limit(limit))]


def backlog(conn: Connection) -> tuple[int, datetime | None]:
    """How many notes wait, and since when the oldest does."""
    waits, oldest = conn.execute(select(func.count(), func.min(OutboxRow.at)).select_from(OutboxRow)).one()
    return int(waits), oldest


def done(conn: Connection, seqs: Sequence[int]) -> None:
    """The notes were carried out."""
    for start in range(0, len(seqs), _SOME):
        conn.execute(delete(OutboxRow).where(OutboxRow.seq.in_(seqs[start : start + _SOME])))


def documents(conn: Connection, item_ids: Sequence[str] | None = None, after: str = "", limit: int = 0) -> Iterator[SearchDoc]:
    """Items as the index shows them: in the words of their newest case. Those in no visible case yield nothing."""
    query = (
        select(
            CaseItemRow.item_id,
            CaseItemRow.case_id,
            CaseRow.state,
            CaseRow.flags,
            ItemRow.source,
            ItemRow.platform,
            ItemRow.url,
            ItemRow.published_at,
            ItemRow.captured_at,
            TextRow.title,
            TextRow.text,
        )
        .join(CaseRow, CaseRow.id == CaseItemRow.case_id)
        .join(ItemRow, ItemRow.id == CaseItemRow.item_id)
        .join(TextRow, (TextRow.item_id == CaseItemRow.item_id) & (TextRow.content_hash == CaseItemRow.content_hash))
        .where(CaseRow.state.not_in(_HIDDEN))
        .order_by(CaseItemRow.item_id, CaseItemRow.joined_at.desc(), CaseItemRow.case_id)
    )
    if item_ids is not None:
        query = query.where(CaseItemRow.item_id.in_(list(item_ids)))
    if limit:
        page = select(CaseItemRow.item_id).where(CaseItemRow.item_id > after).distinct().order_by(CaseItemRow.item_id).limit(limit)
        query = query.where(CaseItemRow.item_id.in_(page))
    last = ""
    for row in conn.execute(query):
        if row.item_id == last:
            continue
        last = row.item_id
        yield SearchDoc(
            id=row.item_id,
            case_id=row.case_id,
            state=row.state,
            codes=tuple(harm.value for harm in harms_of(row.flags)),
            source=row.source,
            platform=row.platform,
            title=row.title or "",
            text=row.text,
            url=row.url or "",
            published_at=row.published_at,
            captured_at=row.captured_at,
        )


def cases_of(conn: Connection, item_ids: Sequence[str]) -> dict[str, str]:
    """The case in whose words each item is shown."""
    return {doc.id: doc.case_id for doc in documents(conn, item_ids)} if item_ids else {}


def page_end(conn: Connection, after: str, limit: int) -> str | None:
    """The last item id of the page of `limit` items that starts after `after`; None when there is none."""
    page = select(CaseItemRow.item_id).where(CaseItemRow.item_id > after).distinct().order_by(CaseItemRow.item_id).limit(limit).subquery()
    return conn.execute(select(func.max(page.c.item_id))).scalar()


def count_documents(conn: Connection) -> int:
    """How many items the index should hold."""
    words = (TextRow.item_id == CaseItemRow.item_id) & (TextRow.content_hash == CaseItemRow.content_hash)
    query = select(func.count(func.distinct(CaseItemRow.item_id))).join(CaseRow, CaseRow.id == CaseItemRow.case_id).join(TextRow, words)
    return conn.execute(query.where(CaseRow.state.not_in(_HIDDEN))).scalar_one()
