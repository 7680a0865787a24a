"""Where the embedding table starts: from how often pieces stand near each other (PPMI, cut to `width` by SVD; Levy and Goldberg 2014).

It takes half a minute and saves the network some thousand steps. Training only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from classifiers.transformer.pretraining import Packed

NEAR: Final = 4
"""Pieces to each side that count as near, with weight 1/distance."""
SCALE: Final = 0.05
_CHUNK: Final = 2_000_000


def neighbours(sources: Sequence[Packed], letters: int, rows: int) -> Any:
    """Counts (rows, letters): each piece, bare and accented, with the bare pieces near it."""
    counts: Any = 0
    for source in sources:
        for at in range(0, len(source.letters), _CHUNK):
            bare, accents = source.letters[at : at + _CHUNK], source.accents[at : at + _CHUNK]
            full = np.where(accents > 0, letters + accents, bare)
            for gap in range(1, NEAR + 1):
                for ids in (bare, full):
                    for one, other in ((ids[gap:], bare[:-gap]), (ids[:-gap], bare[gap:])):
                        ones = np.full(len(one), 1 / gap, dtype=np.float32)
                        counts = counts + sparse.coo_matrix((ones, (one, other)), shape=(rows, letters)).tocsr()
    return counts


def table(sources: Sequence[Packed], letters: int, rows: int, width: int, seed: int) -> npt.NDArray[np.float32]:
    """(rows, width), rows that never occur being zero."""
    counts = neighbours(sources, letters, rows).tocoo()
    by_row = np.bincount(counts.row, counts.data, rows)
    by_column = np.bincount(counts.col, counts.data, letters) ** 0.75
    share = by_column / by_column.sum()
    chance = np.log(np.maximum(counts.data / np.maximum(by_row[counts.row] * share[counts.col], 1e-12), 1e-12))
    keep = chance > 0
    ppmi = sparse.csr_matrix((chance[keep], (counts.row[keep], counts.col[keep])), shape=(rows, letters))
    left, values, _ = randomized_svd(ppmi, n_components=min(width, letters), n_iter=3, random_state=seed)
    made = np.pad(left * np.sqrt(values), ((0, 0), (0, width - left.shape[1])))
    sizes = np.sqrt((made**2).mean(axis=1, keepdims=True))
    turned = made @ np.linalg.qr(np.random.default_rng(seed).standard_normal((width, width)))[0]  # no coordinate is special
    out: npt.NDArray[np.float32] = (SCALE * turned / np.maximum(sizes, 1e-9)).astype(np.float32)
    return out
