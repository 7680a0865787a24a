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
    """One gate as it is written: regular expressions over folded text by kind; `accented` ones count for the kind `group`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: Annotated[dict[str, Patterns], Field(min_length=1)]
    accented: Patterns = ()
    never: Patterns = ()
    least_words: int = 1


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate, ready to look."""

    kinds: Mapping[str, tuple[re.Pattern[str], re.Pattern[str] | None]]  # over folded text, and over accented text where there is one
    never: re.Pattern[str] | None
    least_words: int

    @classmethod
    def of(cls, file: GateFile) -> Gate:
        """Compile."""
        exact = _any(file.accented) if file.accented else None
        kinds = {kind: (_any(those), exact if kind == "group" else None) for kind, those in file.kinds.items()}
        return cls(kinds, _any(file.never) if file.never else None, file.least_words)

    def open(self, text: str) -> bool:
        """Whether the harm may be suggested for this text."""
        key = folded(text)
        if key.count(" ") + 1 < self.least_words or (self.never and self.never.search(key)):
            return False
        return all(self.shows(kind, text) for kind in self.kinds)

    def shows(self, kind: str, text: str) -> bool:
        """Whether the text has a sign of this kind."""
        plain, exact = self.kinds[kind]
        return bool(plain.search(folded(text)) or (exact and exact.search(accented(text))))


def gates(written: Mapping[str, Any]) -> dict[Harm, Gate]:
    """All gates of `model.json`. Raises pydantic's ValidationError or re.error for what is no gate."""
    return {Harm(name): Gate.of(GateFile.model_validate(gate)) for name, gate in written.items()}


def _any(patterns: Patterns) -> re.Pattern[str]:
    inner = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)")
