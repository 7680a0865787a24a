"""Learns how the cascade weighs its evidence: a small monotone logistic regression a harm, on the calibration split, and its thresholds.

With one score this is Platt's sigmoid; with several it is the same with a weight for each. Training of the models never saw this split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from classifiers.calibration import sigmoids
from classifiers.cascade import HarmCascade, Weights, unseconded
from classifiers.evidence import Evidence, Kind
from classifiers.linear import LINEAR_HARMS
from classifiers.training.examples import Example
from rasoat.harms import Harm

PREVALENCE: Final = 0.025
"""Share of a stream that shows one harm: an assumption, near what the rules' base rate says (`classifiers.rules.BASE`)."""
HARD: Final = 0.25
"""Share of the harmless rest that looks like a harm (our own warnings, news, neighbours); the others are public comments and articles."""
PRECISION: Final = 0.90
"""What thresholds are chosen for, on that stream."""
LEAST_THRESHOLD: Final = 0.65
"""No threshold goes lower: the calibration split looks like training, streams do not."""
DOUBTFUL: Final = 0.004
"""Share of the harmless that may be called uncertain, a harm."""
LEAST_DOUBT: Final = 0.15
_PRIOR: Final = {Kind.RULE: 0.6, Kind.LINEAR: 1.0, Kind.PROTECTED: -0.3, Kind.GUARDS: -0.5, Kind.ENCODER: 0.7}
_BOUNDS: Final = {
    Kind.RULE: (0.7, 1.5),
    Kind.LINEAR: (0.2, 2.0),
    Kind.PROTECTED: (-3.0, 0.0),
    Kind.GUARDS: (-3.0, -1.0),
    Kind.ENCODER: (0.0, 2.0),
}
"""What each kind may weigh. Rules and safeguards keep a say whatever the split says: it is made of our own sentences, which the linear
model knows better than they do, and real text is not."""
_HOLD: Final = 2e-4
"""Strength of the pull towards `_PRIOR`: matters only where the split says little."""
_FEWEST: Final = 12
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sample:
    """One harm on the calibration split: evidence, labels, and the mass of each text in the stream (sums to 1)."""

    columns: Floats
    labels: Bools
    mass: Floats


def sample(evidence: Evidence, examples: Sequence[Example], harm: Harm) -> Sample:
    """Texts whose label for the harm is believed."""
    labels = np.array([harm in example.harms for example in examples], dtype=np.bool_)
    return Sample(evidence.of(harm), labels, masses(examples, labels, harm))


def masses(examples: Sequence[Example], labels: Bools, harm: Harm) -> Floats:
    """How much of the stream each text stands for: `PREVALENCE` the positives together, `HARD` of the rest our own negatives."""
    believed = np.array([0.0 if example.weight(harm) == 0 else 1.0 for example in examples])
    own = np.array([example.source == "own" for example in examples])
    out = np.zeros(len(examples))
    parts = ((labels, PREVALENCE), (~labels & own, (1 - PREVALENCE) * HARD), (~labels & ~own, (1 - PREVALENCE) * (1 - HARD)))
    for mask, share in parts:
        total = believed[mask].sum()
        if total:
            out[mask] = share * believed[mask] / total
    made: Floats = out / max(out.sum(), 1e-12)
    return made


