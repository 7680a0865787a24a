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
    """One gate as it is written: regular expressions by kind, over folded text, or over accented text where they begin with `=`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: Annotated[dict[str, Patterns], Field(min_length=1)]
    never: Patterns = ()
    least_words: int = 1


@dataclass(frozen=True, slots=True)
class Words:
    """Patterns of one kind, compiled: those over folded text and those over accented text."""

    plain: re.Pattern[str] | None
    exact: re.Pattern[str] | None

    @classmethod
    def of(cls, patterns: Patterns) -> Words:
        """Compile."""
        plain = tuple(pattern for pattern in patterns if not pattern.startswith("="))
        exact = tuple(pattern[1:] for pattern in patterns if pattern.startswith("="))
        return cls(_any(plain), _any(exact))

    def within(self, text: str) -> bool:
        """Whether one of them occurs."""
        return bool((self.plain and self.plain.search(folded(text))) or (self.exact and self.exact.search(accented(text))))


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate, ready to look."""

    kinds: Mapping[str, Words]
    never: Words
    least_words: int

    @classmethod
    def of(cls, file: GateFile) -> Gate:
        """Compile."""
        return cls({kind: Words.of(those) for kind, those in file.kinds.items()}, Words.of(file.never), file.least_words)

    def open(self, text: str) -> bool:
        """Whether the harm may be suggested for this text."""
        if folded(text).count(" ") + 1 < self.least_words or self.never.within(text):
            return False
        return all(words.within(text) for words in self.kinds.values())

    def shows(self, kind: str, text: str) -> bool:
        """Whether the text has a sign of this kind."""
        return self.kinds[kind].within(text)


def gates(written: Mapping[str, Any]) -> dict[Harm, Gate]:
    """All gates of `model.json`. Raises pydantic's ValidationError or re.error for what is no gate."""
    return {Harm(name): Gate.of(GateFile.model_validate(gate)) for name, gate in written.items()}


def _any(patterns: Patterns) -> re.Pattern[str] | None:
    inner = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)") if patterns else None
