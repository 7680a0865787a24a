"""Spans by occlusion: each word is hidden in turn, and what the score loses is its weight. Bounded: some hundred graph rows a text.

Knows the runner and the vocabulary; must not know harms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from classifiers.transformer.scoring import Runner, cut, score_pieces
from classifiers.transformer.tokens import MASK, Pieces, Vocabulary
from rasoat.assessments import Span

MOST: Final = 5
"""Spans per harm: as many as the linear model shows."""
SHARE: Final = 0.15
"""Least share of the greatest weight that a span must have to be shown."""
_WINDOWS: Final = 2  # of a long text: the strongest
_WIDE: Final = 3  # words hidden at once: a single word is guessed from its neighbours
_MOST_UNITS: Final = 48


class Weighed(NamedTuple):
    """A range of the original text, and how many log-odds the score loses without it."""

    span: Span
    weight: float


def occlusion(run: Runner, vocabulary: Vocabulary, text: str, label: int) -> tuple[Weighed, ...]:
    """At most `MOST` spans, strongest first, none for an empty text."""
    windows = cut(text)
    pieces = vocabulary.encode([text[start:end] for start, end in windows])
    strength = score_pieces(run, pieces)[:, label]
    found: list[Weighed] = []
    for i in np.argsort(-strength)[:_WINDOWS].tolist():
        found += [
            Weighed(Span(s.start + windows[i][0], s.end + windows[i][0]), w) for s, w in _one(run, pieces[i], label, float(strength[i]))
        ]
    return _strongest(found)


def _one(run: Runner, pieces: Pieces, label: int, whole: float) -> list[Weighed]:
    units = _units(_words(pieces))
    if not units:
        return []
    groups = [units[max(0, i - _WIDE // 2) : i + _WIDE // 2 + 1] for i in range(len(units))]
    drops = whole - score_pieces(run, [_without(pieces, group[0][0], group[-1][1]) for group in groups])[:, label]
    each = [float(drops[max(0, i - _WIDE // 2) : i + _WIDE // 2 + 1].mean()) for i in range(len(units))]
    return _runs(pieces, units, each)


def _units(words: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is hidden together: single words, or in a long window as many neighbours as it takes to stay under `_MOST_UNITS`."""
    size = -(-len(words) // _MOST_UNITS) or 1
    return [(words[i][0], words[min(i + size, len(words)) - 1][1]) for i in range(0, len(words), size)]


def _words(pieces: Pieces) -> list[tuple[int, int]]:
    """First and last piece of each word: pieces that touch in the text belong together."""
    words: list[tuple[int, int]] = []
    for i in range(1, len(pieces.letters) - 1):
        if words and pieces.offsets[i][0] == pieces.offsets[i - 1][1]:
            words[-1] = (words[-1][0], i)
        else:
            words.append((i, i))
    return words


def _without(pieces: Pieces, first: int, last: int) -> Pieces:
    letters, accents = list(pieces.letters), list(pieces.accents)
    for i in range(first, last + 1):
        letters[i], accents[i] = MASK, 0
    return replace(pieces, letters=letters, accents=accents)


def _runs(pieces: Pieces, words: list[tuple[int, int]], weights: list[float]) -> list[Weighed]:
    """Neighbouring words that all matter become one span, with the greatest weight among them."""
    least = SHARE * max(weights)
    runs: list[tuple[int, int, float]] = []
    for i, weight in enumerate(weights):
        if weight <= max(least, 0.0):
            continue
        if runs and runs[-1][1] == i - 1:
            runs[-1] = (runs[-1][0], i, max(runs[-1][2], weight))
        else:
            runs.append((i, i, weight))
    return [Weighed(pieces.span(words[a][0], words[b][1]), round(weight, 4)) for a, b, weight in runs]


def _strongest(found: list[Weighed]) -> tuple[Weighed, ...]:
    kept: list[Weighed] = []
    for one in sorted(found, key=lambda one: -one.weight):
        if not any(one.span.start < other.span.end and other.span.start < one.span.end for other in kept):
            kept.append(one)
    return tuple(kept[:MOST])