def fitted(data: Sample, kinds: Sequence[Kind]) -> Weights:
    """Weighted maximum likelihood with signs held and a weak pull towards the prior. Without positives: the prior, far down."""
    prior = np.array([_PRIOR[kind] if kind in kinds else 0.0 for kind in Kind])
    if int((data.labels & (data.mass > 0)).sum()) < _FEWEST:
        return Weights(bias=-4.0, kinds=tuple(prior.tolist()))
    used = [int(kind) for kind in kinds]
    columns, mass, hold = data.columns[:, used], data.mass, prior[used]
    sign = np.where(data.labels, 1.0, -1.0)

    def loss(beta: Floats) -> tuple[float, Floats]:
        margin = sign * (columns @ beta[1:] + beta[0])
        gap = beta[1:] - hold
        pull = -sign * mass * sigmoids(-margin)
        gradient = np.concatenate([[pull.sum()], columns.T @ pull + 2 * _HOLD * gap])
        return float((mass * np.logaddexp(0.0, -margin)).sum() + _HOLD * gap @ gap), gradient

    bounds = [(None, None), *(_BOUNDS[kind] for kind in kinds)]
    found = minimize(loss, np.concatenate([[-4.0], hold]), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    kept = np.zeros(len(Kind))
    kept[used] = found.x[1:]
    return Weights(bias=round(float(found.x[0]), 6), kinds=tuple(round(float(x), 6) + 0.0 for x in kept))


def threshold(chances: Floats, data: Sample, precision: float = PRECISION) -> float:
    """The least probability over which the stream's precision still is `precision`; 0.95 where none is."""
    order = np.argsort(-chances, kind="stable")
    right = np.cumsum(data.mass[order] * data.labels[order])
    every = np.cumsum(data.mass[order])
    falls = np.append(np.diff(chances[order]) < 0, True)  # equal chances stay together
    holds = np.flatnonzero(falls & (right >= precision * every) & (right > 0))
    if not len(holds):
        return 0.95
    last = int(holds[-1])
    under = float(chances[order[last + 1]]) if last + 1 < len(order) else 0.0
    return round(min(0.95, max(LEAST_THRESHOLD, (float(chances[order[last]]) + under) / 2)), 4)


def doubt(chances: Floats, data: Sample, over: float) -> float:
    """Where doubt begins: as low as calls no more than `DOUBTFUL` of the harmless uncertain, under the threshold."""
    harmless = (~data.labels) & (chances < over)
    order = np.argsort(-chances[harmless], kind="stable")
    spent = np.cumsum(data.mass[harmless][order])
    last = int(np.searchsorted(spent, DOUBTFUL))
    low = float(chances[harmless][order[min(last, len(order) - 1)]]) if len(order) else LEAST_DOUBT
    return round(min(max(low, LEAST_DOUBT), over * 0.999), 4)


FIRST: Final = (Kind.RULE, Kind.LINEAR, Kind.PROTECTED, Kind.GUARDS)
SECOND: Final = (*FIRST, Kind.ENCODER)


def first_weights(evidence: Evidence, examples: Sequence[Example], kinds: Sequence[Kind] = FIRST) -> dict[Harm, Weights]:
    """Weights without the transformer, a harm."""
    return {harm: fitted(sample(evidence, examples, harm), kinds) for harm in LINEAR_HARMS}


def second_weights(evidence: Evidence, examples: Sequence[Example], asked: npt.NDArray[np.intp]) -> dict[Harm, Weights]:
    """Weights with the transformer, a harm, on the texts that it was asked about; masses stay those of the stream."""
    made = {}
    for harm in LINEAR_HARMS:
        every = sample(evidence, examples, harm)
        made[harm] = fitted(Sample(every.columns[asked], every.labels[asked], every.mass[asked]), SECOND)
    return made


def logits_of(weights: dict[Harm, Weights], evidence: Evidence) -> Floats:
    """(texts, harms)."""
    return np.stack([weights[harm].logits(evidence.of(harm)) for harm in LINEAR_HARMS], axis=1)


def finished(logits: Floats, evidence: Evidence, examples: Sequence[Example], first: dict[Harm, Weights],
             second: dict[Harm, Weights] | None) -> dict[Harm, HarmCascade]:  # fmt: skip
    """Thresholds and doubts for the final log-odds (texts, harms). What no model may flag counts for no threshold: it is never flagged."""
    made = {}
    for k, harm in enumerate(LINEAR_HARMS):
        data, chances = sample(evidence, examples, harm), sigmoids(logits[:, k])
        over = threshold(np.where(unseconded(harm, data.columns), 0.0, chances), data)
        made[harm] = HarmCascade(
            first=first[harm], second=second[harm] if second else None, threshold=over, doubt=doubt(chances, data, over)
        )
    return made
