"""Numbers: what was counted before it was removed, and the flat summary that `rasoat db counts` prints."""

from __future__ import annotations

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.cases.states import CLOSED_STATES, CaseState, EventKind
from rasoat.items import CaptureMethod
from rasoat.store.tables import (
    AccountRow,
    AuditSliceRow,
    CaptureRow,
    CaseRow,
    CounterRow,
    DossierRow,
    DroppedRow,
    EventRow,
    ItemRow,
    OutboxRow,
    TrashRow,
    UnmappedRow,
)
from rasoat.store.tables_work import DeadLetterRow

_BUMP = upsert(CounterRow)
_BUMP = _BUMP.on_conflict_do_update(index_elements=["name"], set_={"value": CounterRow.value + _BUMP.excluded.value})


def bump(conn: Connection, **by: int) -> None:
    """Add to counters."""
    rows = [{"name": name, "value": value} for name, value in by.items() if value]
    if rows:
        conn.execute(_BUMP, rows)


def counter(conn: Connection, name: str) -> int:
    """The value of a counter; 0 when it was never bumped."""
    return conn.execute(select(CounterRow.value).where(CounterRow.name == name)).scalar() or 0


def counts(conn: Connection) -> dict[str, int]:
    """`items = pending + assessed + quarantined`; `assessed = flagged + dropped`; `audit` is a part of `dropped`."""
    status = {row[0]: row[1] for row in conn.execute(select(ItemRow.status, func.count()).group_by(ItemRow.status))}
    states = {row[0]: row[1] for row in conn.execute(select(CaseRow.state, func.count()).group_by(CaseRow.state))}
    dropped = _rows(conn, DroppedRow)
    flagged = status.get("flagged", 0) + status.get("purged", 0)
    pages = conn.execute(select(func.count()).select_from(CaptureRow).where(CaptureRow.method == CaptureMethod.FETCH.value)).scalar_one()
    ended = {*CLOSED_STATES, CaseState.PURGED, CaseState.ESCALATED_CSE}
    return {
        "pages": pages + counter(conn, "pages_dropped"),
        "captures": _rows(conn, CaptureRow) + counter(conn, "captures_dropped"),
        "items": sum(status.values()) + dropped,
        "pending": status.get("pending", 0),
        "assessed": flagged + dropped,
        "flagged": flagged,
        "dropped": dropped,
        "audit": _rows(conn, AuditSliceRow),
        "quarantined": status.get("quarantined", 0),
        "unmapped": _rows(conn, UnmappedRow),
        "cases": sum(states.values()),
        "open": sum(count for state, count in states.items() if state not in ended),
        "closed": sum(count for state, count in states.items() if state in CLOSED_STATES),
        "escalated": states.get(CaseState.ESCALATED_CSE, 0),
        "purged": states.get(CaseState.PURGED, 0),
        "sealed": conn.execute(select(func.count(func.distinct(EventRow.case_id))).where(EventRow.kind == EventKind.SEALED)).scalar_one(),
        "dossiers": _rows(conn, DossierRow),
        "accounts": _rows(conn, AccountRow),
        "unprojected": _rows(conn, OutboxRow),
        "dead_letters": _rows(conn, DeadLetterRow),
        "blobs_to_remove": _rows(conn, TrashRow),
    }


def _rows(conn: Connection, table: type) -> int:
    return conn.execute(select(func.count()).select_from(table)).scalar_one()
