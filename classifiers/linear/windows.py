"""Windows over long texts, and one score from many. Owns the sizes; must not know what is scored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

WINDOW: Final = 480
"""Characters: some 100 words, as long as a long comment, which is what the model was trained on."""
STEP: Final = 240
"""Half a window: what is harmful lies whole in two of them, unless it lies at an end of the text."""
LONGEST: Final = 200_000
"""Characters that are read; what comes after is not scored. A page of 50 MB must not hold up a queue."""
SHARE: Final = 0.3
"""Of a long text's windows, the share that must speak for a harm before the text does: one quoted script is two or three windows."""
_LOW: Final = -8.0
_HIGH: Final = 4.0
"""Log-odds of a single window are held here, so that none of them outweighs its neighbours."""


def windows(text: str) -> list[tuple[int, int]]:
    """Ranges of the text: all of it, or overlapping windows cut at white space."""
    if len(text) <= WINDOW + STEP:
        return [(0, len(text))]
    text, made, start = text[:LONGEST], [], 0
    while True:
        end = _edge(text, start + WINDOW)
        made.append((start, end))
        if end >= len(text):
            return made
        start = max(_edge(text, start + STEP), start + 1)


def _edge(text: str, at: int) -> int:
    """The next white space within a word's length, or `at` itself."""
    if at >= len(text):
        return len(text)
    found = text.find(" ", at, at + 30)
    return found if found >= 0 else at


def aggregate(scores: npt.NDArray[np.float64], counts: Sequence[int]) -> npt.NDArray[np.float64]:
    """One row a text from one row a window: the mean of the highest `SHARE` of them, two at least.

    So no text is high by one window's accident, a long article is not riskier than a short one for its length alone, and a page that
    talks of nothing else is as high as its windows.
    """
    out = np.empty((len(counts), scores.shape[1]))
    at = 0
    for i, count in enumerate(counts):
        rows = scores[at : at + count]
        at += count
        if count == 1:
            out[i] = rows[0]
        else:
            most = max(2, math.ceil(SHARE * count))
            out[i] = np.sort(np.clip(rows, _LOW, _HIGH), axis=0)[-most:].mean(axis=0)
    return out
