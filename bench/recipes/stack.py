"""Folds, out-of-fold scores, the second level that joins the members, and class biases chosen for macro-F1.

Everything is chosen on scores of rows that the scoring model never saw; the test file takes no part. Must not know texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from bench.recipes.forms import BadFile, Ints

Floats = npt.NDArray[np.float64]
Folds = list[tuple[Ints, Ints]]
_TINY: Final = 1e-5
_GRID: Final = np.arange(-2.5, 2.51, 0.05)
_SMOOTH: Final = 5  # neighbours on the grid over which macro-F1 is averaged: a plateau, not a peak


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Class probabilities: of training rows by models that did not see them, and of test rows by the mean of those models."""

    train: Floats
    test: Floats


def folds(labels: Ints, count: int, seed: int) -> Folds:
    """Stratified folds, fewer where a class is too rare for so many."""
    least = int(np.bincount(labels)[np.unique(labels)].min())
    if least < 2 or len(np.unique(labels)) < 2:
        raise BadFile("the training rows must hold at least two classes, and at least two rows of each")
    cut = StratifiedKFold(min(count, least), shuffle=True, random_state=seed).split(labels, labels)
    return [(np.asarray(one), np.asarray(two)) for one, two in cut]


def across(parts: Folds, rows: int, test: int, classes: int, fit: Callable[[int, Ints, Ints], tuple[Floats, Floats]]) -> Scores:
    """`fit(number, learn, held)` gives the scores of held rows and of the test rows."""
    made = Scores(np.zeros((rows, classes)), np.zeros((test, classes)))
    for number, (learn, held) in enumerate(parts):
        made.train[held], more = fit(number, learn, held)
        made.test[:] += more / len(parts)
    return made


def log_odds(scores: Floats) -> Floats:
    """Logarithms, centred in each row; of two classes one column."""
    logs = np.log(np.clip(scores, _TINY, 1))
    return logs[:, 1:] - logs[:, :1] if logs.shape[1] == 2 else logs - logs.mean(axis=1, keepdims=True)


def macro_f1(truth: Ints, found: Ints, classes: int) -> float:
    """Mean F1 of the classes that occur in either; as scikit-learn has it."""
    table = np.bincount(truth * classes + found, minlength=classes**2).reshape(classes, classes)
    either = table.sum(axis=0) + table.sum(axis=1)
    return float(np.mean([2 * table[k, k] / either[k] for k in range(classes) if either[k]]))


def joined(groups: Sequence[Sequence[Scores]], traits: Scores, labels: Ints, parts: Folds, classes: int, seed: int) -> Scores:
    """The second level: the members' mean, a logistic regression over their log-odds, and trees that see the traits too; averaged.

    `groups`: members of one kind; in the mean each kind counts the same, however many members it has.
    """
    members = [member for group in groups for member in group]
    one = np.hstack([log_odds(member.train) for member in members])
    two = np.hstack([log_odds(member.test) for member in members])
    level = [[_levelled(member, labels, classes) for member in group] for group in groups]
    mean = _mean([_mean(group) for group in level])
    flat = _second(lambda: LogisticRegression(C=0.1, max_iter=1000), one, two, labels, parts, classes)
    grown = _second(
        lambda: _trees(seed, len(labels)), np.hstack([one, traits.train]), np.hstack([two, traits.test]), labels, parts, classes
    )
    return _mean([_levelled(each, labels, classes) for each in (mean, flat, grown)])


def _mean(scores: Sequence[Scores]) -> Scores:
    return Scores(np.mean([each.train for each in scores], axis=0), np.mean([each.test for each in scores], axis=0))


def _trees(seed: int, rows: int) -> Any:
    return HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=120,
        max_leaf_nodes=8,
        min_samples_leaf=max(1, min(30, rows // 20)),
        l2_regularization=5,
        random_state=seed,
    )


def _second(make: Callable[[], Any], one: Floats, two: Floats, labels: Ints, parts: Folds, classes: int) -> Scores:
    def fit(_: int, learn: Ints, held: Ints) -> tuple[Floats, Floats]:
        with threadpool_limits(1):  # trees this small only wait for each other, and on a busy machine for a long time
            model = make().fit(one[learn], labels[learn])
            return _wide(model, one[held], classes), _wide(model, two, classes)

    return across(parts, len(one), len(two), classes, fit)


def _wide(model: Any, features: Floats, classes: int) -> Floats:
    made = np.full((len(features), classes), _TINY)
    if len(features):
        made[:, model.classes_] = model.predict_proba(features)
    return made


def _levelled(scores: Scores, labels: Ints, classes: int) -> Scores:
    """Scores with the class biases in them, so that members with different priors can be averaged."""
    bias = biases(scores.train, labels, classes)
    return Scores(*(softmax(np.log(np.clip(side, _TINY, 1)) + bias, axis=1) for side in (scores.train, scores.test)))


def biases(scores: Floats, labels: Ints, classes: int) -> Floats:
    """What to add to each class's log-probability for the best macro-F1, smoothed over neighbouring values; the first class's is 0."""
    logs = np.log(np.clip(scores, _TINY, 1))
    out = np.zeros(classes)
    for _ in range(3 if classes > 2 else 1):
        for k in range(1, classes):
            rest = np.delete(logs + out, k, axis=1)
            best, other = rest.max(axis=1), np.delete(np.arange(classes), k)[rest.argmax(axis=1)]
            gap = best - logs[:, k]
            found = np.array([macro_f1(labels, np.where(gap < value, k, other), classes) for value in _GRID])
            padded = np.pad(found, _SMOOTH, mode="edge")
            smooth = np.convolve(padded, np.ones(2 * _SMOOTH + 1) / (2 * _SMOOTH + 1), mode="valid")
            out[k] = _GRID[int(smooth.argmax())]
    return out


def decided(scores: Floats, bias: Floats) -> Ints:
    """The class of each row."""
    return np.asarray((np.log(np.clip(scores, _TINY, 1)) + bias).argmax(axis=1), dtype=np.int64)


def held_f1(scores: Floats, labels: Ints, parts: Folds, classes: int) -> float:
    """Cross-validated macro-F1, the biases of each fold chosen on the other folds."""
    found = np.zeros(len(labels), dtype=np.int64)
    for learn, held in parts:
        found[held] = decided(scores[held], biases(scores[learn], labels[learn], classes))
    return macro_f1(labels, found, classes)
