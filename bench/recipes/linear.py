"""Sparse TF-IDF views and the linear learners over them: support vectors, and logistic regression over log-count ratios.

A view is fitted on all training texts (it sees no label); learners are fitted inside each fold. Class scores are rows of a softmax.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from bench.recipes.forms import Ints, Rows
from bench.recipes.views import VIEWS, WORD, accented

Floats = npt.NDArray[np.float64]
Learner = Callable[[Any, Ints, Any, int], Floats]
"""Training matrix, its labels, matrix to score, number of classes; gives (rows, classes) that sum to 1."""
_TOKEN: Final = WORD.pattern
_NEVER: Final = -5.0  # the score of a class that the rows do not hold


@dataclass(frozen=True, slots=True)
class View:
    """One family of n-grams. `unit`: word, char (over all), char_wb (inside words)."""

    reading: str
    unit: str
    sizes: tuple[int, int]
    least: int = 2  # texts that an n-gram must occur in
    weight: float = 1.0


CLASSIC: Final = (View("accented", "word", (1, 2)), View("accented", "char_wb", (2, 5)))
"""The form of the data README's linear baseline."""
WIDE: Final = (
    View("spelled", "word", (1, 3)),
    View("accented", "char", (1, 6), least=3),
    View("folded", "char_wb", (2, 5)),
)
TITLE_WEIGHT: Final = 0.5
"""Of the title's words and the categories against the text's own n-grams."""


def matrices(views: Sequence[View], train: Rows, test: Rows, *, extras: bool) -> tuple[Any, Any]:
    """Sparse matrices of both, side by side n-grams of every view, and with `extras` title words and categories."""
    first, second = [], []
    for view in views:
        made = _vectoriser(view, len(train))
        one, two = ([VIEWS[view.reading](text) for text in rows.texts] for rows in (train, test))
        first.append(made.fit_transform(one) * view.weight)
        second.append(made.transform(two) * view.weight)
    if extras:
        for one, two in _extras(train, test):
            first.append(one * TITLE_WEIGHT)
            second.append(two * TITLE_WEIGHT)
    return sparse.hstack(first, format="csr"), sparse.hstack(second, format="csr")


def one_hot(train: Rows, test: Rows) -> tuple[Floats, Floats]:
    """The categories that both have, a column a value that training rows have."""
    made: tuple[list[Floats], list[Floats]] = ([np.zeros((len(train), 0))], [np.zeros((len(test), 0))])
    for name in train.categories:
        if name in test.categories:
            values = sorted(set(train.categories[name]))
            for side, rows in zip(made, (train, test), strict=True):
                side.append(np.array([[value == each for each in values] for value in rows.categories[name]], dtype=np.float64))
    return np.hstack(made[0]), np.hstack(made[1])


def _extras(train: Rows, test: Rows) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if any(train.titles) and any(test.titles):
        words = _vectoriser(View("accented", "word", (1, 2)), len(train))
        found.append(
            (words.fit_transform([accented(title) for title in train.titles]), words.transform([accented(t) for t in test.titles]))
        )
    one, two = one_hot(train, test)
    if one.shape[1]:
        found.append((sparse.csr_matrix(one), sparse.csr_matrix(two)))
    return found


def _vectoriser(view: View, size: int) -> Any:
    least = view.least if size >= 200 else 1
    if view.unit == "word":
        return TfidfVectorizer(ngram_range=view.sizes, sublinear_tf=True, token_pattern=_TOKEN, min_df=least, lowercase=False)
    return TfidfVectorizer(analyzer=view.unit, ngram_range=view.sizes, sublinear_tf=True, min_df=least, lowercase=False)


def support_vectors(features: Any, labels: Ints, asked: Any, classes: int) -> Floats:
    """A balanced linear support-vector machine; the baseline too."""
    scores = LinearSVC(C=0.1, class_weight="balanced", random_state=0).fit(features, labels).decision_function(asked)
    if scores.ndim == 1:
        scores = np.stack([-scores / 2, scores / 2], axis=1)
    made: Floats = softmax(3.0 * scores, axis=1)
    return made


def log_counts(features: Any, labels: Ints, asked: Any, classes: int) -> Floats:
    """Logistic regression over n-grams times their naive Bayes log-count ratio (Wang and Manning 2012), one class against the rest."""
    there = (features > 0).astype(np.float64)
    scores = np.zeros((asked.shape[0], classes))
    for k in range(classes) if classes > 2 else (1,):
        ours = labels == k
        if ours.all() or not ours.any():
            scores[:, k] = _NEVER if not ours.any() else -_NEVER
            continue
        inside, outside = (np.asarray(there[part].sum(axis=0)).ravel() + 0.5 for part in (ours, ~ours))
        ratio = sparse.diags(np.log((inside / inside.sum()) / (outside / outside.sum())))
        made = LogisticRegression(C=1.0, solver="liblinear", class_weight="balanced", tol=1e-3, random_state=0)
        scores[:, k] = made.fit(features @ ratio, ours).decision_function(asked @ ratio)
    out: Floats = softmax(2.0 * scores if classes > 2 else scores, axis=1)
    return out
