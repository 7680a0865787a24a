"""Sums of weights by position: what totals and explanations are both made of. Must not know calibration or harms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from classifiers.linear.features import DUMMY, SALTS, Encoded, char_grams, encode, word_grams

_LANES = 4
_BATCH = 150_000  # characters in a batch: its arrays stay near the cache


def sums(table: npt.NDArray[np.int8], batch: Encoded, view: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """By text: the sum of the weights, (texts, 4), and how many n-grams counted, (texts,)."""
    by_position = np.zeros((len(batch.codes), _LANES), dtype=np.int16)
    counted = np.zeros(len(batch.codes), dtype=np.int16)
    lanes = table.view(np.uint32).ravel()
    for _, rows in char_grams(batch, SALTS[view]):
        by_position[: len(rows)] += lanes[rows].view(np.int8).reshape(-1, _LANES)
        counted[: len(rows)] += rows != DUMMY
    starts = batch.starts[:-1]
    totals = np.add.reduceat(by_position, starts, axis=0, dtype=np.int64)
    grams = np.add.reduceat(counted, starts, dtype=np.int64)
    if view == "accented":
        first, rows, _ = word_grams(batch, SALTS["word"])
        owners = batch.owners(first)
        weights = lanes[rows].view(np.int8).reshape(-1, _LANES)
        for lane in range(_LANES - 1):
            totals[:, lane] += np.bincount(owners, weights[:, lane], len(batch)).astype(np.int64)
        grams += np.bincount(owners, minlength=len(batch))
    return totals, grams


def score(table: npt.NDArray[np.int8], views: dict[str, list[str]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """`sums` over all views of the same texts, in batches of bounded size."""
    size = len(next(iter(views.values())))
    totals, grams = np.zeros((size, _LANES), dtype=np.int64), np.zeros(size, dtype=np.int64)
    for view, texts in views.items():
        for start, end in _batches(texts):
            part, counted = sums(table, encode(texts[start:end]), view)
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
