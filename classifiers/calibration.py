"""From scores to probabilities: Platt's sigmoid fitted by Newton's method, and the calibration error. Plain numbers at run time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
FLOOR: Final = 14.0
"""Largest log-odds that is handed out: one in a million. No model of this size knows more."""


@dataclass(frozen=True, slots=True)
class Platt:
    """`logit = slope * score + offset` (Platt 1999). Two numbers: isotonic steps would need more positives than we have."""

    slope: float
    offset: float

    def logits(self, scores: Floats) -> Floats:
        """Calibrated log-odds, within ±`FLOOR`."""
        return np.clip(self.slope * scores + self.offset, -FLOOR, FLOOR)


def sigmoid(logit: float) -> float:
    """Log-odds to probability, strictly between 0 and 1 and finite for every input."""
    return 1.0 / (1.0 + math.exp(-max(-FLOOR, min(FLOOR, logit))))


def sigmoids(logits: Floats) -> Floats:
    """`sigmoid` for arrays."""
    out: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits, -FLOOR, FLOOR)))
    return out


def fit_platt(scores: Floats, labels: npt.NDArray[np.bool_], weights: Floats) -> Platt:
    """Weighted maximum likelihood with Platt's softened targets, which keep the slope finite when scores separate the labels.

    Raises:
        ValueError: only one label occurs.
    """
    positives, negatives = int(labels.sum()), int((~labels).sum())
    if not positives or not negatives:
        raise ValueError("calibration needs both labels")
    targets = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.stack([scores, np.ones_like(scores)], axis=1)
    beta = np.array([1.0, 0.0])
    for _ in range(100):
        chances = sigmoids(design @ beta)
        gradient = design.T @ (weights * (chances - targets))
        curvature = (design * (weights * np.maximum(chances * (1 - chances), 1e-9))[:, None]).T @ design
        step = np.linalg.solve(curvature + 1e-6 * np.eye(2), gradient)
        beta = beta - step / max(1.0, float(np.abs(step).max()))  # damped: never more than 1 at once
        if float(np.abs(step).max()) < 1e-10:
            break
    return Platt(float(beta[0]), float(beta[1]))


def prevalence_weights(labels: npt.NDArray[np.bool_], prevalence: float) -> Floats:
    """Weights that make the share of positives `prevalence`, with mean 1: the share among real comments, not in our collection."""
    share = float(labels.mean())
    out: Floats = np.where(labels, prevalence / share, (1 - prevalence) / (1 - share))
    return out


def expected_calibration_error(chances: Floats, labels: npt.NDArray[np.bool_], weights: Floats, bins: int = 10) -> float:
    """Weighted mean gap between what was foretold and what came, over `bins` equal ranges of probability (Guo et al. 2017)."""
    where = np.minimum((chances * bins).astype(int), bins - 1)
    gap = 0.0
    for k in range(bins):
        mask = where == k
        if mask.any():
            mass = weights[mask]
            gap += float(abs((mass * (chances[mask] - labels[mask])).sum()))
    return gap / float(weights.sum())
