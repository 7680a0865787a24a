"""The classifier: rules, linear model and transformer make one probability per harm, with reasons and the versions of all that decided.

Knows policy only for its thresholds. Must not know where texts come from or what becomes of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifiers.batch import answer, classify_file
from classifiers.calibration import sigmoid, sigmoids
from classifiers.cascade import NEEDS, Cascade, agreed, joined
from classifiers.evidence import NOTABLE, Evidence, Kind, gather
from classifiers.lanes import PROTECTED
from classifiers.linear import LINEAR_HARMS, LinearModel
from classifiers.linear.explain import contributions
from classifiers.normalise import deobfuscated
from classifiers.rules import BASE, RuleResult, RuleSet
from classifiers.tempering import Tempering
from rasoat.assessments import Assessment, Origin, Reason, Span, Versions
from rasoat.harms import TEXT_ONLY_HARMS, Harm
from rasoat.items import Platform
from rasoat.policy import Policy

if TYPE_CHECKING:
    from classifiers.checkpoints import Scorer

__all__ = ["CASCADE", "ENCODER", "LINEAR", "Classifier", "answer", "classify_file", "load_classifier"]

LINEAR: Final = "linear-vi-1"
CASCADE: Final = "cascade-vi-1"
ENCODER: Final = "encoder-vi-1"
"""Folders below `models/`. The encoder's may be absent: the cascade then weighs what it has."""
_CHUNK: Final = 1000  # texts at once: bounds memory, loses no speed
_ORDER: Final = tuple(Harm)
_BY_RULES: Final = TEXT_ONLY_HARMS - set(LINEAR_HARMS)
_UNSEEN: Final = {harm: sigmoid(BASE) if harm in TEXT_ONLY_HARMS else 0.0 for harm in _ORDER}
"""Probabilities where nothing spoke. CPR needs the other text beside it and AGG the site: no text alone shows them."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """Frozen; safe to share between threads."""

    rules: RuleSet
    linear: LinearModel
    tempering: Tempering
    cascade: Cascade
    encoder: Scorer | None
    thresholds: dict[Harm, float]
    alone: dict[Harm, float]
    """The policy's thresholds: rules that reach them flag by themselves."""
    versions: Versions
    lanes: dict[Harm, int] = field(default_factory=lambda: {harm: k for k, harm in enumerate(LINEAR_HARMS)})

    def assess(self, text: str, *, title: str = "", platform: Platform | None = None) -> Assessment:
        """Assess one text. A title is read in front of it; spans are offsets into `text`, and reasons from the title alone have none.

        `platform` decides nothing yet: the same words mean the same everywhere.
        """
        del platform
        if not title.strip():
            return self.assess_many([text])[0]
        whole = self.assess_many([f"{title}\n{text}"])[0]
        return replace(whole, reasons=tuple(_moved(reason, len(title) + 1) for reason in whole.reasons))

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        """Assess many texts; the same answers as one by one, several times faster. The model's spans are made for flagged texts only."""
        made: list[Assessment] = []
        for at in range(0, len(texts), _CHUNK):
            chunk = texts[at : at + _CHUNK]
            evidence = gather(self.rules, self.linear, self.tempering, chunk)
            chances = sigmoids(self._weighed(evidence, chunk)).tolist()
            made += [
                self._assessment(text, evidence.results[i], dict(zip(LINEAR_HARMS, chances[i], strict=True)), evidence, i)
                for i, text in enumerate(chunk)
            ]
        return made

    def _weighed(self, evidence: Evidence, texts: Sequence[str]) -> Any:
        """Log-odds (texts, harms): the transformer reads only those that rules and linear model leave uncertain."""
        logits = self.cascade.first(evidence)
        if self.encoder is not None and len(asked := self.cascade.uncertain(logits)):
            ask(self.encoder, evidence, texts, asked)
            logits = joined(logits, self.cascade.second(evidence), evidence, asked)
        return self.cascade.settled(logits, evidence, self.thresholds, self.alone)

    def _assessment(self, text: str, seen: RuleResult, spoken: dict[Harm, float], evidence: Evidence, row: int) -> Assessment:
        chances = _UNSEEN | spoken
        for harm in _BY_RULES & seen.scores.keys():
            chances[harm] = sigmoid(seen.scores[harm])
        flagged = tuple(harm for harm in _ORDER if harm in TEXT_ONLY_HARMS and chances[harm] >= self.thresholds[harm])
        reasons = list(seen.reasons)
        for harm in flagged:
            if harm in self.lanes and evidence.columns[row, self.lanes[harm], Kind.LINEAR] > NOTABLE:
                reasons += self.linear_reasons(text, harm)
        reasons.sort(key=lambda reason: -reason.weight)
        doubtful = self.cascade.doubtful(chances, self.thresholds)
        return Assessment(chances, flagged, tuple(reasons), self.versions, thresholds=self.thresholds, uncertain=doubtful)

    def linear_reasons(self, text: str, harm: Harm) -> list[Reason]:
        """The words that the linear model's score of a harm is made of, strongest first, five at most."""
        lane = self.lanes[harm]
        read = deobfuscated(text)
        found = contributions(self.linear.table, float(self.linear.scale[lane]), lane, read.text)
        slope = self.cascade.file.harms[harm].first.kinds[Kind.LINEAR]
        code = f"model:linear.{harm.value.lower()}"
        spans = [(one.weight * slope, read.span(one.span.start, one.span.end)) for one in found]
        return [Reason(harm, Origin.MODEL, code, round(weight, 3), span, _shortened(span.of(text))) for weight, span in spans]


