"""The classifier: rules and the linear model make one probability per harm, with reasons and the versions of all that decided.

Knows policy only for its thresholds. Must not know where texts come from or what becomes of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from classifiers.batch import answer, classify_file
from classifiers.calibration import sigmoid
from classifiers.linear import LINEAR_HARMS, LinearModel
from classifiers.linear.explain import contributions
from classifiers.rules import BASE, RuleResult, RuleSet
from classifiers.tempering import Tempering
from rasoat.assessments import Assessment, Origin, Reason, Span, Versions
from rasoat.harms import TEXT_ONLY_HARMS, Harm
from rasoat.items import Platform
from rasoat.policy import Policy

__all__ = ["MODEL", "Classifier", "answer", "classify_file", "load_classifier"]

MODEL: Final = "linear-vi-1"
"""Folder below `models/`."""
NOTABLE: Final = -1.5
"""Log-odds (18%) from which the model's word is weighed against safeguards and may be shown: below, it could not flag anything."""
_CHUNK: Final = 1000  # texts at once: bounds memory, loses no speed
_ORDER: Final = tuple(Harm)
_UNSEEN: Final = {harm: sigmoid(BASE) if harm in TEXT_ONLY_HARMS else 0.0 for harm in _ORDER}
"""Probabilities where nothing spoke. CPR needs the other text beside it and AGG the site: no text alone shows them."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """Frozen; safe to share between threads."""

    rules: RuleSet
    model: LinearModel
    tempering: Tempering
    thresholds: dict[Harm, float]
    versions: Versions

    def assess(self, text: str, *, title: str = "", platform: Platform | None = None) -> Assessment:
        """Assess one text. A title is read in front of it; spans are offsets into `text`, and reasons from the title alone have none.

        `platform` decides nothing yet: the same words mean the same everywhere.
        """
        del platform
        if not title.strip():
            return self.assess_many([text])[0]
        whole = self.assess_many([f"{title}\n{text}"])[0]
        reasons = tuple(_moved(reason, len(title) + 1) for reason in whole.reasons)
        return Assessment(whole.probabilities, whole.flagged, reasons, whole.versions, thresholds=whole.thresholds)

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        """Assess many texts; the same answers as one by one, several times faster. The model's spans are made for flagged texts only."""
        made: list[Assessment] = []
        for at in range(0, len(texts), _CHUNK):
            chunk = texts[at : at + _CHUNK]
            for text, logits in zip(chunk, self.model.gated(chunk).tolist(), strict=True):
                made.append(self._combine(text, self.rules.match(text), logits))
        return made

    def _combine(self, text: str, seen: RuleResult, logits: list[float]) -> Assessment:
        spoken = dict(zip(LINEAR_HARMS, logits, strict=True))
        if max(logits) > NOTABLE:
            spoken = self._tempered(text, spoken)
        probabilities = dict(_UNSEEN)
        for harm in seen.scores.keys() | spoken.keys():
            probabilities[harm] = _chance(harm, seen.scores.get(harm, BASE), spoken.get(harm))
        flagged = tuple(harm for harm in _ORDER if harm in TEXT_ONLY_HARMS and probabilities[harm] >= self.thresholds[harm])
        reasons = list(seen.reasons)
        for harm in flagged:
            if spoken.get(harm, BASE) > NOTABLE:
                reasons += self._reasons(text, harm)
        reasons.sort(key=lambda reason: -reason.weight)
        return Assessment(probabilities, flagged, tuple(reasons), self.versions, thresholds=self.thresholds)

    def _tempered(self, text: str, spoken: dict[Harm, float]) -> dict[Harm, float]:
        """The model's log-odds less every safeguard that finds itself in the text: a frame that softens rules softens the model too."""
        off = self.tempering.discounts(text)
        return {harm: logit - off.get(harm, 0.0) for harm, logit in spoken.items()}

    def _reasons(self, text: str, harm: Harm) -> list[Reason]:
        lane = LINEAR_HARMS.index(harm)
        found = contributions(self.model.table, float(self.model.scale[lane]), lane, text)
        slope = self.model.platt[lane].slope
        code = f"model:linear.{harm.value.lower()}"
        return [Reason(harm, Origin.MODEL, code, round(one.weight * slope, 3), one.span, _shortened(one.span.of(text))) for one in found]


def _chance(harm: Harm, rule: float, model: float | None) -> float:
    """The stronger of the two: they read the same words, so that adding them up would count evidence twice."""
    if harm not in TEXT_ONLY_HARMS:
        return 0.0
    return sigmoid(rule if model is None else max(rule, model))


def _moved(reason: Reason, by: int) -> Reason:
    """From offsets in title and text to offsets in the text."""
    if reason.span is None or reason.span.end <= by:
        return Reason(reason.harm, reason.origin, reason.code, reason.weight, None, reason.evidence)
    span = Span(max(0, reason.span.start - by), reason.span.end - by)
    return Reason(reason.harm, reason.origin, reason.code, reason.weight, span, reason.evidence)


def _shortened(words: str, most: int = 160) -> str:
    return words if len(words) <= most else f"{words[: most // 2]} … {words[-most // 2 :]}"


def load_classifier(data_dir: Path, models_dir: Path) -> Classifier:
    """Load policy, rules and model.

    Raises:
        ConfigError: one of their files is missing or wrong; the message says which, where and how to mend it.
    """
    policy, rules, model = Policy.load(data_dir), RuleSet.load(data_dir), LinearModel.load(models_dir / MODEL)
    versions = Versions(model=model.version, rules=rules.version, lexicon=rules.lexicon_version, policy=policy.version)
    return Classifier(rules, model, Tempering.of(rules), policy.thresholds, versions)
