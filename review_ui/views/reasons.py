"""Why an item was flagged, in words. Weights and probabilities stay out when the scope banner stands: a score would pull the reader."""

from __future__ import annotations

from collections.abc import Callable

from rasoat.assessments import Assessment, Origin, Reason
from rasoat.policy import Policy
from review_ui.views.base import View
from review_ui.views.text import Mark, mask_text

Describe = Callable[[str], str]
"""From a reason's stable code to the rule's own words in the reader's language; empty where it has none."""

MAX_REASONS = 24
"""Reasons are strongest first; past two dozen they repeat each other."""


class ReasonLine(View):
    """One reason. `words` is empty for the model, whose page text is a catalogue entry."""

    number: int
    harm: str
    harm_name: str
    origin: str
    code: str
    words: str
    evidence: str
    weight: float | None
    start: int | None
    end: int | None


class Score(View):
    """Calibrated probability of one harm beside the threshold at which it is flagged."""

    harm: str
    harm_name: str
    probability: float
    threshold: float
    flagged: bool


def reason_lines(assessment: Assessment, policy: Policy, describe: Describe, locale: str, *, scores: bool) -> tuple[ReasonLine, ...]:
    """Numbered from 1, strongest first."""
    return tuple(
        _line(number, reason, policy, describe, locale, scores=scores)
        for number, reason in enumerate(assessment.reasons[:MAX_REASONS], start=1)
    )


def _line(number: int, reason: Reason, policy: Policy, describe: Describe, locale: str, *, scores: bool) -> ReasonLine:
    return ReasonLine(
        number=number,
        harm=reason.harm.value,
        harm_name=policy.harm(reason.harm).name.of(locale),
        origin=reason.origin.value,
        code=reason.code,
        words="" if reason.origin is Origin.MODEL else describe(reason.code),
        evidence=mask_text(reason.evidence),
        weight=round(reason.weight, 2) if scores else None,
        start=reason.span.start if reason.span else None,
        end=reason.span.end if reason.span else None,
    )


def marks(reasons: tuple[ReasonLine, ...]) -> tuple[Mark, ...]:
    """The spans to highlight."""
    return tuple(
        Mark(number=r.number, code=r.harm, start=r.start, end=r.end)
        for r in reasons
        if r.start is not None and r.end is not None and r.end > r.start
    )


def scores(assessment: Assessment, policy: Policy, locale: str) -> tuple[Score, ...]:
    """The flagged harms and the next ones down to a tenth, highest first."""
    shown = [harm for harm, p in assessment.probabilities.items() if p >= 0.1 or harm in assessment.flagged]
    return tuple(
        Score(
            harm=harm.value,
            harm_name=policy.harm(harm).name.of(locale),
            probability=round(assessment.probabilities[harm], 4),
            threshold=assessment.thresholds.get(harm, policy.harm(harm).queue_threshold),
            flagged=harm in assessment.flagged,
        )
        for harm in sorted(shown, key=lambda harm: -assessment.probabilities[harm])
    )
