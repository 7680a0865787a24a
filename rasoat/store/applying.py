"""One command on one case, whole: the rules are asked, the quote is checked, event, row, free text and index note are written together."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, update

from rasoat import __version__
from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.decisions import Decision, NoticeChoice
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.cases.workflow import Actor, CaseFacts, Staffing, Step, step
from rasoat.clock import rfc3339
from rasoat.errors import UsageError
from rasoat.store import chain
from rasoat.store.case_rows import facts_of, insert_decision, load_row, save_facts
from rasoat.store.erasing import erase_case
from rasoat.store.outbox import mark_case
from rasoat.store.records import DecisionRecord, EventRecord
from rasoat.store.tables import CaseItemRow, CaseRow, DossierRow, TextRow

S, E, R = CaseState, EventKind, Role
_TAKING: Final = {S.ADJUDICATION: R.POLICY_LEAD, S.APPROVAL: R.APPROVER}
OF_ONE_CASE: Final = (c.Claim, c.Release, c.Code, c.SecondRead, c.Adjudicate, c.Approve, c.Reject)
"""They read and change their case alone, whose row `apply` locks: they need no write lock. The others ask who works here, or erase."""
_ACTS_AS: Final[dict[EventKind, tuple[Role, ...]]] = {
    E.CODED: (R.REVIEWER,),
    E.SECOND_READ: (R.REVIEWER,),
    E.ADJUDICATED: (R.POLICY_LEAD,),
    E.APPROVED: (R.APPROVER,),
    E.REJECTED: (R.APPROVER,),
    E.NOTICE_GIVEN: (R.APPROVER, R.SENDER, R.POLICY_LEAD),
    E.FIXED: (R.APPROVER, R.SENDER, R.POLICY_LEAD),
    E.SEALED: (R.APPROVER, R.SENDER, R.POLICY_LEAD),
    E.SENT: (R.SENDER,),
    E.ANSWERED: (R.SENDER,),
    E.COMPLAINED: (R.COMPLAINT_PANEL,),
    E.UPHELD: (R.COMPLAINT_PANEL,),
    E.REVERSED: (R.COMPLAINT_PANEL,),
    E.ESCALATED: (R.SAFETY_OFFICER, R.REVIEWER, R.APPROVER, R.POLICY_LEAD),
    E.CLOSED: (R.SENDER, R.APPROVER, R.POLICY_LEAD, R.REVIEWER),
}


def apply(
    conn: Connection, case_id: str, command: c.Command, actor: Actor, now: datetime, staffing: Staffing, claim_minutes: int, new_id: str
) -> tuple[CaseFacts, EventRecord]:
    """Carry out one command inside the caller's write transaction.

    Raises:
        UsageError: no such case, or a quote outside its item, or a dossier of another case.
        WorkflowError: the rules forbid it (`rasoat.cases.workflow.step`).
    """
    row = load_row(conn, case_id, lock=True)
    facts = facts_of(conn, row)
    done = step(facts, command, actor, now, staffing=staffing, claim_minutes=claim_minutes)
    decision = getattr(command, "decision", None)
    _check_quote(conn, case_id, decision)
    _check_dossier(conn, case_id, command)
    payload = _payload(command, decision, new_id)
    event = chain.append(conn, case_id, done.event, done.after.state, actor.pseudonym, _role(done, actor), now, payload)
    record = _free_text(command, case_id, event, decision, new_id)
    if record is not None:
        insert_decision(conn, record, event.seq)
    save_facts(conn, row, facts, done.after, None if decision is None else (new_id, decision))
    _side_effects(conn, case_id, command, done, now)
    mark_case(conn, case_id, now)
    return done.after, event


def _side_effects(conn: Connection, case_id: str, command: c.Command, done: Step, now: datetime) -> None:
    if isinstance(command, c.GiveNotice) and command.choice is NoticeChoice.SENT:
        conn.execute(update(CaseRow).where(CaseRow.id == case_id).values(informed_at=now))
    if done.event in (E.ESCALATED, E.PURGED):
        # Child safety: nothing is kept here beyond the number and the time, from this very commit on (docs/retention.md).
        erase_case(conn, case_id, now, purge=done.event is E.PURGED)


def _check_quote(conn: Connection, case_id: str, decision: Decision | None) -> None:
    if decision is None or decision.quote is None:
        return
    quote = decision.quote
    query = (
        select(TextRow.text)
        .join(CaseItemRow, (CaseItemRow.item_id == TextRow.item_id) & (CaseItemRow.content_hash == TextRow.content_hash))
        .where(CaseItemRow.case_id == case_id, CaseItemRow.item_id == quote.item_id)
    )
    words = conn.execute(query).scalar()
    if words is None:
        raise UsageError("the quoted item is not part of this case")
    if not quote.start < quote.end <= len(words):
        raise UsageError(f"the quote {quote.start}..{quote.end} lies outside its item, which has {len(words)} characters")
    if not words[quote.start : quote.end].strip():
        raise UsageError("the quote holds no words")


def _check_dossier(conn: Connection, case_id: str, command: c.Command) -> None:
    if not isinstance(command, c.Seal):
        return
    row = conn.execute(select(DossierRow.case_id, DossierRow.sha256).where(DossierRow.id == command.dossier_id)).first()
    if row is not None and (row.case_id, row.sha256) != (case_id, command.pack_sha256):
        raise UsageError(f"dossier {command.dossier_id} belongs to another case or is another file")


def _role(done: Step, actor: Actor) -> Role:
    """The one of the actor's roles that the rules asked for."""
    if done.event in (E.CLAIMED, E.RELEASED):
        wanted: tuple[Role, ...] = (_TAKING.get(done.before.state, R.REVIEWER),)
    else:
        wanted = _ACTS_AS.get(done.event, ())
    return next((role for role in wanted if role in actor.roles), min(actor.roles))


