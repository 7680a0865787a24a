"""What people type into the search box: words and "quoted phrases" as folded tokens, and where they stand in the original text.

Pure, and the same for every index adapter: knows no SQL and no server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rasoat.assessments import Span
from rasoat.errors import UsageError
from rasoat.store.search_words import TOKEN, exact_of, words
from rasoat.text import Mapped, fold_mapped

MAX_CHARS: Final = 1000
MAX_TERMS: Final = 32
_PIECE: Final = re.compile(r'(=?)"([^"]*)(?:"|$)|(=?)([^\s"]+)')
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\0": " "})


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow one another; one is a plain word. `exact`: as it was typed; `strict`: only what is written so is meant."""

    tokens: tuple[str, ...]
    exact: tuple[str, ...]
    strict: bool = False

    @property
    def accented(self) -> bool:
        """Whether it was typed with an accent or đ: what is written the same then comes first."""
        return any(exact != f"={token}" for token, exact in zip(self.tokens, self.exact, strict=True))

    @property
    def wanted(self) -> tuple[str, ...]:
        """The tokens that must be in the index."""
        return self.exact if self.strict else self.tokens


def parse(text: str) -> tuple[Term, ...]:
    """All of them must occur. `lừa-đảo` is a phrase of two words; an open quotation mark closes at the end; `=` makes strict.

    Raises:
        UsageError: there is text but no letter or digit in it, or it is too long.
    """
    if len(text) > MAX_CHARS:
        raise UsageError(f"the search text has {len(text)} characters; {MAX_CHARS} are allowed")
    if not text.strip():
        return ()
    pieces = _PIECE.findall(text.translate(_QUOTES))
    read = (_term(phrase or word, bool(strict or alone)) for strict, phrase, alone, word in pieces)
    terms = tuple(dict.fromkeys(term for term in read if term))
    if not terms:
        raise UsageError("the search text holds no letter and no digit")
    if len(terms) > MAX_TERMS:
        raise UsageError(f"the search text has {len(terms)} words and phrases; {MAX_TERMS} are allowed")
    return terms


def _term(piece: str, strict: bool) -> Term | None:
    found = words(piece)
    return Term(tuple(word.folded for word in found), tuple(word.exact for word in found), strict) if found else None


def highlight(text: str, terms: tuple[Term, ...]) -> tuple[Span, ...]:
    """Where the terms stand in the original text, in order, without overlaps."""
    if not terms or not text:
        return ()
    mapped = fold_mapped(text)
    found = sorted(_occurrences(mapped, terms))
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    spans = (mapped.span(start, end) for start, end in merged)
    return tuple(_apart(spans))


def _occurrences(mapped: Mapped, terms: tuple[Term, ...]) -> Iterator[tuple[int, int]]:
    found = [(match.group(), match.start(), match.end()) for match in TOKEN.finditer(mapped.text)]
    firsts: dict[str, list[Term]] = {}
    for term in terms:
        firsts.setdefault(term.tokens[0], []).append(term)
    for i, (word, start, _) in enumerate(found):
        for term in firsts.get(word, ()):
            those = found[i : i + len(term.tokens)]
            if tuple(one[0] for one in those) == term.tokens and (not term.strict or _written(mapped, those) == term.exact):
                yield start, those[-1][2]


def _written(mapped: Mapped, those: list[tuple[str, int, int]]) -> tuple[str, ...]:
    return tuple(exact_of(mapped.span(start, end).of(mapped.original)) for _, start, end in those)


def _apart(spans: Iterator[Span]) -> list[Span]:
    """One original character may fold to several, so that two folded ranges meet in it: the second starts after it."""
    listed = list(spans)
    for i, (before, after) in enumerate(pairwise(listed)):
        if after.start < before.end:
            listed[i + 1] = Span(before.end, max(before.end, after.end))
    return [span for span in listed if span.end > span.start]
