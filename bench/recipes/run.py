"""One recipe from rows to figures: members, second level, class biases, and the files that say what came out."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from bench.recipes import members
from bench.recipes.forms import Form, Ints, Rows
from bench.recipes.material import shipped
from bench.recipes.members import Say, Task
from bench.recipes.stack import Floats, Folds, Scores, biases, decided, folds, held_f1, joined, macro_f1

FOLDS: Final = 5
NETWORKS: Final = ("convolution", "encoder")
MEMBERS: Final = ("linear", *NETWORKS)
RESERVE: Final = 2.0
"""Minutes kept for the second level and for writing."""
PRETRAINING: Final = 0.4
"""Part of the encoder's time that its pre-training takes at most."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How a recipe runs. `minutes`: the encoder's training is cut short to keep to it. `steps`: of its pre-training, without a `base`."""

    members: tuple[str, ...] = MEMBERS
    seed: int = 1
    folds: int = FOLDS
    threads: int = 2
    minutes: float = 25.0
    base: Path | None = None
    steps: int = 400


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """`found` and `scores`: of the test rows. `figures`: what is written to figures.json."""

    found: Ints
    scores: Floats
    figures: dict[str, Any]


def run(form: Form, train: Rows, test: Rows | None, data: Path, choices: Choices, say: Say, clock: Callable[[], float]) -> Outcome:
    """Train on `train`, choose by cross-validation inside it, score `test` once. Without `test` only the cross-validated figure is made."""
    start = clock()

    def told(line: str) -> None:
        say(f"[{(clock() - start) / 60:5.1f} min] {line}")

    parts = folds(train.labels, choices.folds, choices.seed)
    asked = test if test is not None else Rows((), np.empty(0, dtype=np.int64), (), {name: () for name in train.categories})
    if test is None:
        asked = Rows(train.texts[:1], train.labels[:1], train.titles[:1], {k: v[:1] for k, v in train.categories.items()})
    task = Task(form, train, asked, parts, shipped(data / "training", asked.texts), choices.seed, choices.threads)
    base = members.baseline(task)
    told(f"baseline: {held_f1(base.train, train.labels, parts, task.classes):.4f} cross-validated")
    made = _members(task, choices, told, lambda: (clock() - start) / 60)
    groups = [[made[name] for name in made if name not in NETWORKS], *([made[name]] for name in made if name in NETWORKS)]
    final = joined([group for group in groups if group], members.shapes(task), train.labels, parts, task.classes, choices.seed)
    bias = biases(final.train, train.labels, task.classes)
    found = decided(final.test, bias)
    figures = _figures(task, parts, {"baseline": base, **made, "ensemble": final}, test is not None)
    told(f"ensemble: {figures['cross_validated']['ensemble']:.4f} cross-validated")
    figures |= {"classes": list(form.classes), "biases": [round(float(b), 3) for b in bias], "seed": choices.seed, "folds": len(parts)}
    figures |= {"minutes": round((clock() - start) / 60, 2), "threads": choices.threads, "encoder_base": choices.base is not None}
    return Outcome(found, final.test, figures)


def _members(task: Task, choices: Choices, say: Say, minutes: Callable[[], float]) -> dict[str, Scores]:
    made: dict[str, Scores] = {}
    if "linear" in choices.members:
        made |= members.linear(task)
    if "convolution" in choices.members:
        made["convolution"] = members.convolution(task, say)
    if "encoder" in choices.members:
        left = choices.minutes - RESERVE - minutes()
        if left > 1:
            made["encoder"] = _encoder(task, choices, left, say)
        else:
            say("encoder: left out, the time is up")
    for name, scores in made.items():
        say(f"{name}: {held_f1(scores.train, task.train.labels, task.parts, task.classes):.4f} cross-validated")
    return made


def _encoder(task: Task, choices: Choices, minutes: float, say: Say) -> Scores:
    start = now()
    if choices.base is not None:
        return members.encoder(task, choices.base, minutes, say)
    with TemporaryDirectory() as folder:
        base = members.pretrained(task, Path(folder), choices.steps, minutes * PRETRAINING, say)
        return members.encoder(task, base, minutes - (now() - start) / 60, say)


def _figures(task: Task, parts: Folds, made: dict[str, Scores], tested: bool) -> dict[str, Any]:
    labels, classes = task.train.labels, task.classes
    inside = {name: round(held_f1(scores.train, labels, parts, classes), 4) for name, scores in made.items()}
    plain = np.zeros(classes)
    figures: dict[str, Any] = {"dataset": task.form.name, "training_rows": len(labels), "cross_validated": inside}
    if tested:
        truth = task.test.labels
        each = {name: biases(scores.train, labels, classes) for name, scores in made.items()}
        figures["test_rows"] = len(truth)
        figures["test"] = {name: round(macro_f1(truth, decided(scores.test, each[name]), classes), 4) for name, scores in made.items()}
        figures["test_baseline_as_it_comes"] = round(macro_f1(truth, decided(made["baseline"].test, plain), classes), 4)
        figures["test_by_class"] = _by_class(truth, decided(made["ensemble"].test, each["ensemble"]), task.form.classes)
    return figures


def _by_class(truth: Ints, found: Ints, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    made: dict[str, dict[str, float]] = {}
    for k, name in enumerate(names):
        right, given, there = (int(x.sum()) for x in ((truth == k) & (found == k), found == k, truth == k))
        made[name] = {
            "precision": round(right / given, 4) if given else 0.0,
            "recall": round(right / there, 4) if there else 0.0,
            "f1": round(2 * right / (given + there), 4) if given + there else 0.0,
            "rows": there,
        }
    return made


def write(folder: Path, form: Form, outcome: Outcome, test: Rows | None) -> None:
    """`predictions.csv` (row, label, prediction, a probability a class) and `figures.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").write_text(json.dumps(outcome.figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if test is None:
        return
    with (folder / "predictions.csv").open("w", encoding="utf-8", newline="") as lines:
        out = csv.writer(lines, lineterminator="\n")
        out.writerow(["row", "label", "prediction", *(f"p_{name}" for name in form.classes)])
        for at, (label, found, scores) in enumerate(zip(test.labels, outcome.found, outcome.scores, strict=True), 1):
            out.writerow([at, form.classes[label], form.classes[found], *(f"{score:.4f}" for score in scores)])


def now() -> float:
    """Seconds."""
    return time.monotonic()
