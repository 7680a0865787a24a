"""Word vectors from which words stand near which (PPMI cut by SVD; Levy and Goldberg 2014): seconds for five million words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

Floats32 = npt.NDArray[np.float32]
NEAR: Final = 5
"""Words to each side, with weight 1/distance."""
_LEAST: Final = 3


def word_vectors(documents: Sequence[Sequence[str]], width: int, seed: int) -> dict[str, Floats32]:
    """A vector of length 1 for each word that occurs three times or more; none where there are fewer words than `width`."""
    counts = Counter(word for words in documents for word in words)
    known = [word for word, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if count >= _LEAST]
    if len(known) <= width:
        return {}
    number = {word: i for i, word in enumerate(known)}
    flat = np.array([i for words in documents for i in (*(number.get(word, -1) for word in words), *([-1] * NEAR))], dtype=np.int64)
    near = _near(flat, len(known))
    left, values, _ = randomized_svd(near, width, n_iter=4, random_state=seed)
    made = left * np.sqrt(values)
    made = (made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)).astype(np.float32)
    return dict(zip(known, made, strict=True))


def _near(flat: npt.NDArray[np.int64], size: int) -> Any:
    """Positive pointwise mutual information, (words, words)."""
    counts: Any = sparse.csr_matrix((size, size), dtype=np.float32)
    for gap in range(1, NEAR + 1):
        one, other = flat[:-gap], flat[gap:]
        both = (one >= 0) & (other >= 0)
        ones = np.full(int(both.sum()), 1 / gap, dtype=np.float32)
        counts = counts + sparse.coo_matrix((ones, (one[both], other[both])), shape=(size, size)).tocsr()
    counts = (counts + counts.T).tocoo()
    rows = np.bincount(counts.row, counts.data, size)
    columns = np.bincount(counts.col, counts.data, size) ** 0.75
    columns /= columns.sum()
    chance = np.log(counts.data / (rows[counts.row] * columns[counts.col]))
    keep = chance > 0
    return sparse.csr_matrix((chance[keep].astype(np.float32), (counts.row[keep], counts.col[keep])), shape=(size, size))
