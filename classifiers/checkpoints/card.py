"""The card of a registered checkpoint: what it is made of, how it did, what nobody has looked at. Text for people who run the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.checkpoints.source import Source
from classifiers.training.datasets import Material
from classifiers.training.examples import Split
from classifiers.transformer.card import NOT_FOR
from classifiers.transformer.measuring import table

if TYPE_CHECKING:
    from classifiers.checkpoints.tuning import CheckpointFigures


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
        *table(figures.f1),
        "",
        "The expression suite is not part of this card: run `rasoat evaluate expression` before anybody relies on the model.",
        "",
        NOT_FOR,
    ]
    return "\n".join(lines)
