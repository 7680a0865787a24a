"""Who may see what other people concluded. A second reader reads blind: no verdict, no reader, no event of another person, in any form.

The rule is by state and person, not by page, so that HTML, JSON, history and search cannot differ.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rasoat.cases.decisions import Decision
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.cases.workflow import Actor, CaseFacts, readable_by
from rasoat.harms import Harm, Outcome
from rasoat.items import Item
from rasoat.policy import Policy
from rasoat.store.records import CaseView, DecisionRecord, EventRecord
from review_ui.views.base import View, known
from review_ui.views.text import mask_text

READING: Final = frozenset({CaseState.TRIAGE, CaseState.REVIEW_1, CaseState.WAIT_INFO, CaseState.REVIEW_2})
"""A verdict may still be given here by somebody who must not know another."""
RULING: Final = frozenset({CaseState.ADJUDICATION, CaseState.APPROVAL})
"""Here those who decide between or over the readings see them; a reader who may have to read again does not."""
NEUTRAL: Final = frozenset({EventKind.OPENED, EventKind.JOINED})


class Verdict(View):
    """One person's decision as the page shows it."""

    stage: str
    actor: str
    mine: bool
    at: datetime
    reason: str
    outcome: str = ""
    outcome_name: str = ""
    is_harm: bool = False
    secondary: tuple[str, ...] = ()
    quote: str = ""
    context: tuple[str, ...] = ()
    context_note: str = ""
    innocent_reading: str = ""
    measure: str = ""
    policy_ground: str = ""
    legal_grounds: tuple[str, ...] = ()
    expression_risk: str = ""
    expression_note: str = ""
    overrules_scope_warning: bool = False


class HistoryLine(View):
    """One event. Number and hash are left out for a blind reader: a gap would tell."""

    at: datetime
    kind: str
    actor: str
    mine: bool
    role: str
    to_state: str
    seq: int | None = None
    hash: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def sees_verdicts(facts: CaseFacts, actor: Actor) -> bool:
    """Whether other people's conclusions in this case are open to `actor`."""
    if actor.roles == {Role.DATA_PROTECTION}:  # what is kept of whom, not what anybody made of it
        return False
    if facts.state in READING:
        return actor.roles == {Role.AUDITOR}  # reads logs and decides nothing
    if facts.state in RULING:
        return readable_by(facts, actor) or actor.roles == {Role.AUDITOR}
    return True


def verdicts(view: CaseView, actor: Actor, policy: Policy, locale: str) -> tuple[Verdict, ...]:
    """The decisions that `actor` may see, oldest first: all, or only their own."""
    everything = sees_verdicts(view.facts, actor)
    items = {entry.item.id: entry.item for entry in view.items}
    seen = (record for record in view.decisions if everything or record.actor == actor.pseudonym)
    return tuple(_verdict(record, actor, items, policy, locale) for record in seen)


def _verdict(record: DecisionRecord, actor: Actor, items: dict[str, Item], policy: Policy, locale: str) -> Verdict:
    base = Verdict(
        stage=record.stage.value,
        actor=record.actor,
        mine=record.actor == actor.pseudonym,
        at=record.at,
        reason=mask_text(record.reason or (record.decision.reason if record.decision else "")),
    )
    return base if record.decision is None else base.model_copy(update=_spelled(record.decision, items, policy, locale))


def _spelled(decision: Decision, items: dict[str, Item], policy: Policy, locale: str) -> dict[str, object]:
    measures = {entry.id: entry.name.of(locale) for entry in policy.measures}
    boxes = {box.id: box.label.of(locale) for box in policy.context_boxes}
    item = items.get(decision.quote.item_id) if decision.quote else None
    return {
        "outcome": decision.outcome.value,
        "outcome_name": outcome_name(policy, decision.outcome.value, locale),
        "is_harm": decision.harm is not None,
        "secondary": tuple(harm.value for harm in decision.secondary),
        "quote": mask_text(decision.quote.span.of(item.text)) if decision.quote and item else "",
        "context": tuple(boxes.get(box, box.value) for box in sorted(decision.context)),
        "context_note": decision.context_note,
        "innocent_reading": decision.innocent_reading,
        "measure": measures.get(decision.measure, "") if decision.measure else "",
        "policy_ground": _section(policy, decision.policy_ground),
        "legal_grounds": tuple(_ground(policy, ground, locale) for ground in decision.legal_grounds),
        "expression_risk": decision.expression_risk.value,
        "expression_note": decision.expression_note,
        "overrules_scope_warning": decision.overrules_scope_warning,
    }


def outcome_name(policy: Policy, code: str, locale: str) -> str:
    """The name of a harm or of an outcome that is none."""
    if harm := known(Harm, code):
        return policy.harm(harm).name.of(locale)
    outcome = known(Outcome, code)
    return policy.outcomes[outcome].name.of(locale) if outcome else code


def _section(policy: Policy, section_id: str | None) -> str:
    return policy.section(section_id).name if section_id else ""


def _ground(policy: Policy, ground_id: str, locale: str) -> str:
    ground = policy.grounds.get(ground_id)
    return f"{ground_id}: {ground.title.of(locale)}" if ground else ground_id


def history(view: CaseView, actor: Actor) -> tuple[HistoryLine, ...]:
    """The events, newest first. A blind reader gets the opening, the joinings and their own."""
    everything = sees_verdicts(view.facts, actor)
    shown = [event for event in view.events if everything or event.kind in NEUTRAL or event.actor == actor.pseudonym]
    return tuple(_line(event, actor, full=everything) for event in reversed(shown))


def _line(event: EventRecord, actor: Actor, *, full: bool) -> HistoryLine:
    mine = event.actor == actor.pseudonym
    return HistoryLine(
        at=event.at,
        kind=event.kind.value,
        actor=event.actor,
        mine=mine,
        role=event.role.value,
        to_state=event.to_state.value,
        seq=event.seq if full else None,
        hash=event.hash if full else "",
        facts=tuple((key, _plain(value)) for key, value in sorted(event.payload.items()) if value not in (None, "", [])) if full else (),
    )


def _plain(value: str | int | bool | list[str] | None) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
