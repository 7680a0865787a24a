"""Plain figures: Wilson intervals, precision, recall, F1 with bootstrap intervals, gaps and rates. Owns formulas, no data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Z95: Final = 1.959964
"""Two-sided 95% of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n`, with the Wilson 95% interval (Wilson 1927). With n = 0 nothing is known: 0 to 1."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The share; 0 when there is nothing to share."""
        return self.hits / self.n if self.n else 0.0

    @property
    def low(self) -> float:
        """Lower bound."""
        return self._bounds()[0]

    @property
    def high(self) -> float:
        """Upper bound."""
        return self._bounds()[1]

    def _bounds(self) -> tuple[float, float]:
        if not self.n:
            return 0.0, 1.0
        p, z2 = self.value, Z95 * Z95
        middle = (p + z2 / (2 * self.n)) / (1 + z2 / self.n)
        half = Z95 / (1 + z2 / self.n) * math.sqrt(p * (1 - p) / self.n + z2 / (4 * self.n * self.n))
        return max(0.0, middle - half) if self.hits else 0.0, min(1.0, middle + half) if self.hits < self.n else 1.0

    def __str__(self) -> str:
        return f"{100 * self.value:.1f}% ({self.hits}/{self.n}, {100 * self.low:.1f}-{100 * self.high:.1f})"


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 of one harm, F1 with a bootstrap 95% interval."""

    precision: Rate
    recall: Rate
    f1: float
    f1_low: float
    f1_high: float


def f1(right: int, wrong: int, missed: int) -> float:
    """Harmonic mean of precision and recall from counts; 0 without a hit."""
    return 2 * right / (2 * right + wrong + missed) if right else 0.0


def scores(
    flagged: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_], clusters: Sequence[str], *, seed: int, rounds: int = 500
) -> Scores:
    """Figures of one harm. The bootstrap draws whole clusters: texts of one template are no independent evidence."""
    names = sorted(set(clusters))
    place = {name: i for i, name in enumerate(names)}
    index = np.array([place[name] for name in clusters])
    counts = np.stack(
        [np.bincount(index, weights=mask, minlength=len(names)) for mask in (flagged & truth, flagged & ~truth, ~flagged & truth)], axis=1
    )
    right, wrong, missed = (int(total) for total in counts.sum(axis=0))
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = [f1(*(int(x) for x in counts[rng.integers(0, len(names), len(names))].sum(axis=0))) for _ in range(rounds)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Scores(Rate(right, right + wrong), Rate(right, right + missed), f1(right, wrong, missed), float(low), float(high))


def gap(rates: Mapping[str, Rate], least: int = 60) -> float:
    """Largest difference of rates between groups that have at least `least` cases."""
    known = [rate.value for rate in rates.values() if rate.n >= least]
    return max(known) - min(known) if len(known) > 1 else 0.0
