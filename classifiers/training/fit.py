"""Fitting the linear model: examples to a sparse matrix by the features that serve, logistic regression a lane, int8 weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifiers.linear.features import DUMMY, SALTS, char_grams, encode, word_grams
from classifiers.linear.model import LANES, LINEAR_HARMS, PROTECTED
from classifiers.linear.views import accented, folded
from classifiers.training.examples import Example
from classifiers.training.protection import protection

STRENGTH: Final = 20.0
"""C of the logistic regressions."""
ROUNDS: Final = 200
"""Sweeps of dual coordinate descent at most; 20 to 40 suffice. (L-BFGS stopped long before the rare harms were learnt: 0.64 of the area
under the curve for PII where this has 1.00.)"""
CLOSE: Final = 0.1
"""Where the sweeps stop: liblinear's own measure of how far the solution still moves."""
_CHUNK: Final = 500
Floats = npt.NDArray[np.float64]


def matrix(texts: Sequence[str]) -> Any:
    """Sparse (texts, 2^BITS) of n-gram counts over the square root of their number: what `LinearModel` computes, row by row."""
    return sparse.vstack([_chunk(texts[at : at + _CHUNK]) for at in range(0, len(texts), _CHUNK)], format="csr")


def _chunk(texts: Sequence[str]) -> Any:
    rows: list[npt.NDArray[np.int32]] = []
    columns_: list[npt.NDArray[np.int32]] = []
    for view, made in (("folded", [folded(text) for text in texts]), ("accented", [accented(text) for text in texts])):
        batch = encode(made)
        owners = np.repeat(np.arange(len(batch), dtype=np.int32), np.diff(batch.starts))
        for _, grams in char_grams(batch, SALTS[view]):
            keep = np.flatnonzero(grams != DUMMY)
            rows.append(owners[keep])
            columns_.append(grams[keep].astype(np.int32))
        if view == "accented":
            first, grams, _ = word_grams(batch, SALTS["word"])
            rows.append(owners[first])
            columns_.append(grams.astype(np.int32))
    row, column = np.concatenate(rows), np.concatenate(columns_)
    totals = np.maximum(np.bincount(row, minlength=len(texts)), 1)
    values = (1.0 / np.sqrt(totals))[row].astype(np.float32)
    return sparse.coo_matrix((values, (row, column)), shape=(len(texts), DUMMY)).tocsr()  # equal n-grams are summed


def targets(examples: Sequence[Example]) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float32]]:
    """Labels and how far they are believed, (examples, LANES) each."""
    labels = np.zeros((len(examples), LANES), dtype=np.bool_)
    believed = np.zeros((len(examples), LANES), dtype=np.float32)
    for i, example in enumerate(examples):
        for k, harm in enumerate(LINEAR_HARMS):
            labels[i, k] = harm in example.harms
            believed[i, k] = example.weight(harm)
        labels[i, PROTECTED], believed[i, PROTECTED] = protection(example)
    return labels, believed


def fit(examples: Sequence[Example], features: Any, *, seed: int, told: Callable[[str], None] = lambda line: None) -> tuple[Floats, Floats]:
    """Weights (2^BITS, LANES) and biases (LANES,). A lane without both labels stays silent: weights 0, log-odds -6."""
    weights, biases = np.zeros((DUMMY, LANES)), np.full(LANES, -6.0)
    labels, believed = targets(examples)
    features = features.astype(np.float64)  # once: liblinear would copy for every lane
    for k in range(LANES):
        use = np.flatnonzero(believed[:, k] > 0)
        if len(np.unique(labels[use, k])) < 2:
            told(f"nothing to learn {_name(k)} from")
            continue
        model = LogisticRegression(C=STRENGTH, solver="liblinear", dual=True, tol=CLOSE, max_iter=ROUNDS, random_state=seed)
        model.fit(features if len(use) == len(examples) else features[use], labels[use, k], sample_weight=believed[use, k])
        weights[:, k], biases[k] = model.coef_[0], float(model.intercept_[0])
        told(f"{_name(k)}: {int(labels[use, k].sum())} of {len(use)} examples, {int(model.n_iter_[0])} steps")
    return weights, biases


def _name(lane: int) -> str:
    return "protected speech" if lane == PROTECTED else LINEAR_HARMS[lane].value


def quantise(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """The int8 table with its row of zeros, and the scale of each column."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-9) / 127
    table = np.zeros((DUMMY + 1, LANES), dtype=np.int8)
    table[:DUMMY] = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    return table, scale
