"""At most five spans of the original text that say why: from rules, linear weights led back, and the transformer by occlusion.

For a person at a terminal; review pages show the reasons that an assessment holds. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from classifiers.classifier import Classifier
from classifiers.evidence import Kind
from classifiers.spans import SpanTagger
from rasoat.assessments import Assessment, Origin, Reason, Span
from rasoat.harms import Harm

MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was explained: the flagged harms, or else the likeliest one. `spans`: strongest first, none inside another."""

    assessment: Assessment
    harms: tuple[Harm, ...]
    spans: tuple[Reason, ...]


MARKED: Final = 0.01
"""Weight of words that the span tagger marks: after everything that decided."""


def explained(classifier: Classifier, text: str, marker: SpanTagger | None = None) -> Explanation:
    """Assess one text and find the words that decided, a few milliseconds a harm. `marker` adds offensive words near a HAT or HAR flag."""
    made = classifier.assess(text)
    harms = made.flagged or made.uncertain or (max(made.probabilities, key=lambda harm: made.probabilities[harm]),)
    found = [reason for reason in made.reasons if reason.harm in harms and reason.span is not None]
    if not made.flagged:
        found += [reason for harm in harms if harm in classifier.lanes for reason in classifier.linear_reasons(text, harm)]
    found += [reason for harm in harms for reason in _by_encoder(classifier, text, harm)]
    if marker is not None:
        found += [reason for harm in (Harm.HAT, Harm.HAR) if harm in made.flagged for reason in _marked(marker, text, harm, found)]
    return Explanation(made, harms, _apart(found))


def _marked(marker: SpanTagger, text: str, harm: Harm, found: list[Reason]) -> Iterable[Reason]:
    """Offensive words nearest to the strongest reason; they decide nothing, so they come last."""
    strongest = max((one for one in found if one.harm is harm and one.span), key=lambda one: one.weight, default=None)
    if strongest is None or strongest.span is None:
        return
    for span in marker.marks(text, strongest.span):
        yield Reason(harm, Origin.MODEL, f"model:spans.{harm.value.lower()}", MARKED, span, span.of(text))


def _by_encoder(classifier: Classifier, text: str, harm: Harm) -> Iterable[Reason]:
    encoder = classifier.encoder
    if encoder is None or harm not in encoder.harms:
        return
    weights = classifier.cascade.file.harms[harm].second
    slope = weights.kinds[Kind.ENCODER] if weights else 0.0
    if slope <= 0:
        return
    for span, weight in encoder.explain(text, harm):
        yield Reason(harm, Origin.MODEL, f"model:encoder.{harm.value.lower()}", round(weight * slope, 3), span, span.of(text))


def _apart(found: list[Reason]) -> tuple[Reason, ...]:
    """The strongest, without those that lie inside or across a stronger one."""
    kept: list[Reason] = []
    for reason in sorted(found, key=lambda one: -one.weight):
        if reason.span is not None and not any(_meet(reason.span, other.span) for other in kept if other.span is not None):
            kept.append(reason)
    return tuple(kept[:MOST])


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
