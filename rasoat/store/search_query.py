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
from rasoat.text import Mapped, fold, fold_mapped

MAX_CHARS: Final = 1000
MAX_TERMS: Final = 32
_TOKEN: Final = re.compile(r"[^\W_]+")
_PIECE: Final = re.compile(r'"([^"]*)(?:"|$)|([^\s"]+)')
_QUOTES: Final = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\0": " "})


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that must follow one another; one token is a plain word."""

    tokens: tuple[str, ...]


def tokens(text: str) -> list[str]:
    """The folded words of a text: runs of letters and digits, accents and đ gone."""
    return _TOKEN.findall(fold(text))


def parse(text: str) -> tuple[Term, ...]:
    """All of them must occur. `lừa-đảo` is a phrase of two tokens; an open quotation mark closes at the end.

    Raises:
        UsageError: there is text but no letter or digit in it, or it is too long.
    """
    if len(text) > MAX_CHARS:
        raise UsageError(f"the search text has {len(text)} characters; {MAX_CHARS} are allowed")
    if not text.strip():
        return ()
    pieces = (quoted or word for quoted, word in _PIECE.findall(text.translate(_QUOTES)))
    terms = tuple(dict.fromkeys(Term(tuple(found)) for found in map(tokens, pieces) if found))
    if not terms:
        raise UsageError("the search text holds no letter and no digit")
    if len(terms) > MAX_TERMS:
        raise UsageError(f"the search text has {len(terms)} words and phrases; {MAX_TERMS} are allowed")
    return terms


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
    words = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(mapped.text)]
    firsts: dict[str, list[Term]] = {}
    for term in terms:
        firsts.setdefault(term.tokens[0], []).append(term)
    for i, (word, start, _) in enumerate(words):
        for term in firsts.get(word, ()):
            last = i + len(term.tokens) - 1
            if last < len(words) and all(words[i + n][0] == token for n, token in enumerate(term.tokens)):
                yield start, words[last][2]


def _apart(spans: Iterator[Span]) -> list[Span]:
    """One original character may fold to several, so that two folded ranges meet in it: the second starts after it."""
    listed = list(spans)
    for i, (before, after) in enumerate(pairwise(listed)):
        if after.start < before.end:
            listed[i + 1] = Span(before.end, max(before.end, after.end))
    return [span for span in listed if span.end > span.start]
