"""Which words made the score: weights spread over the characters of their n-grams, gathered by word, led back to the ORIGINAL text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.linear.features import DUMMY, SALTS, char_grams, encode, word_grams
from classifiers.linear.views import accented_mapped, folded, folded_mapped
from classifiers.linear.windows import windows
from rasoat.assessments import Span

MOST: Final = 5
"""Spans per harm: a reader looks at a handful; the rest is a long tail of fragments."""
SHARE: Final = 0.08
"""Least share of the positive evidence that a span must hold to be shown; the strongest is always shown."""
_WINDOWS: Final = 3
_GAP: Final = 3  # characters between two words that count as neighbours
_WORD: Final = re.compile(r"\S+")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contribution:
    """A range of the original text and what it adds to the raw score."""

    span: Span
    weight: float


def contributions(table: npt.NDArray[np.int8], scale: float, lane: int, text: str) -> tuple[Contribution, ...]:
    """The strongest spans for one column of the table, strongest first, of a long text from its strongest windows."""
    ranges = windows(text)
    if len(ranges) > 1:
        ranges = sorted(ranges, key=lambda r: -_strength(table[:, lane], text[r[0] : r[1]]))[:_WINDOWS]
    found = [
        Contribution(Span(c.span.start + start, c.span.end + start), c.weight)
        for start, end in ranges
        for c in _one(table[:, lane], scale, text[start:end])
    ]
    kept: list[Contribution] = []
    for one in sorted(found, key=lambda c: -c.weight):
        if not any(one.span.start < other.span.end and other.span.start < one.span.end for other in kept):
            kept.append(one)
    return tuple(kept[:MOST])


def _strength(weights: npt.NDArray[np.int8], text: str) -> float:
    spread, grams = _spread(weights, folded(text), "folded")
    return float(spread.sum() / np.sqrt(max(grams, 1)))


def _one(weights: npt.NDArray[np.int8], scale: float, text: str) -> list[Contribution]:
    at = np.zeros(len(text) + 1)
    grams = 0
    for view, mapped in (("folded", folded_mapped(text)), ("accented", accented_mapped(text))):
        if mapped is not None and mapped.text:
            spread, counted = _spread(weights, mapped.text, view)
            grams += counted
            np.add.at(at, np.fromiter(mapped.starts, dtype=np.int64, count=len(mapped.text)), spread)
    words = [(hit.start(), hit.end(), float(at[hit.start() : hit.end()].sum())) for hit in _WORD.finditer(text)]
    total = sum(weight for *_, weight in words if weight > 0)
    runs = sorted(_runs([word for word in words if word[2] > 0]), key=lambda run: -run[2])
    unit = scale / max(grams, 1) ** 0.5
    return [
        Contribution(Span(start, end), round(weight * unit, 4))
        for n, (start, end, weight) in enumerate(runs[:MOST])
        if round(weight * unit, 4) > 0 and (n == 0 or weight >= SHARE * total)
    ]


def _spread(weights: npt.NDArray[np.int8], text: str, view: str) -> tuple[Floats, int]:
    """Weight by character of the view: each n-gram's weight in equal parts over its characters."""
    batch = encode([text])
    steps = np.zeros(len(batch.codes) + 1)  # differences: +w/n where an n-gram begins, -w/n behind its end
    grams = 0
    for size, rows in char_grams(batch, SALTS[view]):
        each = weights[rows] / size
        steps[: len(rows)] += each
        steps[size : size + len(rows)] -= each
        grams += int((rows != DUMMY).sum())
    if view == "accented":
        first, rows, last = word_grams(batch, SALTS["word"])
        each = weights[rows] / np.maximum(last - first, 1)
        np.add.at(steps, first, each)
        np.add.at(steps, last, -each)
        grams += len(rows)
    return np.cumsum(steps)[1:-2], grams  # without the two spaces around the text


def _runs(words: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """Neighbouring words that all speak for the harm become one span."""
    runs: list[tuple[int, int, float]] = []
    for start, end, weight in words:
        if runs and start - runs[-1][1] <= _GAP:
            first, _, before = runs.pop()
            runs.append((first, end, before + weight))
        else:
            runs.append((start, end, weight))
    return runs
