"""Reasons and assessments: what the machine suggests, why, and by which versions, so that it can be explained a year later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rasoat.harms import Harm


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points in the ORIGINAL text, also when matching ran on folded text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def of(self, text: str) -> str:
        """The words that the span covers."""
        return text[self.start : self.end]


class Origin(StrEnum):
    """Who says so."""

    MODEL = "model"
    RULE = "rule"
    HASH = "hash"
    IMPORT = "import"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item may be harmful. `code` is stable (`rule:frd.otp-request`); `weight` is in log-odds; `evidence` is the matched words."""

    harm: Harm
    origin: Origin
    code: str
    weight: float
    span: Span | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """What made an assessment: hashes or version strings of the four files that decide."""

    model: str
    rules: str
    lexicon: str
    policy: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """Calibrated probability per harm (all 14 keys), the codes at or over their queue threshold, and the reasons, strongest first.

    `uncertain`: codes under their threshold that the model can neither say nor rule out. A person would have to look; alone they keep
    no text and open no case.

    A suggestion to a person, never a decision.
    """

    probabilities: Mapping[Harm, float]
    flagged: tuple[Harm, ...]
    reasons: tuple[Reason, ...]
    versions: Versions
    at: datetime | None = None
    thresholds: Mapping[Harm, float] = field(default_factory=dict)
    uncertain: tuple[Harm, ...] = ()

    @property
    def top(self) -> Harm | None:
        """The flagged harm that a reviewer should think of first: the most probable, any other before spam.

        Spam says how a thing is spread; the other harm says what it does.
        """
        return max(self.flagged, key=lambda harm: (harm is not Harm.SPM, self.probabilities[harm])) if self.flagged else None
