"""Fitting: examples to a sparse matrix by the features that serve, logistic regression a harm, int8 weights, Platt's sigmoid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from classifiers.calibration import Floats, Platt, fit_platt, prevalence_weights
from classifiers.linear.features import DUMMY, SALTS, char_grams, encode, word_grams
from classifiers.linear.gate import Gate
from classifiers.linear.model import LINEAR_HARMS
from classifiers.linear.views import accented, folded
from classifiers.training.datasets import columns
from classifiers.training.examples import Example
from rasoat.harms import Harm

STRENGTH: Final = 20.0
"""C of the logistic regression. Of 5, 20 and 80, 20 had the best F1 for HAR on dev (0.89) and was within 0.02 of the best for SPM."""
PREVALENCE: Final = {Harm.HAT: 0.35, Harm.HAR: 0.10, Harm.SPM: 0.15}
"""Shares of positives that probabilities are calibrated for, among texts that pass a harm's gate. HAT: SafeSense's annotators call 234 of
its 547 such rows hate; taken lower, for their notion is wider than ours. HAR and SPM: assumptions, for no set has such labels."""
_CHUNK: Final = 500


def matrix(texts: Sequence[str]) -> Any:
    """Sparse (texts, 2^BITS) of n-gram counts over the square root of their number: what `LinearModel` computes, row by row."""
    return sparse.vstack([_chunk(texts[at : at + _CHUNK]) for at in range(0, len(texts), _CHUNK)], format="csr")


def _chunk(texts: Sequence[str]) -> Any:
    rows: list[npt.NDArray[np.int64]] = []
    columns_: list[npt.NDArray[np.int64]] = []
    for view, made in (("folded", [folded(text) for text in texts]), ("accented", [accented(text) for text in texts])):
        batch = encode(made)
        owners = np.repeat(np.arange(len(batch)), np.diff(batch.starts))
        for _, grams in char_grams(batch, SALTS[view]):
            keep = np.flatnonzero(grams != DUMMY)
            rows.append(owners[keep].astype(np.int64))
            columns_.append(grams[keep].astype(np.int64))
        if view == "accented":
            first, grams, _ = word_grams(batch, SALTS["word"])
            rows.append(owners[first].astype(np.int64))
            columns_.append(grams.astype(np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns_)
    totals = np.maximum(np.bincount(row, minlength=len(texts)), 1)
    values = (1.0 / np.sqrt(totals))[row].astype(np.float32)
    return sparse.coo_matrix((values, (row, column)), shape=(len(texts), DUMMY)).tocsr()  # equal n-grams are summed


def fit(examples: Sequence[Example], features: Any) -> tuple[Floats, Floats]:
    """Weights (2^BITS, 3) and biases (3,)."""
    weights, biases = np.zeros((DUMMY, len(LINEAR_HARMS))), np.zeros(len(LINEAR_HARMS))
    for k, harm in enumerate(LINEAR_HARMS):
        labels, believed = columns(examples, harm)
        use = np.flatnonzero(np.array(believed) > 0)
        model = LogisticRegression(C=STRENGTH, max_iter=80, tol=1e-4)
        model.fit(features[use], np.array(labels)[use], sample_weight=np.array(believed)[use])
        weights[:, k], biases[k] = model.coef_[0], float(model.intercept_[0])
    return weights, biases


def quantise(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """The int8 table with its row of zeros, and the scale of each column."""
    scale = np.abs(weights).max(axis=0) / 127
    table = np.zeros((DUMMY + 1, 4), dtype=np.int8)
    table[:DUMMY, : weights.shape[1]] = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    return table, scale


def behind(examples: Sequence[Example], harm: Harm, gate: Gate) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Which examples are asked about a harm (its gate is open, their label is believed), and their labels: what figures are taken on."""
    labels, believed = columns(examples, harm)
    use = [i for i, example in enumerate(examples) if believed[i] >= 0.5 and gate.open(example.text)]
    return np.array(use, dtype=np.int64), np.array([labels[i] for i in use], dtype=np.bool_)


def calibrate(scores: Floats, examples: Sequence[Example], gates: Mapping[Harm, Gate]) -> tuple[Platt, ...]:
    """One sigmoid a harm, on examples that the weights never saw."""
    made = []
    for k, harm in enumerate(LINEAR_HARMS):
        use, truth = behind(examples, harm, gates[harm])
        made.append(fit_platt(scores[use, k], truth, prevalence_weights(truth, PREVALENCE[harm])))
    return tuple(made)
