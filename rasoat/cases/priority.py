"""Where a case stands in the queue, and why: severity × confidence × reach × age, each part shown to the reviewer.

No part reads topic, viewpoint or who published. Severity orders the queue; it says nothing about how sure anybody is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rasoat.harms import Severity
from rasoat.missing import Maybe, given

SEVERITY_WEIGHT: Final = {Severity.S1: 10_000.0, Severity.S2: 100.0, Severity.S3: 30.0, Severity.S4: 10.0}
"""S1 outweighs any confidence, reach and age of the others together (P0 stands outside the normal order)."""
AGE_DOUBLES_HOURS: Final = 24.0
"""A case that waits a day counts as much as two fresh ones, so that none waits for ever."""
MAX_AGE_FACTOR: Final = 8.0


@dataclass(frozen=True, slots=True)
class Priority:
    """`value` is the product of the four factors."""

    severity: float
    confidence: float
    reach: float
    age: float

    @property
    def value(self) -> float:
        """What the queue is sorted by, highest first."""
        return self.severity * self.confidence * self.reach * self.age


def priority(severity: Severity, probability: float, reach: Maybe[int], items: int, opened_at: datetime, now: datetime) -> Priority:
    """`probability` in 0..1; `reach` views or likes, Missing counts as none; `items` near-duplicates in the case."""
    hours = max(0.0, (now - opened_at).total_seconds() / 3600)
    return Priority(
        severity=SEVERITY_WEIGHT[severity],
        confidence=min(max(probability, 0.0), 1.0),
        reach=1.0 + math.log10(1 + given(reach, 0)) / 4 + math.log10(max(items, 1)),
        age=min(1.0 + hours / AGE_DOUBLES_HOURS, MAX_AGE_FACTOR),
    )
