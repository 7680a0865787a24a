"""A text as rules see it: folded words, where they stand, how they were accented, and the way back to the original."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from classifiers.normalise import normalise
from classifiers.rules.phrases import UNKNOWN, WORD, marks
from rasoat.assessments import Span
from rasoat.text import Mapped, fold, fold_mapped

ACCENTED_SHARE: Final = 0.3
"""From this share of marked words on a text counts as written with diacritics (running Vietnamese has 0.6 to 0.8)."""


@dataclass(frozen=True)
class View:
    """One reading of a text. `written` leads from the folded text to the accented one, `way_back` from there to the original."""

    original: str
    text: str
    words: list[str]
    read: Callable[[], tuple[Mapped, Mapped | None]]

    @classmethod
    def plain(cls, original: str, folded: str, words: list[str]) -> View:
        """The text as it stands."""
        return cls(original, folded, words, lambda: (fold_mapped(original), None))

    @classmethod
    def normalised(cls, original: str, vocabulary: frozenset[str]) -> View:
        """The text as it was meant to be read."""
        result = normalise(original, vocabulary)
        return cls(original, result.text, WORD.findall(result.text), lambda: (result.folded, result.accented))

    @cached_property
    def _maps(self) -> tuple[Mapped, Mapped | None]:
        return self.read()

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """Where each word stands in `text`."""
        return [hit.span() for hit in WORD.finditer(self.text)]

    @cached_property
    def _begins(self) -> list[int]:
        return [start for start, _end in self.places]

    @cached_property
    def marks(self) -> list[str]:
        """The diacritics of each word."""
        written, accented = self._maps
        found = [marks(written.span(start, end).of(written.original)) for start, end in self.places]
        if accented is None:
            return found
        return [mark or self._unsure(word, place) for mark, word, place in zip(found, self.words, self.places, strict=True)]

    def _unsure(self, word: str, place: tuple[int, int]) -> str:
        """The marks of a bare word that was read into something else (`t1en`, `täi`): anybody's guess."""
        written = self.span(*place).of(self.original)
        return UNKNOWN if marks(written) == UNKNOWN or fold(written) != word else ""

    @cached_property
    def accented(self) -> bool:
        """Whether the writer uses diacritics."""
        letters = [mark for word, mark in zip(self.words, self.marks, strict=True) if word.isalpha() and mark != UNKNOWN]
        return sum(map(bool, letters)) >= max(1, ACCENTED_SHARE * len(letters))

    def word_range(self, start: int, end: int) -> tuple[int, int]:
        """The words that a range of `text` touches."""
        first = max(0, bisect_right(self._begins, start) - 1)
        last = bisect_left(self._begins, end)
        return first, max(last, first + 1)

    def span(self, start: int, end: int) -> Span:
        """The range of the original behind a range of `text`."""
        written, accented = self._maps
        inner = written.span(start, end)
        return accented.span(inner.start, inner.end) if accented is not None else inner