def _payload(command: c.Command, decision: Decision | None, new_id: str) -> chain.Payload:
    """Codes, numbers and hashes only: no word that a person or an item said."""
    payload: chain.Payload = {"software": __version__}
    reason = getattr(command, "reason", "") or getattr(command, "grounds", "")
    if reason:
        payload["reason_hash"] = sha256_hex(reason.encode())
    if decision is not None:
        payload.update(_decision_payload(decision, new_id))
    match command:
        case c.Reject():
            payload["again"] = command.again
        case c.GiveNotice():
            payload["choice"] = command.choice.value
            payload["deferral"] = None if command.deferral is None else command.deferral.value
            payload["deferred_until"] = None if command.deferred_until is None else rfc3339(command.deferred_until)
            payload["no_contact"] = None if command.no_contact is None else command.no_contact.value
        case c.Seal():
            payload.update(dossier_id=command.dossier_id, pack_sha256=command.pack_sha256)
        case c.RecordAnswer():
            payload["answer"] = command.answer.value
        case c.Purge():
            payload["rule"] = command.rule
        case _:
            pass
    return payload


def _decision_payload(decision: Decision, decision_id: str) -> chain.Payload:
    payload: chain.Payload = {
        "decision_id": decision_id,
        "outcome": decision.outcome.value,
        "secondary": [harm.value for harm in decision.secondary],
        "context": sorted(box.value for box in decision.context),
        "measure": None if decision.measure is None else decision.measure.value,
        "policy_ground": decision.policy_ground,
        "legal_grounds": list(decision.legal_grounds),
        "expression_risk": decision.expression_risk.value,
        "overrules_scope_warning": decision.overrules_scope_warning,
        "decision_hash": sha256_hex(decision.reason.encode()),
    }
    if decision.quote is not None:
        payload.update(quote_item=decision.quote.item_id, quote_start=decision.quote.start, quote_end=decision.quote.end)
    return payload


def _free_text(command: c.Command, case_id: str, event: EventRecord, decision: Decision | None, new_id: str) -> DecisionRecord | None:
    if isinstance(command, c.Claim | c.Release | c.Seal | c.Purge):
        return None
    reason = getattr(command, "reason", "") or getattr(command, "grounds", "")
    channel, reference = getattr(command, "channel", ""), getattr(command, "reference", "")
    return DecisionRecord(new_id, case_id, event.kind, event.actor, event.at, decision, reason, channel, reference)
