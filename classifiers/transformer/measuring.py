"""F1 of an encoder, or of a checkpoint in its place, alone and uncalibrated: for its card. Flagging is the cascade's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.training.datasets import Material
from classifiers.training.examples import Split
from classifiers.transformer.scoring import Floats
from rasoat.harms import Harm

MOST: Final = 4_000
"""Examples of one split: enough for a second digit, and pages take their time."""
_BELIEVED: Final = 0.5
ByHarm = dict[str, float]


def f1_by_split(logits: Callable[[Sequence[str]], Floats], harms: Sequence[Harm], material: Material, seed: int) -> dict[str, ByHarm]:
    """By split and harm, at log-odds 0, over at most `MOST` examples whose label is believed. NaN: the harm does not occur."""
    made: dict[str, ByHarm] = {}
    for split in (Split.DEV, Split.HELDOUT_SLOTS, Split.HELDOUT_SCHEMES):
        part = material.part(split)
        if not part:
            continue
        part = [part[i] for i in np.random.default_rng(seed).permutation(len(part))[:MOST].tolist()]
        found = logits([example.text for example in part]) > 0
        made[split.value] = {}
        for k, harm in enumerate(harms):
            use = [i for i, example in enumerate(part) if example.weight(harm) >= _BELIEVED]
            made[split.value][harm.value] = f1(found[use, k], np.array([harm in part[i].harms for i in use], dtype=np.bool_))
    return made


def f1(found: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    """NaN where there is nothing to find and nothing was found."""
    both, either = int((found & truth).sum()), int(found.sum() + truth.sum())
    return round(2 * both / either, 4) if either else math.nan


def table(by_split: Mapping[str, ByHarm]) -> list[str]:
    """A Markdown table: harms, splits, and their mean."""
    splits = list(by_split)
    if not splits:
        return ["No split to measure on."]
    rows = [f"| harm | {' | '.join(splits)} |", f"|---|{'---|' * len(splits)}"]
    rows += [f"| {harm} | {' | '.join(_number(by_split[split][harm]) for split in splits)} |" for harm in by_split[splits[0]]]
    means = [[value for value in by_split[split].values() if not math.isnan(value)] for split in splits]
    return [*rows, f"| mean | {' | '.join(_number(sum(m) / len(m)) if m else '–' for m in means)} |"]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
