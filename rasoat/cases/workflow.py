"""`step`: one command by one person on one case, or the reason why not. Pure, so that every rule can be tested by property.

Separation of duties lives here and nowhere else; the database repeats the arrows (`states.TRANSITIONS`) as a trigger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from rasoat.cases import commands as c
from rasoat.cases.decisions import Decision, ExpressionRisk, NoticeChoice
from rasoat.cases.states import TRANSITIONS, CaseState, EventKind, Role
from rasoat.errors import Conflict, IllegalTransition, NotPermitted
from rasoat.harms import BLIND_SECOND_READING, FIX_FIRST, NO_DOSSIER, Harm, Outcome

S, E = CaseState, EventKind

FIX_DAYS: Final = 14  # fix-first window
DEFERRAL_DAYS: Final = 30  # longest deferral of the publisher's notice
WAIT_DAYS: Final = 14  # WAIT_INFO ends in NONE
MIN_STAFF: Final = 3  # with fewer people the tool only advises


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, by pseudonym. Names stay in the accounts table."""

    pseudonym: str
    roles: frozenset[Role]


SYSTEM: Final = Actor("system", frozenset({Role.SYSTEM}))


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """All that the rules need to know about a case. The row in SQL is this, derived from the events."""

    id: str
    state: CaseState
    suggested: Harm  # what the machine put first when the case was opened
    sampled: bool  # drawn for a blind second reading whatever the code
    since: datetime  # in this state since
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    first_reader: str | None = None
    second_reader: str | None = None
    adjudicator: str | None = None
    approver: str | None = None
    readers: frozenset[str] = frozenset()  # everybody who ever gave a verdict, in any round
    first: Decision | None = None
    second: Decision | None = None
    ruling: Decision | None = None  # what the case now rests on
    notice: NoticeChoice | None = None
    fix_until: datetime | None = None
    deferred_until: datetime | None = None

    def holder(self, now: datetime) -> str | None:
        """Who holds the claim at this moment."""
        return self.claimed_by if self.claimed_until is not None and now < self.claimed_until else None


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who there is. Checked before anything leaves the house."""

    people: int
    complaint_desk: frozenset[str]  # pseudonyms


@dataclass(frozen=True, slots=True)
class Step:
    """An allowed move: the event to append and the facts after it."""

    event: EventKind
    before: CaseFacts
    after: CaseFacts


def step(facts: CaseFacts, command: c.Command, actor: Actor, now: datetime, *, staffing: Staffing, claim_minutes: int = 30) -> Step:
    """What `command` by `actor` does to the case.

    Raises:
        IllegalTransition: the state has no such arrow.
        NotPermitted: the role is missing, or the same person acted in another part of this case.
        Conflict: somebody else holds the claim.
    """
    event, after = _RULES[type(command)](facts, command, actor, now, staffing, claim_minutes)
    if (event, facts.state, after.state) not in TRANSITIONS:
        raise IllegalTransition(f"a case in state '{facts.state}' cannot be {event}")
    if after.state is not facts.state:
        after = replace(after, since=now)
    return Step(event, facts, after)


def readable_by(facts: CaseFacts, actor: Actor) -> bool:
    """Whether this person may take the case in its present state: role and separation of duties, claims aside."""
    try:
        _may_take(facts, actor)
    except (NotPermitted, IllegalTransition):
        return False
    return True


def needs_second_reading(decision: Decision, sampled: bool) -> bool:
    """Always for the blind codes, for the sample, for high risk, and when a scope warning was overruled."""
    return decision.harm in BLIND_SECOND_READING or sampled or needs_policy_lead(decision)


def needs_policy_lead(decision: Decision) -> bool:
    """High risk to expression, or a scope warning overruled: the policy lead signs too."""
    return decision.expression_risk is ExpressionRisk.HIGH or decision.overrules_scope_warning or decision.harm is Harm.AGG


_TAKERS: Final = {
    S.TRIAGE: Role.REVIEWER,
    S.REVIEW_1: Role.REVIEWER,  # free again when the claim ran out
    S.WAIT_INFO: Role.REVIEWER,
    S.REVIEW_2: Role.REVIEWER,
    S.ADJUDICATION: Role.POLICY_LEAD,
    S.APPROVAL: Role.APPROVER,
}
_NO_HARM_STATE: Final = {Outcome.NONE: S.CLOSED_NONE, Outcome.OOS: S.CLOSED_OOS, Outcome.DUP: S.CLOSED_DUP, Outcome.CTX: S.WAIT_INFO}


def _need(actor: Actor, *roles: Role) -> None:
    if not actor.roles.intersection(roles):
        raise NotPermitted("this needs the role " + " or ".join(f"'{role}'" for role in roles))


def _in(facts: CaseFacts, *states: CaseState) -> None:
    if facts.state not in states:
        raise IllegalTransition(
            f"a case in state '{facts.state}' does not allow this; it must be in " + " or ".join(f"'{s}'" for s in states)
        )


def _may_take(facts: CaseFacts, actor: Actor) -> None:
    if facts.state not in _TAKERS:
        raise IllegalTransition(f"a case in state '{facts.state}' cannot be claimed")
    _need(actor, _TAKERS[facts.state])
    if facts.state is S.REVIEW_2 and actor.pseudonym == facts.first_reader:
        raise NotPermitted("the second reading is for another person than the first")
    if facts.state in (S.ADJUDICATION, S.APPROVAL) and actor.pseudonym in facts.readers:
        raise NotPermitted("who has read this case cannot also adjudicate or approve it")


def _holds(facts: CaseFacts, actor: Actor, now: datetime) -> None:
    holder = facts.holder(now)
    if holder is None:
        raise Conflict("the claim on this case has run out: claim it again")
    if holder != actor.pseudonym:
        raise Conflict("somebody else holds this case")


def _free(facts: CaseFacts) -> CaseFacts:
    return replace(facts, claimed_by=None, claimed_until=None)


_Result = tuple[EventKind, CaseFacts]


def _claim(facts: CaseFacts, _cmd: c.Claim, actor: Actor, now: datetime, _staff: Staffing, minutes: int) -> _Result:
    _may_take(facts, actor)
    if facts.holder(now) not in (None, actor.pseudonym):
        raise Conflict("somebody else holds this case")
    state = S.REVIEW_1 if facts.state in (S.TRIAGE, S.WAIT_INFO) else facts.state
    return E.CLAIMED, replace(facts, state=state, claimed_by=actor.pseudonym, claimed_until=now + timedelta(minutes=minutes))


def _release(facts: CaseFacts, _cmd: c.Release, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    if facts.claimed_by is None:
        raise IllegalTransition("nobody holds this case")
    expired = facts.holder(now) is None
    if actor.pseudonym != facts.claimed_by and not (
        expired and actor.roles & {Role.SYSTEM, Role.REVIEWER, Role.POLICY_LEAD, Role.APPROVER}
    ):
        raise Conflict("somebody else holds this case")
    state = S.TRIAGE if facts.state is S.REVIEW_1 else facts.state
    return E.RELEASED, replace(_free(facts), state=state)


def _refuse_cse(decision: Decision) -> None:
    if Harm.CSE in (decision.harm, *decision.secondary):
        raise NotPermitted("child safety is escalated at once, never coded: use 'escalate'")


def _code(facts: CaseFacts, cmd: c.Code, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.REVIEW_1)
    _need(actor, Role.REVIEWER)
    _holds(facts, actor, now)
    _refuse_cse(cmd.decision)
    if isinstance(cmd.decision.outcome, Outcome):
        state = _NO_HARM_STATE[cmd.decision.outcome]
    else:
        state = S.REVIEW_2 if needs_second_reading(cmd.decision, facts.sampled) else S.APPROVAL
    return E.CODED, replace(
        _free(facts),
        state=state,
        first=cmd.decision,
        second=None,
        ruling=cmd.decision,
        first_reader=actor.pseudonym,
        second_reader=None,
        adjudicator=None,
        readers=facts.readers | {actor.pseudonym},
    )


def _second_read(facts: CaseFacts, cmd: c.SecondRead, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.REVIEW_2)
    _may_take(facts, actor)
    _holds(facts, actor, now)
    _refuse_cse(cmd.decision)
    if facts.first is None:
        raise IllegalTransition("there is no first reading")
    agreed = cmd.decision.outcome == facts.first.outcome
    lead = needs_policy_lead(facts.first) or needs_policy_lead(cmd.decision)
    return E.SECOND_READ, replace(
        _free(facts),
        state=S.APPROVAL if agreed and not lead else S.ADJUDICATION,
        second=cmd.decision,
        second_reader=actor.pseudonym,
        readers=facts.readers | {actor.pseudonym},
    )


def _adjudicate(facts: CaseFacts, cmd: c.Adjudicate, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.ADJUDICATION)
    _may_take(facts, actor)
    _holds(facts, actor, now)
    readers = facts.readers | {actor.pseudonym}
    if cmd.decision is None:
        return E.ADJUDICATED, replace(
            _free(facts), state=S.TRIAGE, first=None, second=None, ruling=None, adjudicator=actor.pseudonym, readers=readers
        )
    _refuse_cse(cmd.decision)
    outcome = cmd.decision.outcome
    if outcome is Outcome.CTX:
        raise NotPermitted("send the case back instead of leaving it open")
    state = _NO_HARM_STATE[outcome] if isinstance(outcome, Outcome) else S.APPROVAL
    return E.ADJUDICATED, replace(_free(facts), state=state, ruling=cmd.decision, adjudicator=actor.pseudonym, readers=readers)


def _approve(facts: CaseFacts, _cmd: c.Approve, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.APPROVAL)
    _may_take(facts, actor)
    _holds(facts, actor, now)
    if facts.ruling is None or facts.ruling.harm is None:
        raise IllegalTransition("there is no harm to approve")
    if needs_policy_lead(facts.ruling) and facts.adjudicator is None:
        raise NotPermitted("high risk to expression, or a scope warning overruled: the policy lead must sign first")
    return E.APPROVED, replace(_free(facts), state=S.PUBLISHER_NOTICE, approver=actor.pseudonym)


def _reject(facts: CaseFacts, cmd: c.Reject, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.APPROVAL)
    _may_take(facts, actor)
    _holds(facts, actor, now)
    if cmd.again:
        return E.REJECTED, replace(_free(facts), state=S.TRIAGE, first=None, second=None, ruling=None, adjudicator=None)
    return E.REJECTED, replace(_free(facts), state=S.CLOSED_NONE)


def _give_notice(facts: CaseFacts, cmd: c.GiveNotice, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.PUBLISHER_NOTICE)
    _need(actor, Role.APPROVER, Role.SENDER, Role.POLICY_LEAD)
    harm = _ruled_harm(facts)
    if cmd.choice is NoticeChoice.DEFERRED:
        if harm in FIX_FIRST:
            raise NotPermitted("this code is fix-first: the publisher is told before anything else")
        if cmd.deferred_until is None or not now < cmd.deferred_until <= now + timedelta(days=DEFERRAL_DAYS):
            raise NotPermitted(f"a deferral lasts {DEFERRAL_DAYS} days at most")
    told = cmd.choice is NoticeChoice.SENT
    fix_until = now + timedelta(days=FIX_DAYS) if told and harm in FIX_FIRST else None
    return E.NOTICE_GIVEN, replace(facts, notice=cmd.choice, fix_until=fix_until, deferred_until=cmd.deferred_until)


def _ruled_harm(facts: CaseFacts) -> Harm:
    if facts.ruling is None or facts.ruling.harm is None:
        raise IllegalTransition("the case rests on no harm")
    return facts.ruling.harm


def _fixed(facts: CaseFacts, _cmd: c.Fixed, actor: Actor, _now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.PUBLISHER_NOTICE)
    _need(actor, Role.APPROVER, Role.SENDER, Role.POLICY_LEAD)
    return E.FIXED, replace(facts, state=S.CLOSED_FIXED)


def _seal(facts: CaseFacts, _cmd: c.Seal, actor: Actor, now: datetime, staffing: Staffing, _m: int) -> _Result:
    _in(facts, S.PUBLISHER_NOTICE)
    _need(actor, Role.APPROVER, Role.SENDER, Role.POLICY_LEAD)
    if problems := seal_problems(facts, now, staffing):
        raise NotPermitted("; ".join(problems))
    return E.SEALED, replace(facts, state=S.DOSSIER_READY)


def seal_problems(facts: CaseFacts, now: datetime, staffing: Staffing) -> list[str]:
    """Every reason why this case cannot be sealed now; empty when it can. The item page shows them."""
    problems = []
    if facts.state is not S.PUBLISHER_NOTICE:
        problems.append("the case is not approved")
        return problems
    if _ruled_harm(facts) in NO_DOSSIER:
        problems.append("this code allows a letter, never a takedown request")
    if facts.notice is None:
        problems.append("it is not written down yet whether the publisher was told")
    if facts.fix_until is not None and now < facts.fix_until:
        problems.append(f"the publisher has until {facts.fix_until:%Y-%m-%d} to mend it")
    if staffing.people < MIN_STAFF:
        problems.append(f"fewer than {MIN_STAFF} people work here: advice only")
    involved = facts.readers | {facts.approver}
    if not staffing.complaint_desk - involved:
        problems.append("nobody on the complaint desk is free of this case")
    return problems


def _mark_sent(facts: CaseFacts, _cmd: c.MarkSent, actor: Actor, _now: datetime, staffing: Staffing, _m: int) -> _Result:
    _in(facts, S.DOSSIER_READY)
    _need(actor, Role.SENDER)
    if not staffing.complaint_desk - (facts.readers | {facts.approver}):
        raise NotPermitted("nobody on the complaint desk is free of this case: nothing may be sent")
    return E.SENT, replace(facts, state=S.SENT)


def _record_answer(facts: CaseFacts, _cmd: c.RecordAnswer, actor: Actor, _now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.SENT, S.ANSWERED)
    _need(actor, Role.SENDER)
    return E.ANSWERED, replace(facts, state=S.ANSWERED)


def _complain(facts: CaseFacts, _cmd: c.Complain, actor: Actor, _now: datetime, _staff: Staffing, _m: int) -> _Result:
    _need(actor, Role.COMPLAINT_PANEL)
    return E.COMPLAINED, replace(facts, state=S.COMPLAINT)


def _resolve(facts: CaseFacts, cmd: c.ResolveComplaint, actor: Actor, _now: datetime, _staff: Staffing, _m: int) -> _Result:
    _in(facts, S.COMPLAINT)
    _need(actor, Role.COMPLAINT_PANEL)
    if actor.pseudonym in facts.readers | {facts.approver}:
        raise NotPermitted("a complaint is decided by people who had no part in the case")
    return (E.REVERSED, replace(facts, state=S.REVERSED)) if cmd.reversed else (E.UPHELD, replace(facts, state=S.CLOSED))


def _escalate(facts: CaseFacts, _cmd: c.Escalate, actor: Actor, _now: datetime, _staff: Staffing, _m: int) -> _Result:
    _need(actor, Role.REVIEWER, Role.APPROVER, Role.POLICY_LEAD, Role.SAFETY_OFFICER)
    return E.ESCALATED, replace(_free(facts), state=S.ESCALATED_CSE)


def _close(facts: CaseFacts, _cmd: c.Close, actor: Actor, now: datetime, _staff: Staffing, _m: int) -> _Result:
    if facts.state is S.WAIT_INFO:
        _need(actor, Role.SYSTEM, Role.REVIEWER)
        if Role.SYSTEM in actor.roles and now < facts.since + timedelta(days=WAIT_DAYS):
            raise IllegalTransition(f"waiting for information lasts {WAIT_DAYS} days")
        return E.CLOSED, replace(facts, state=S.CLOSED_NONE)
    _need(actor, Role.SENDER, Role.APPROVER, Role.POLICY_LEAD)
    letter_done = facts.state is S.PUBLISHER_NOTICE and _ruled_harm(facts) in NO_DOSSIER and facts.notice is NoticeChoice.SENT
    # the policy lead may withdraw an approved case at any time, for instance one that turns out to have no public address
    if facts.state is S.PUBLISHER_NOTICE and not letter_done and Role.POLICY_LEAD not in actor.roles:
        raise IllegalTransition("only a case whose letter was sent and that allows nothing more can be closed here")
    return E.CLOSED, replace(facts, state=S.CLOSED)


def _purge(facts: CaseFacts, _cmd: c.Purge, actor: Actor, _now: datetime, _staff: Staffing, _m: int) -> _Result:
    _need(actor, Role.SYSTEM)
    return E.PURGED, replace(facts, state=S.PURGED, first=None, second=None, ruling=None)


_RULES: Final[dict[type, Callable[..., _Result]]] = {
    c.Claim: _claim,
    c.Release: _release,
    c.Code: _code,
    c.SecondRead: _second_read,
    c.Adjudicate: _adjudicate,
    c.Approve: _approve,
    c.Reject: _reject,
    c.GiveNotice: _give_notice,
    c.Fixed: _fixed,
    c.Seal: _seal,
    c.MarkSent: _mark_sent,
    c.RecordAnswer: _record_answer,
    c.Complain: _complain,
    c.ResolveComplaint: _resolve,
    c.Escalate: _escalate,
    c.Close: _close,
    c.Purge: _purge,
}
