"""How alike two MinHash signatures are, and from where on two texts count as the same.

Knows neither how a signature is made (`classifiers.near_duplicates`) nor where it is kept (`rasoat.store`).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import eq
from typing import Final

JOIN_AT: Final = 0.8
"""Estimated Jaccard from which on two items are the same thing said twice."""


def jaccard(a: Sequence[int], b: Sequence[int]) -> float:
    """The share of places in which two signatures agree (Broder 1997). 0.0 for none and for different lengths."""
    if not a or len(a) != len(b):
        return 0.0
    same: int = sum(map(eq, a, b))  # no loop of our own: asked 64 times for each flagged item
    return same / len(a)
