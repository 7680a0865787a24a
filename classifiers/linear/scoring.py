"""Sums of weights by text: what totals are made of. Must not know calibration or harms.

Lanes are summed three at a time: three int8 weights ride in one 64-bit word, 21 bits each: one addition adds three, and sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.linear.features import DUMMY, SALTS, Encoded, char_grams, encode, word_grams

PER_WORD: Final = 3
_BITS: Final = 21
_HALF: Final = 1 << (_BITS - 1)
_MASK: Final = (1 << _BITS) - 1
LONGEST_VIEW: Final = 2000
"""Characters of one piece: 4 n-grams a character, one word and one pair for two, 127 each: 2000 * 5 * 127 still fits a lane's 21 bits."""
_BATCH: Final = 150_000  # characters in a batch: its arrays stay near the cache
Int8s = npt.NDArray[np.int8]
Int64s = npt.NDArray[np.int64]


def packed(table: Int8s) -> Int64s:
    """(rows, lanes) as int8 to (rows, lanes / 3) words."""
    out = np.zeros((len(table), table.shape[1] // PER_WORD), dtype=np.int64)
    for lane in range(table.shape[1]):
        out[:, lane // PER_WORD] += table[:, lane].astype(np.int64) << (_BITS * (lane % PER_WORD))
    return out


def unpacked(words: Int64s) -> Int64s:
    """Sums of packed words, (n, lanes / 3), to sums of lanes, (n, lanes)."""
    out = np.empty((len(words), words.shape[1] * PER_WORD), dtype=np.int64)
    rest = words.copy()
    for place in range(PER_WORD):
        lane = ((rest + _HALF) & _MASK) - _HALF
        out[:, place::PER_WORD] = lane
        rest = (rest - lane) >> _BITS
    return out


def sums(words: Int64s, batch: Encoded, view: str) -> tuple[Int64s, Int64s]:
    """By text: the sum of the weights, (texts, lanes), and how many n-grams counted, (texts,)."""
    by_position = np.zeros((len(batch.codes), words.shape[1]), dtype=np.int64)
    counted = np.zeros(len(batch.codes), dtype=np.int8)
    for _, rows in char_grams(batch, SALTS[view]):
        by_position[: len(rows)] += words.take(rows, axis=0)
        counted[: len(rows)] += rows != DUMMY
    if view == "accented":
        first, rows, _ = word_grams(batch, SALTS["word"])
        back = np.flatnonzero(first[1:] <= first[:-1])  # pairs follow the words; a word and its pair start at one place
        split = int(back[0]) + 1 if len(back) else len(first)
        for part in (slice(0, split), slice(split, None)):
            by_position[first[part]] += words.take(rows[part], axis=0)
            counted[first[part]] += 1
    starts = batch.starts[:-1]
    return unpacked(np.add.reduceat(by_position, starts, axis=0)), np.add.reduceat(counted, starts, dtype=np.int64)


def score(words: Int64s, views: dict[str, list[str]]) -> tuple[Int64s, Int64s]:
    """`sums` over all views of the same texts, in batches of bounded size."""
    size = len(next(iter(views.values())))
    totals, grams = np.zeros((size, words.shape[1] * PER_WORD), dtype=np.int64), np.zeros(size, dtype=np.int64)
    for view, texts in views.items():
        cut = [text[:LONGEST_VIEW] for text in texts]
        for start, end in _batches(cut):
            part, counted = sums(words, encode(cut[start:end]), view)
            totals[start:end] += part
            grams[start:end] += counted
    return totals, grams


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = size = 0
    for i, text in enumerate(texts):
        size += len(text)
        if size > _BATCH:
            yield start, i + 1
            start, size = i + 1, 0
    if start < len(texts):
        yield start, len(texts)
