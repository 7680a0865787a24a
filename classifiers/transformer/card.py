"""`models/encoder-vi-1/CARD.md`, written from what the run measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifiers.training.datasets import Material
from classifiers.training.examples import Split
from classifiers.transformer.encoder import NAME
from classifiers.transformer.measuring import table

if TYPE_CHECKING:
    from classifiers.transformer.training import Figures

NOT_FOR = """## What it must not be used for

- Deciding anything without a person: it only ranks texts for two people to look at.
- Anything outside the closed list of harms; above all political opinion, criticism of officials, protest, religion, journalism.
- Judging a person: it sees one text, and knows nothing about who wrote it.
- By itself: its scores are raw log-odds. The cascade weighs them against rules, linear model and safeguards, and calibrates.
"""


def card(figures: Figures, material: Material, wiki_sha256: str) -> str:
    """Markdown."""
    sizes = ", ".join(f"{len(material.part(split)):,} {split.value}" for split in Split if material.part(split))
    parity = figures.parity
    held = ", ".join(f"{value:.3f}" for value in figures.held_back)
    lines = [
        f"# {NAME}",
        "",
        f"Version `{figures.version}`. A pre-norm transformer encoder of four layers, 256 wide, in the shape of ModernBERT",
        "(Warner et al. 2024): rotary positions, gated feed-forward layers. Pieces are read by their bare letters and by their",
        "accents, so that a text keeps its pieces when it loses its accents. Served in int8 by ONNX Runtime:",
        f"{figures.bytes / 1e6:.1f} MB with its vocabulary.",
        "",
        "It is asked only about texts that rules and linear model leave uncertain; figures of the whole stand in the card of",
        "`cascade-vi-1`.",
        "",
        "## How it was made",
        "",
        f"- Pre-training: guessing hidden pieces and dropped accents, {figures.pretraining_minutes:.1f} minutes, loss",
        f"  {figures.pretraining_loss:.3f} nats a piece at the end. Text: paragraphs of the Vietnamese Wikipedia (CC BY-SA 4.0,",
        "  `data/training/wiki-ATTRIBUTION.txt`), and the texts of the training split without their labels.",
        f"- Fine-tuning: {figures.tuning_minutes:.1f} minutes, {len(figures.held_back)} epochs; macro-F1 after each on the templates",
        f"  held back for early stopping: {held}.",
        f"- int8 against the network, {parity.texts} texts: scores differ by {parity.mean:.3f} on average,",
        f"  {parity.agreement:.1%} of verdicts agree.",
        "",
        "Command: `rasoat train`. The same seed gives the same figures within noise: the number of steps depends on the machine's speed.",
        "",
        "## Data",
        "",
        f"Examples: {sizes}. Files:",
        "",
        f"- `wiki.jsonl.gz` SHA-256 `{wiki_sha256}`",
        *(f"- `{name}` SHA-256 `{digest}`" for name, digest in sorted(material.hashes.items()) if name != "wiki.jsonl.gz"),
        "",
        "Licences: `data/training/README.md`. Nothing else was read: no research-only set, no crawled text, not the expression suite.",
        "",
        "## F1 of the encoder alone, at log-odds 0",
        "",
        *table(figures.f1),
        "",
        NOT_FOR,
    ]
    return "\n".join(lines)
