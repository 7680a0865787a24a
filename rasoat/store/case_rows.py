"""Cases as rows: `CaseFacts` in and out, decisions, readers, and all that a view shows. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.cases.decisions import Decision, NoticeChoice
from rasoat.cases.priority import Priority, priority
from rasoat.cases.states import CaseState, EventKind
from rasoat.cases.workflow import CaseFacts
from rasoat.errors import UsageError
from rasoat.harms import Harm, Severity
from rasoat.missing import from_none
from rasoat.store.encoding import assessment_from_json
from rasoat.store.item_rows import load_items
from rasoat.store.records import CaseItem, DecisionRecord
from rasoat.store.tables import AssessmentRow, CaseItemRow, CaseReaderRow, CaseRow, DecisionRow

CASE = CaseRow.__table__
_BY_ID = select(CASE)
_DECISION_SLOTS = ("first", "second", "ruling")


def load_row(conn: Connection, case_id: str, *, lock: bool = False) -> Any:
    """The case's row. `lock`: nobody else changes it until the transaction ends; a claim may run beside other writers.

    Raises:
        UsageError: there is no such case.
    """
    query = _BY_ID.where(CASE.c.id == case_id)
    row = conn.execute(query.with_for_update(key_share=True) if lock else query).first()
    if row is None or row.state is None:
        raise UsageError(f"there is no case {case_id}")
    return row


def facts_of(conn: Connection, row: Any) -> CaseFacts:
    """The row as the rules want it."""
    ids = {slot: getattr(row, f"{slot}_id") for slot in _DECISION_SLOTS}
    wanted = {value for value in ids.values() if value is not None}
    found: dict[str, Decision] = {}
    if wanted:
        query = select(DecisionRow.id, DecisionRow.body).where(DecisionRow.id.in_(wanted))
        found = {one.id: Decision.model_validate(one.body) for one in conn.execute(query) if one.body is not None}
    readers = conn.execute(select(CaseReaderRow.pseudonym).where(CaseReaderRow.case_id == row.id)).scalars()
    return CaseFacts(
        id=row.id,
        state=CaseState(row.state),
        suggested=Harm(row.suggested),
        sampled=row.sampled,
        since=row.since,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        first_reader=row.first_reader,
        second_reader=row.second_reader,
        adjudicator=row.adjudicator,
        approver=row.approver,
        readers=frozenset(readers),
        first=found.get(ids["first"] or ""),
        second=found.get(ids["second"] or ""),
        ruling=found.get(ids["ruling"] or ""),
        notice=None if row.notice is None else NoticeChoice(row.notice),
        fix_until=row.fix_until,
        deferred_until=row.deferred_until,
    )


def save_facts(conn: Connection, row: Any, before: CaseFacts, after: CaseFacts, decision: tuple[str, Decision] | None) -> None:
    """Write what a step changed, the state excepted: the event's trigger wrote that. `decision` is the new one with its id."""
    values: dict[str, Any] = {
        "since": after.since,
        "claimed_by": after.claimed_by,
        "claimed_until": after.claimed_until,
        "first_reader": after.first_reader,
        "second_reader": after.second_reader,
        "adjudicator": after.adjudicator,
        "approver": after.approver,
        "notice": None if after.notice is None else after.notice.value,
        "fix_until": after.fix_until,
        "deferred_until": after.deferred_until,
    }
    for slot in _DECISION_SLOTS:
        values[f"{slot}_id"] = _decision_id(getattr(row, f"{slot}_id"), getattr(before, slot), getattr(after, slot), decision)
    conn.execute(update(CaseRow).where(CaseRow.id == before.id).values(**values))
    if new := after.readers - before.readers:
        conn.execute(upsert(CaseReaderRow).on_conflict_do_nothing(), [{"case_id": before.id, "pseudonym": one} for one in sorted(new)])


def _decision_id(old_id: str | None, old: Decision | None, new: Decision | None, made: tuple[str, Decision] | None) -> str | None:
    if new is None:
        return None
    if made is not None and new is made[1]:
        return made[0]
    if new is not old:
        raise AssertionError("a step put a decision into the facts that is neither the old nor the new one")
    return old_id


def insert_decision(conn: Connection, record: DecisionRecord, seq: int) -> None:
    """Keep the free text of a step."""
    conn.execute(
        insert(DecisionRow),
        {
            "id": record.id,
            "case_id": record.case_id,
            "seq": seq,
            "stage": record.stage.value,
            "actor": record.actor,
            "at": record.at,
            "body": None if record.decision is None else record.decision.model_dump(mode="json"),
            "reason": record.reason,
            "channel": record.channel,
            "reference": record.reference,
        },
    )


def load_decisions(conn: Connection, case_id: str) -> tuple[DecisionRecord, ...]:
    """All that people wrote, in the order in which they acted."""
    query = select(DecisionRow.__table__).where(DecisionRow.case_id == case_id).order_by(DecisionRow.seq)
    return tuple(_decision(row) for row in conn.execute(query))


def _decision(row: Any) -> DecisionRecord:
    return DecisionRecord(
        id=row.id,
        case_id=row.case_id,
        stage=EventKind(row.stage),
        actor=row.actor,
        at=row.at,
        decision=None if row.body is None else Decision.model_validate(row.body),
        reason=row.reason,
        channel=row.channel,
        reference=row.reference,
    )


def load_case_items(conn: Connection, case_id: str) -> tuple[CaseItem, ...]:
    """The items of a case in the version that was flagged, lead first; those whose words are gone are left out."""
    query = (
        select(CaseItemRow.__table__, AssessmentRow.body)
        .outerjoin(AssessmentRow, AssessmentRow.id == CaseItemRow.assessment_id)
        .where(CaseItemRow.case_id == case_id)
        .order_by(CaseItemRow.lead.desc(), CaseItemRow.joined_at, CaseItemRow.item_id)
    )
    rows = conn.execute(query).all()
    items = load_items(conn, [(row.item_id, row.content_hash) for row in rows])
    return tuple(
        CaseItem(items[row.item_id, row.content_hash], assessment_from_json(row.body), row.lead, row.similarity)
        for row in rows
        if row.body is not None and (row.item_id, row.content_hash) in items
    )


def priority_of(row: Any, now: datetime) -> Priority:
    """Where the case stands in the queue, with its parts."""
    return priority(Severity(row.severity), row.probability, from_none(row.reach), row.items, row.opened_at, now)


def weight_of(severity: Severity, probability: float, reach: int | None, items: int, opened_at: datetime) -> float:
    """The part of the priority that time does not change."""
    return priority(severity, probability, from_none(reach), items, opened_at, opened_at).value
