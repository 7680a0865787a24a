"""The card of a registered checkpoint: what it is made of, how it did, what nobody has looked at. Text for people who run the project."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from classifiers.checkpoints.source import Source
from classifiers.training.datasets import Material
from classifiers.training.examples import Split

if TYPE_CHECKING:
    from classifiers.checkpoints.tuning import CheckpointFigures

_NOT_FOR = """## What it must not be used for

- Deciding anything without a person: it only ranks texts for two people to look at.
- Anything outside the closed list of harms; above all political opinion, criticism of officials, protest, religion, journalism.
- Judging a person: it sees one text, and knows nothing about who wrote it.
"""


def card(source: Source, figures: CheckpointFigures, material: Material) -> str:
    """Markdown."""
    sizes = ", ".join(f"{len(material.part(split)):,} {split.value}" for split in Split if material.part(split))
    lines = [
        f"# {figures.name}",
        "",
        f"Version `{figures.version}`. A `{source.shape}` checkpoint from the folder `{source.folder.name}`, fine-tuned on the",
        f"project's own material for {figures.minutes} minutes, exported to ONNX in int8 ({figures.bytes / 1e6:.1f} MB).",
        f"Served scores differ from the network's by {figures.apart} log-odds on average.",
        "",
        "The licence of the checkpoint, and what it was pre-trained on, stand on the page it was downloaded from: nobody checked them",
        "here, and these weights are made from it.",
        "",
        "## Data",
        "",
        f"Examples: {sizes}. Files:",
        "",
        *(f"- `{name}` SHA-256 `{digest}`" for name, digest in sorted(material.hashes.items())),
        "",
        "## F1 at log-odds 0, before calibration",
        "",
        *_table(figures.f1),
        "",
        "The expression suite is not part of this card: run `rasoat evaluate expression` before anybody relies on the model.",
        "",
        _NOT_FOR,
    ]
    return "\n".join(lines)


def _table(f1: dict[str, dict[str, float]]) -> list[str]:
    splits = list(f1)
    if not splits:
        return ["No split to measure on."]
    rows = [f"| harm | {' | '.join(splits)} |", f"|---|{'---|' * len(splits)}"]
    rows += [f"| {harm} | {' | '.join(_number(f1[split][harm]) for split in splits)} |" for harm in f1[splits[0]]]
    means = [[value for value in f1[split].values() if not math.isnan(value)] for split in splits]
    return [*rows, f"| mean | {' | '.join(_number(sum(m) / len(m)) if m else '–' for m in means)} |"]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
