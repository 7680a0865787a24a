"""The members of a recipe's ensemble, each giving out-of-fold scores: linear views, the convolutional network, the project's encoder.

Heavy members import torch when they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from bench.recipes.forms import Form, Ints, Rows
from bench.recipes.linear import CLASSIC, WIDE, Learner, log_counts, matrices, one_hot, support_vectors
from bench.recipes.stack import Floats, Folds, Scores, across
from bench.recipes.vectors import word_vectors
from bench.recipes.views import accented, counted, traits, words

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What every member gets. `parts`: the folds of the training rows. `beside`: shippable texts, by source."""

    form: Form
    train: Rows
    test: Rows
    parts: Folds
    beside: dict[str, list[dict[str, Any]]]
    seed: int
    threads: int

    @property
    def classes(self) -> int:
        """How many there are."""
        return len(self.form.classes)


def baseline(task: Task) -> Scores:
    """Word 1-2-grams and character 2-5-grams with a linear support-vector machine: the data README's baseline."""
    return _linear(task, *matrices(CLASSIC, task.train, task.test, extras=False), support_vectors)


def linear(task: Task) -> dict[str, Scores]:
    """Two feature sets, two learners; and where rows have a finer label, the same over it, summed up."""
    classic, wide = (matrices(views, task.train, task.test, extras=True) for views in (CLASSIC, WIDE))
    made = {
        "classic log counts": _linear(task, *classic, log_counts),
        "wide support vectors": _linear(task, *wide, support_vectors),
        "wide log counts": _linear(task, *wide, log_counts),
    }
    kinds = len(task.form.helper[1])
    if len(task.train.helpers) and kinds > 2:
        finer = _linear(replace_labels(task, task.train.helpers, kinds), *classic, log_counts)
        made["finer label"] = Scores(*(np.stack([side[:, 0], side[:, 1:].sum(axis=1)], axis=1) for side in (finer.train, finer.test)))
    return made


def replace_labels(task: Task, labels: Ints, kinds: int) -> Task:
    """The same task with another label."""
    form = replace(task.form, classes=tuple(map(str, range(kinds))))
    return replace(task, form=form, train=Rows(task.train.texts, labels, task.train.titles, task.train.categories))


def _linear(task: Task, features: Any, asked: Any, learner: Learner) -> Scores:
    from scipy import sparse

    labels = task.train.labels

    def fit(_: int, learn: Ints, held: Ints) -> tuple[Floats, Floats]:
        out = learner(features[learn], labels[learn], sparse.vstack([features[held], asked], format="csr"), task.classes)
        return out[: len(held)], out[len(held) :]

    return across(task.parts, len(task.train), len(task.test), task.classes, fit)


def shapes(task: Task) -> Scores:
    """Numbers about each text for the second level: traits, categories, and how rude a SafeSense-trained model finds it."""
    common = counted(task.train.texts)
    known = counted([row["text"] for rows in task.beside.values() for row in rows])
    sides = [traits(rows.texts, common, known) for rows in (task.train, task.test)]
    hot = one_hot(task.train, task.test)
    rude = _rude(task)
    one, two = (np.hstack([side, more, extra]) for side, more, extra in zip(sides, hot, rude, strict=True))
    return Scores(one, two)


def _rude(task: Task) -> tuple[Floats, Floats]:
    rows = [row for row in task.beside.get("safesense", []) if "label" in row]
    labels = np.array([int(row["label"]) > 0 for row in rows])
    if len(set(labels.tolist())) < 2:
        return np.zeros((len(task.train), 0)), np.zeros((len(task.test), 0))
    made = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)
    model = LinearSVC(C=0.1, class_weight="balanced", random_state=0).fit(
        made.fit_transform([accented(row["text"]) for row in rows]), labels
    )
    one, two = (
        model.decision_function(made.transform([accented(text) for text in rows.texts]))[:, None] for rows in (task.train, task.test)
    )
    return one, two


def convolution(task: Task, say: Say) -> Scores:
    """The convolutional network, its word vectors from the training texts and the project's own."""
    import torch

    from bench.recipes.convolution import WIDTH, Plan, read, scores

    torch.set_num_threads(task.threads)
    train, test = task.train, task.test
    documents = [words(text) for text in (*train.texts, *sorted(set(train.titles) - {""}))]
    documents += [words(row["text"]) for rows in task.beside.values() for row in rows]
    source = read(train.texts + test.texts, train.titles + test.titles, len(train), word_vectors(documents, WIDTH, task.seed), task.seed)
    labels, counts = [train.labels], [task.classes]
    if len(train.helpers):
        labels, counts = [*labels, train.helpers], [*counts, len(task.form.helper[1])]
    asked = np.arange(len(train), len(train) + len(test))

    def fit(number: int, learn: Ints, held: Ints) -> tuple[Floats, Floats]:
        out = scores(source, labels, learn, np.concatenate([held, asked]), counts, Plan(), task.seed + number)
        say(f"convolution: fold {number + 1} of {len(task.parts)}")
        return out[: len(held)], out[len(held) :]

    return across(task.parts, len(train), len(test), task.classes, fit)


EPOCHS: Final = 4
SHARES: Final = {"task": 0.5, "comments": 0.2, "wiki": 0.3}
"""Of every batch of the pre-training; what the task's own texts are for is most of it."""
_LEAST_WORDS: Final = 2_000


def pretrained(task: Task, folder: Path, steps: int, minutes: float, say: Say) -> Path | None:
    """A base of the project's encoder, made in `folder` from the training texts and the project's own; None where they are too few."""
    from classifiers.transformer.base import Diet, pretrain_base

    texts = {name: [row["text"] for row in rows] for name, rows in task.beside.items()}
    diet = {"task": with_titles(task.train), "wiki": texts.pop("wiki", [])}
    diet["comments"] = [text for rows in texts.values() for text in rows]
    diet = {name: rows for name, rows in diet.items() if sum(len(text.split()) for text in rows) >= _LEAST_WORDS}
    if "task" not in diet:
        return None
    pretrain_base(
        Diet(diet, {name: SHARES[name] for name in diet}),
        folder,
        seed=task.seed,
        steps=steps,
        minutes=minutes,
        threads=task.threads,
        progress=say,
    )
    return folder


def encoder(task: Task, base: Path | None, minutes: float, say: Say) -> Scores:
    """The project's own encoder, fine-tuned in each fold from `base` (or from nothing); `minutes` for all folds together."""
    from classifiers.transformer.finetuning import Recipe, fine_tune

    one, two = (with_titles(rows) for rows in (task.train, task.test))
    recipe = Recipe(epochs=EPOCHS, smoothing=0.05, held=0.0)

    def fit(number: int, learn: Ints, held: Ints) -> tuple[Floats, Floats]:
        taught = fine_tune(
            base,
            [one[i] for i in learn],
            task.train.labels[learn],
            kind="multiclass",
            names=task.form.classes,
            recipe=recipe,
            seed=task.seed + number,
            minutes=minutes / len(task.parts),
            threads=task.threads,
        )
        say(f"encoder: fold {number + 1} of {len(task.parts)}")
        out = softmax(taught.logits([*(one[i] for i in held), *two]).astype(np.float64), axis=1)
        return out[: len(held)], out[len(held) :]

    return across(task.parts, len(task.train), len(task.test), task.classes, fit)


def with_titles(rows: Rows) -> Sequence[str]:
    """Each text with the title it answers."""
    return [f"{text} | {title}" if title else text for text, title in zip(rows.texts, rows.titles, strict=True)]
