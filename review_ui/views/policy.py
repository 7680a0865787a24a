"""The policy as pages: what counts, what does not, and whose rights to mind."""

from __future__ import annotations

from rasoat.cases.decisions import Measure
from rasoat.harms import Harm
from rasoat.missing import given
from rasoat.policy import HarmPolicy, Policy
from review_ui.views.base import View


class Ground(View):
    """A legal ground on the allow-list."""

    id: str
    title: str
    instrument: str
    article: str
    confirmed: bool
    as_of: str


class HarmPage(View):
    """One harm."""

    code: str
    name: str
    definition: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rights_note: str
    severity: int
    urgent_when: str
    measure: str
    priority: str
    triage: str
    review: str
    threshold: float
    grounds: tuple[Ground, ...]


class HarmLine(View):
    """One harm in the list."""

    code: str
    name: str
    definition: str
    severity: int


class OutcomeLine(View):
    """An outcome that is no harm."""

    code: str
    name: str
    when: str
    effect: str


class PolicyPage(View):
    """All of it."""

    version: str
    taxonomy: str
    harms: tuple[HarmLine, ...]
    outcomes: tuple[OutcomeLine, ...]


def harm_page(policy: Policy, harm: Harm, locale: str) -> HarmPage:
    """The page of one harm."""
    entry = policy.harm(harm)
    return HarmPage(
        code=harm.value,
        name=entry.name.of(locale),
        definition=entry.definition.of(locale),
        include=entry.include.of(locale),
        exclude=entry.exclude.of(locale),
        rights_note=entry.rights_note.of(locale),
        severity=int(entry.severity),
        urgent_when=entry.urgent.when.of(locale) if entry.urgent else "",
        measure=_measure(policy, entry.default_measure, locale),
        priority=entry.sla.priority,
        triage=entry.sla.triage.of(locale),
        review=entry.sla.review.of(locale) if entry.sla.review else "",
        threshold=entry.queue_threshold,
        grounds=_grounds(policy, entry, locale),
    )


def _measure(policy: Policy, measure: Measure, locale: str) -> str:
    return next((m.name.of(locale) for m in policy.measures if m.id is measure), measure.value)


def _grounds(policy: Policy, entry: HarmPolicy, locale: str) -> tuple[Ground, ...]:
    return tuple(
        Ground(
            id=g.id,
            title=g.title.of(locale),
            instrument=g.instrument.of(locale),
            article=given(g.article, ""),
            confirmed=g.lawyer_confirmed,
            as_of=g.as_of.isoformat(),
        )
        for g in policy.grounds_for(entry.code)
    )


def policy_page(policy: Policy, locale: str) -> PolicyPage:
    """The list."""
    return PolicyPage(
        version=policy.version,
        taxonomy=policy.taxonomy,
        harms=tuple(
            HarmLine(code=h.code.value, name=h.name.of(locale), definition=h.definition.of(locale), severity=int(h.severity))
            for h in policy.harms.values()
        ),
        outcomes=tuple(
            OutcomeLine(code=o.code.value, name=o.name.of(locale), when=o.when.of(locale), effect=o.effect.of(locale))
            for o in policy.outcomes.values()
        ),
    )
