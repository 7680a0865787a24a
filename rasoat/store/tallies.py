"""Counts over the event log for the transparency report: from the append-only events and nothing else."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from rasoat.cases.states import EventKind, Role
from rasoat.store.tables import CaseRow, EventRow

VERDICTS = (EventKind.CODED, EventKind.SECOND_READ, EventKind.ADJUDICATED, EventKind.APPROVED, EventKind.REJECTED)


def tally(conn: Connection) -> dict[tuple[str, EventKind], int]:
    """How many cases of each suggested harm had each kind of event, `(harm, kind)` to count."""
    counted = func.count(func.distinct(EventRow.case_id))
    query = select(CaseRow.suggested, EventRow.kind, counted).join(CaseRow, CaseRow.id == EventRow.case_id)
    return {(harm, EventKind(kind)): n for harm, kind, n in conn.execute(query.group_by(CaseRow.suggested, EventRow.kind))}


def verdicts_without_a_person(conn: Connection) -> int:
    """Verdicts that no person gave. The charter says 0; the state machine allows no other number."""
    query = select(func.count()).select_from(EventRow)
    return conn.execute(query.where(EventRow.kind.in_(VERDICTS), EventRow.role == Role.SYSTEM)).scalar_one()
