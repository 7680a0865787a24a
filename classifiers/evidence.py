"""What is known of a text before it is weighed: rules, linear log-odds, protected speech and safeguards, as arrays. Decides nothing.

The cascade weighs it, training learns the weights: both from here, so that they see the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.linear import LINEAR_HARMS, LinearModel
from classifiers.linear.model import PROTECTED
from classifiers.normalise import deobfuscated
from classifiers.rules import BASE, RuleResult, RuleSet
from classifiers.tempering import Tempering
from rasoat.harms import Harm

Floats = npt.NDArray[np.float64]
NOTABLE: Final = -4.0
"""Log-odds (2%) of the linear model from which safeguards are looked for in the whole text: below, it could hardly flag anything."""
_LOW: Final = -6.0
_HIGH: Final = 6.0
_PLACE: Final = {harm: k for k, harm in enumerate(LINEAR_HARMS)}


class Kind(IntEnum):
    """The columns of evidence for one harm. How each may count (`SIGNS`): a rule never speaks against a harm, a safeguard never for it."""

    RULE = 0  # log-odds of the rules over their base, after the safeguards near their hits; 0 where no rule spoke
    LINEAR = 1  # log-odds of the linear model, behind its gate
    PROTECTED = 2  # log-odds of protected speech, where positive
    GUARDS = 3  # what the safeguards found anywhere in the text take off
    ENCODER = 4  # log-odds of the transformer; 0 where it was not asked


SIGNS: Final = {Kind.RULE: 1, Kind.LINEAR: 1, Kind.PROTECTED: -1, Kind.GUARDS: -1, Kind.ENCODER: 1}


@dataclass(frozen=True, slots=True)
class Evidence:
    """`columns`: (texts, harms of the linear model, kinds). `results`: what the rules said, text by text."""

    results: tuple[RuleResult, ...]
    columns: Floats

    def of(self, harm: Harm) -> Floats:
        """(texts, kinds)."""
        made: Floats = self.columns[:, _PLACE[harm]]
        return made


def gather(rules: RuleSet, linear: LinearModel, tempering: Tempering, texts: Sequence[str]) -> Evidence:
    """Everything but the transformer's column."""
    columns = np.zeros((len(texts), len(LINEAR_HARMS), len(Kind)))
    results = tuple(rules.match(text) for text in texts)
    if not texts:
        return Evidence(results, columns)
    texts = [deobfuscated(text).text for text in texts]
    spoken = linear.gated(texts)
    columns[:, :, Kind.LINEAR] = np.clip(spoken[:, :PROTECTED], _LOW, _HIGH)
    columns[:, :, Kind.PROTECTED] = np.clip(spoken[:, PROTECTED], 0.0, _HIGH)[:, None]
    for i, result in enumerate(results):
        for harm, score in result.scores.items():
            if harm in _PLACE:
                columns[i, _PLACE[harm], Kind.RULE] = score - BASE
    for i in np.flatnonzero(spoken[:, :PROTECTED].max(axis=1) > NOTABLE).tolist():
        for harm, weight in tempering.discounts(texts[i]).items():
            if harm in _PLACE:
                columns[i, _PLACE[harm], Kind.GUARDS] = weight
    return Evidence(results, columns)
