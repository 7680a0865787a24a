"""`Mapped`: a text made from another one, with the way back for every character.

Every pass that changes text for matching hands out one of these, so that a reason always shows the words that were written.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from rasoat.assessments import Span


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """`text`, made from `original`. Character `i` of `text` came from `original[starts[i]:ends[i]]`; both rows never decrease.

    Rows that are a `range` say that every character answers for itself, from the first to the last.
    """

    text: str
    original: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> Span:
        """The range of `original` that `text[start:end]` came from; an empty range gives an empty span.

        Raises:
            ValueError: not a range of `text`.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"{start}..{end} is not a range of a text of {len(self.text)} characters")
        if start == end:
            here = self.starts[start] if start < len(self.text) else (self.ends[-1] if self.text else 0)
            return Span(here, here)
        return Span(self.starts[start], self.ends[end - 1])

    @classmethod
    def identity(cls, text: str) -> Mapped:
        """The text as it is."""
        return cls(text, text, range(len(text)), range(1, len(text) + 1))

    def then(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> Mapped:
        """A further pass: character `i` of the new `text` came from `self.text[starts[i]:ends[i]]`."""
        if isinstance(self.starts, range):  # the identity: every character is itself
            return Mapped(text, self.original, starts, ends)
        if isinstance(starts, range):
            return Mapped(text, self.original, self.starts, self.ends)
        return Mapped(
            text,
            self.original,
            array("l", map(self.starts.__getitem__, starts)),
            array("l", [self.ends[i - 1] for i in ends]),
        )