READ: Final = 20_000
"""Characters that the transformer reads: a whole page; of a longer text the beginning, so that every text is answered in bounded time."""


def ask(encoder: Scorer, evidence: Evidence, texts: Sequence[str], rows: Any) -> None:
    """Fill the transformer's column for some texts, one text at a time: int8 scales follow the batch, and an answer must not.

    Where the harm asks for it (`Needs.civil`), speech is as protected as the more protective of the two models finds it. For the others the
    linear model alone says so: the transformer takes real scam messages, which it never saw, for news.
    """
    spoken = np.clip(np.stack([encoder.logits([texts[i][:READ]])[0] for i in rows]), -6.0, 6.0)
    for column, label in enumerate(encoder.labels):
        if label == PROTECTED:
            for lane in (LINEAR_HARMS.index(harm) for harm, needs in NEEDS.items() if needs.civil):
                before = evidence.columns[rows, lane, Kind.PROTECTED]
                evidence.columns[rows, lane, Kind.PROTECTED] = np.maximum(before, spoken[:, column])
        elif Harm(label) in LINEAR_HARMS:
            evidence.columns[rows, LINEAR_HARMS.index(Harm(label)), Kind.ENCODER] = spoken[:, column]


def _moved(reason: Reason, by: int) -> Reason:
    """From offsets in title and text to offsets in the text."""
    if reason.span is None or reason.span.end <= by:
        return replace(reason, span=None)
    return replace(reason, span=Span(max(0, reason.span.start - by), reason.span.end - by))


def _shortened(words: str, most: int = 160) -> str:
    return words if len(words) <= most else f"{words[: most // 2]} … {words[-most // 2 :]}"


def load_classifier(data_dir: Path, models_dir: Path, *, model: Path | None = None) -> Classifier:
    """Load policy, rules and models. `model`: a folder that `rasoat train --base` wrote, in the place of the transformer that ships.

    Raises:
        ConfigError: one of their files is missing, altered or wrong; the message says which, where and how to mend it.
    """
    policy, rules, linear = Policy.load(data_dir), RuleSet.load(data_dir), LinearModel.load(models_dir / LINEAR)
    encoder = _scorer(models_dir / ENCODER if model is None else model, needed=model is not None)
    weights = models_dir / CASCADE if model is None else model
    cascade = Cascade.load(weights, linear=linear.version, encoder=encoder.version if encoder else None)
    if cascade.file.encoder is None:
        encoder = None
    versions = Versions(
        model=" ".join([linear.version, cascade.version, *([encoder.version] if encoder else [])]),
        rules=rules.version,
        lexicon=rules.lexicon_version,
        policy=policy.version,
    )
    thresholds = agreed(policy.thresholds, cascade.thresholds())
    return Classifier(rules, linear, Tempering.of(rules), cascade, encoder, thresholds, dict(policy.thresholds), versions)


def _scorer(folder: Path, *, needed: bool) -> Scorer | None:
    if not needed and not folder.is_dir():
        return None
    from classifiers.checkpoints import load_scorer

    return load_scorer(folder, threads=0 if needed else 1)  # ours is asked a comment at a time: a second thread costs more than it brings
