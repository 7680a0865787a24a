"""The queue: rows in priority order, each with the reasons for its place in words, and tabs by what this person can do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rasoat.cases.priority import SEVERITY_WEIGHT, Priority
from rasoat.cases.states import CaseState, Role
from rasoat.harms import Harm
from rasoat.policy import Policy, Sla
from rasoat.store.records import QueuePage as Rows
from rasoat.store.records import QueueRow
from review_ui.views.base import View
from review_ui.views.text import mask_text

S = CaseState


@dataclass(frozen=True)
class Tab:
    """A tab: its states, who sees it, and whether only cases that the person may take belong there."""

    name: str
    states: tuple[CaseState, ...]
    roles: frozenset[Role]
    takable: bool = True


_NOTICE: Final = frozenset({Role.APPROVER, Role.SENDER, Role.POLICY_LEAD})
TABS: Final = (
    Tab("read", (S.TRIAGE, S.REVIEW_1, S.WAIT_INFO), frozenset({Role.REVIEWER})),
    Tab("second", (S.REVIEW_2,), frozenset({Role.REVIEWER})),
    Tab("adjudicate", (S.ADJUDICATION,), frozenset({Role.POLICY_LEAD})),
    Tab("approve", (S.APPROVAL,), frozenset({Role.APPROVER})),
    Tab("notice", (S.PUBLISHER_NOTICE,), _NOTICE, takable=False),
    Tab("dossier", (S.DOSSIER_READY, S.SENT, S.ANSWERED), _NOTICE, takable=False),
    Tab("complaint", (S.COMPLAINT,), frozenset({Role.COMPLAINT_PANEL}), takable=False),
    Tab(
        "all",
        (),
        frozenset({Role.REVIEWER, Role.APPROVER, Role.SENDER, Role.POLICY_LEAD, Role.COMPLAINT_PANEL, Role.AUDITOR}),
        takable=False,
    ),
)


class Factor(View):
    """One of the four factors of the priority. `level` picks its words. `value` is None where it would betray the machine's score."""

    name: str
    value: float | None
    level: str


class QueueLine(View):
    """One case."""

    case_id: str
    state: str
    suggested: str
    suggested_name: str
    flagged: tuple[str, ...]
    probability: float | None  # None where the scope banner stands, as on the item page
    scope_warning: bool
    severity: int
    platform: str
    source: str
    title: str
    snippet: str
    duplicates: int
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    held: str  # "" | "me" | "other"
    priority: float
    factors: tuple[Factor, ...]


class TabLine(View):
    """A tab with its count."""

    name: str
    count: int
    chosen: bool


class QueueView(View):
    """The page."""

    tab: str
    tabs: tuple[TabLine, ...]
    rows: tuple[QueueLine, ...]
    total: int
    offset: int
    limit: int
    codes: tuple[str, ...]
    platforms: tuple[str, ...]
    sources: tuple[str, ...]
    states: tuple[str, ...]
    chosen_codes: tuple[str, ...]
    chosen_platform: str
    chosen_source: str
    chosen_state: str


def tabs_of(roles: frozenset[Role]) -> tuple[Tab, ...]:
    """The tabs that somebody with these roles has."""
    return tuple(tab for tab in TABS if tab.roles & roles)


def queue_lines(rows: Rows, policy: Policy, me: str, locale: str, now: datetime, scope: frozenset[str]) -> tuple[QueueLine, ...]:
    """The rows as shown: text masked and defanged, places explained. `scope`: cases that may be out of scope, whose score is hidden."""
    return tuple(_line(row, policy, me, locale, now, scope=row.case_id in scope) for row in rows.rows)


def _line(row: QueueRow, policy: Policy, me: str, locale: str, now: datetime, *, scope: bool) -> QueueLine:
    entry = policy.harm(row.suggested)
    withheld = row.suggested is Harm.CSE
    severity = severity_of(row.priority)
    due = row.opened_at + _target(sla_of(policy, row.suggested, severity), row.state) if row.state in _OPEN else None
    return QueueLine(
        case_id=row.case_id,
        state=row.state.value,
        suggested=row.suggested.value,
        suggested_name=entry.name.of(locale),
        flagged=tuple(harm.value for harm in row.flagged),
        probability=None if scope else round(row.probability, 4),
        scope_warning=scope,
        severity=severity,
        platform=row.platform,
        source=row.source,
        title="" if withheld else mask_text(row.title),
        snippet="" if withheld else mask_text(row.snippet),
        duplicates=row.items - 1,
        opened_at=row.opened_at,
        due_at=due,
        overdue=due is not None and due < now,
        held="" if row.held_by is None else "me" if row.held_by == me else "other",
        priority=round(row.priority.value, 1),
        factors=factors(row.priority, scope=scope),
    )


_OPEN: Final = frozenset({S.TRIAGE, S.REVIEW_1, S.REVIEW_2, S.WAIT_INFO, S.ADJUDICATION, S.APPROVAL})


def severity_of(priority: Priority) -> int:
    """The severity that a case was opened with: 1 (gravest) to 4. A harm has a graver form, so the policy alone does not tell."""
    return next((int(level) for level, weight in SEVERITY_WEIGHT.items() if priority.severity >= weight), 4)


def sla_of(policy: Policy, harm: Harm, severity: int) -> Sla:
    """The targets of the harm, or of its graver form where the case has that severity."""
    entry = policy.harm(harm)
    return entry.urgent.sla if entry.urgent and severity <= int(entry.urgent.severity) < int(entry.severity) else entry.sla


def _target(sla: Sla, state: CaseState) -> timedelta:
    early = state in (S.TRIAGE, S.REVIEW_1)
    return (sla.triage if early or sla.review is None else sla.review).at_least


def factors(priority: Priority, *, scope: bool = False) -> tuple[Factor, ...]:
    """Severity × confidence × reach × age, each with a level that the page puts into words; confidence hidden under a scope banner."""
    sure = Factor(name="confidence", value=round(priority.confidence, 3), level=_level(priority.confidence, 0.6, 0.85))
    return (
        Factor(name="severity", value=priority.severity, level=f"s{severity_of(priority)}"),
        Factor(name="confidence", value=None, level="hidden") if scope else sure,
        Factor(name="reach", value=round(priority.reach, 2), level=_level(priority.reach, 1.3, 2.0)),
        Factor(name="age", value=round(priority.age, 2), level=_level(priority.age, 1.5, 3.0)),
    )


def _level(value: float, middle: float, high: float) -> str:
    return "high" if value >= high else "middle" if value >= middle else "low"
