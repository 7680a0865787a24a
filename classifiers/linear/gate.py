"""Gates: a harm may only be suggested where the text has one sign of every kind that it cannot be without (HAT: a protected group).

A linear model adds words up; it cannot say "both". The gates travel with the model, in `model.json`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from classifiers.linear.views import accented, folded
from rasoat.harms import Harm

Patterns = tuple[str, ...]


class GateFile(BaseModel):
    """One gate as it is written: regular expressions over folded text by kind; one of `accented` stands for a sign of every kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: Annotated[dict[str, Patterns], Field(min_length=1)]
    accented: Patterns = ()
    never: Patterns = ()
    least_words: int = 1


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate, ready to look."""

    kinds: tuple[re.Pattern[str], ...]
    accented: re.Pattern[str] | None
    never: re.Pattern[str] | None
    least_words: int

    @classmethod
    def of(cls, file: GateFile) -> Gate:
        """Compile."""
        return cls(
            tuple(_any(patterns) for patterns in file.kinds.values()),
            _any(file.accented) if file.accented else None,
            _any(file.never) if file.never else None,
            file.least_words,
        )

    def open(self, text: str) -> bool:
        """Whether the harm may be suggested for this text."""
        key = folded(text)
        if key.count(" ") + 1 < self.least_words or (self.never and self.never.search(key)):
            return False
        return all(kind.search(key) for kind in self.kinds) or bool(self.accented and self.accented.search(accented(text)))


def gates(written: Mapping[str, Any]) -> dict[Harm, Gate]:
    """All gates of `model.json`. Raises pydantic's ValidationError or re.error for what is no gate."""
    return {Harm(name): Gate.of(GateFile.model_validate(gate)) for name, gate in written.items()}


def _any(patterns: Patterns) -> re.Pattern[str]:
    inner = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)")
