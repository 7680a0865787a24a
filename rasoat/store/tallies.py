"""What the event log says over all cases: counts for the transparency report, and which requests were reversed."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from rasoat.cases.states import EventKind, Role
from rasoat.store.tables import CaseItemRow, CaseRow, EventRow, ItemRow

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


def reversed_addresses(conn: Connection) -> frozenset[str]:
    """`Item.url_hash` of every item whose request was reversed on complaint: it takes new facts to ask again."""
    wrong = select(EventRow.case_id).where(EventRow.kind == EventKind.REVERSED)
    query = select(ItemRow.url_hash).join(CaseItemRow, CaseItemRow.item_id == ItemRow.id).where(CaseItemRow.case_id.in_(wrong))
    return frozenset(conn.execute(query).scalars())
