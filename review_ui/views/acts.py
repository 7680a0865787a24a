"""What this person may do with this case now: the buttons of the page. The workflow decides again when one is pressed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rasoat.cases.states import BEFORE_DOSSIER, CaseState, Role
from rasoat.cases.workflow import Actor, CaseFacts, Staffing, readable_by, seal_problems
from rasoat.harms import NO_DOSSIER, Harm

S = CaseState
_NOTICE: Final = {Role.APPROVER, Role.SENDER, Role.POLICY_LEAD}
_ESCALATE: Final = {Role.REVIEWER, Role.APPROVER, Role.POLICY_LEAD, Role.SAFETY_OFFICER}
_COMPLAINT: Final = {S.PUBLISHER_NOTICE, S.DOSSIER_READY, S.SENT, S.ANSWERED, S.CLOSED, S.CLOSED_FIXED}
_HELD: Final = {
    S.REVIEW_1: ("code", "release"),
    S.REVIEW_2: ("second_read", "release"),
    S.ADJUDICATION: ("adjudicate", "release"),
    S.APPROVAL: ("approve", "reject", "release"),
}


def acts(facts: CaseFacts, actor: Actor, now: datetime, staffing: Staffing, *, can_seal: bool) -> tuple[str, ...]:
    """Names of the acts that are open, in the order in which the page shows them."""
    allowed: list[str] = []
    holder = facts.holder(now)
    if facts.suggested is not Harm.CSE:
        if holder is None and readable_by(facts, actor):
            allowed.append("claim")
        if holder == actor.pseudonym:
            allowed += _HELD.get(facts.state, ())
        allowed += _afterwards(facts, actor, now, staffing, can_seal=can_seal)
    if facts.state in BEFORE_DOSSIER and actor.roles & _ESCALATE:
        allowed.append("escalate")
    return tuple(allowed)


def _afterwards(facts: CaseFacts, actor: Actor, now: datetime, staffing: Staffing, *, can_seal: bool) -> list[str]:
    allowed = []
    if facts.state is S.PUBLISHER_NOTICE and actor.roles & _NOTICE:
        allowed += ["notice", "fixed"]
        if can_seal and not seal_problems(facts, now, staffing):
            allowed.append("seal")
        if Role.POLICY_LEAD in actor.roles or (facts.ruling and facts.ruling.harm in NO_DOSSIER and facts.notice is not None):
            allowed.append("close")
    if facts.state is S.WAIT_INFO and Role.REVIEWER in actor.roles:
        allowed.append("close")
    if facts.state is S.DOSSIER_READY and Role.SENDER in actor.roles:
        allowed.append("sent")
    if facts.state in (S.SENT, S.ANSWERED) and Role.SENDER in actor.roles:
        allowed.append("answer")
    if facts.state is S.ANSWERED and actor.roles & _NOTICE:
        allowed.append("close")
    if Role.COMPLAINT_PANEL in actor.roles:
        if facts.state in _COMPLAINT:
            allowed.append("complain")
        if facts.state is S.COMPLAINT and actor.pseudonym not in facts.readers | {facts.approver}:
            allowed.append("resolve")
    return allowed


def complaint_note(facts: CaseFacts, actor: Actor) -> str:
    """Message key of why this person neither notes nor decides a complaint here; empty where they may, or where there can be none."""
    if facts.suggested is Harm.CSE or facts.state not in _COMPLAINT | {S.COMPLAINT}:
        return ""
    if Role.COMPLAINT_PANEL not in actor.roles:
        return "complaint_desk_decides" if facts.state is S.COMPLAINT else "complaint_desk_notes"
    involved = actor.pseudonym in facts.readers | {facts.approver}
    return "complaint_involved" if involved and facts.state is S.COMPLAINT else ""
