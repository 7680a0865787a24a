"""Trains the encoder that ships: pre-training on text that may ship, fine-tuning on the training split, export, figures, card.

Figures here are the encoder's alone; whoever trains everything measures the whole cascade.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from classifiers.lanes import PROTECTED
from classifiers.training.datasets import Material
from classifiers.training.examples import Example, Split
from classifiers.training.fit import targets
from classifiers.transformer.base import Diet, facts_of, pretrain_base
from classifiers.transformer.card import card
from classifiers.transformer.encoder import GRAPH, NAME, TOKENS, Encoder
from classifiers.transformer.export import Parity, export
from classifiers.transformer.files import json_bytes, replace
from classifiers.transformer.finetuning import Recipe, Taught, fine_tune
from classifiers.transformer.measuring import f1_by_split
from classifiers.transformer.pretraining import Progress
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm

HARMS: Final = (
    Harm.FRD,
    Harm.GAM,
    Harm.SPM,
    Harm.CFM,
    Harm.ADV,
    Harm.HAT,
    Harm.HAR,
    Harm.SEX,
    Harm.PII,
    Harm.SHM,
    Harm.IMP,
)
"""What a text alone shows, without CSE, which stays with the rules: nothing is generated for it, so that nothing could be learned."""
LABELS: Final = (*(harm.value for harm in HARMS), PROTECTED)
STEPS: Final = 2_000
"""Batches of 8,192 pieces: sixteen million, so that each of those that there are is read about twice."""
PRETRAINING: Final = 0.42
"""Share of the minutes that pre-training may take."""
SHARES: Final = {"wiki": 0.55, "sets": 0.2, "corpus": 0.25}
"""Of every batch. Comments are few and Wikipedia is not how people comment: they are shown several times as often."""
_SETS: Final = ("vihos", "safesense", "viclickbait")
_PROBE: Final = 400
_OF_TEMPLATE: Final = 8
_HEAD: Final = 3_000
RECIPE: Final = Recipe(epochs=6, most=6, held=0.04)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run gave. `held_back`: macro-F1 after each epoch on the part of the training split kept for early stopping."""

    version: str
    pretraining_loss: float
    pretraining_minutes: float
    tuning_minutes: float
    held_back: tuple[float, ...]
    parity: Parity
    f1: dict[str, dict[str, float]]  # by split and harm, of the served graph alone, at log-odds 0
    bytes: int
    hashes: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """For `metrics.json`."""
        return asdict(self)


def train_encoder(
    material: Material,
    data_dir: Path,
    out_dir: Path,
    *,
    seed: int = 1,
    minutes: float = 74.0,
    threads: int = 2,
    progress: Progress = lambda line: None,
    base: Path | None = None,
    keep: Path | None = None,
    recipe: Recipe | None = None,
    teacher: npt.NDArray[np.generic] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Figures:
    """Pre-train (unless a `base` is given), fine-tune on `material`'s training split, and write `out_dir`, the folder that serves.

    `minutes`: for both together, at most; on a slower machine fewer steps are made. `keep`: where the pre-trained base is left, for other
    uses. `teacher`: log-odds of another model for the examples of the training split, (examples, LABELS).

    Raises:
        ConfigError: `data_dir/training/wiki.jsonl.gz` is missing or malformed, or the base is.
    """
    learn = material.part(Split.TRAIN)
    wiki, digest = wiki_texts(data_dir)
    begun = clock()
    with TemporaryDirectory() as scratch:
        folder = base or keep or Path(scratch)
        if base is None:
            limit = PRETRAINING * minutes
            pretrain_base(diet(learn, wiki), folder, seed=seed, steps=STEPS, minutes=limit, threads=threads, progress=progress)
        between = clock()
        left = minutes - (between - begun) / 60
        taught = tune(folder, learn, recipe=recipe or RECIPE, teacher=teacher, seed=seed, minutes=left, threads=threads, progress=progress)
        loss = float(facts_of(folder).get("loss", np.nan))
    ended = clock()
    probe = [learn[i].text for i in np.random.default_rng(seed).permutation(len(learn))[:_PROBE]]
    agreed = export(taught, out_dir, name=NAME, notes={"pretraining_loss": loss, "seed": seed, "wiki_sha256": digest}, probe=probe)
    served = Encoder.load(out_dir, threads=threads)
    made = {name: (out_dir / name).read_bytes() for name in (GRAPH, TOKENS)}
    figures = Figures(
        served.version,
        loss,
        (between - begun) / 60 if base is None else 0.0,
        (ended - between) / 60,
        taught.history,
        agreed,
        f1_by_split(served.logits, HARMS, material, seed),
        sum(map(len, made.values())),
        {name: sha256_hex(data) for name, data in made.items()},
    )
    replace(out_dir / "metrics.json", json_bytes(figures.to_dict() | {"data": material.hashes}))
    replace(out_dir / "CARD.md", card(figures, material, digest).encode())
    return figures


def tune(
    base: Path | None,
    learn: Sequence[Example],
    *,
    recipe: Recipe,
    teacher: npt.NDArray[np.generic] | None,
    seed: int,
    minutes: float,
    threads: int,
    progress: Progress,
) -> Taught:
    """Fine-tune on examples: harms, protected speech, how far each is believed; templates are held back whole."""
    labels, weights = targets(learn)
    return fine_tune(
        base,
        [example.text for example in learn],
        labels,
        kind="multilabel",
        names=LABELS,
        weights=weights,
        teacher=teacher,
        groups=[example.cluster for example in learn],
        recipe=recipe,
        seed=seed,
        minutes=max(1.0, minutes),
        threads=threads,
        progress=progress,
    )


def wiki_texts(data_dir: Path) -> tuple[list[str], str]:
    """Paragraphs of Wikipedia, and the hash of their file.

    Raises:
        ConfigError: it is missing or malformed.
    """
    path = data_dir / "training" / "wiki.jsonl.gz"
    try:
        packed = path.read_bytes()
        rows = [json.loads(line)["text"] for line in gzip.decompress(packed).splitlines()]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"cannot read the training text: {error}", place=Place(str(path)), hint="check the file out again") from error
    return [paragraph for text in rows for paragraph in text.split("\n")], sha256_hex(packed)


def diet(learn: Sequence[Example], wiki: Sequence[str]) -> Diet:
    """What a base reads: Wikipedia, and texts of the training split without their labels: a few of each template, the head of pages."""
    taken: Counter[str] = Counter()
    texts: dict[str, list[str]] = {"wiki": list(wiki), "sets": [], "corpus": []}
    for example in learn:
        taken[example.cluster] += 1
        if example.source in _SETS:
            texts["sets"].append(example.text)
        elif example.source == "own" and taken[example.cluster] <= _OF_TEMPLATE:
            texts["corpus"].append(example.text[:_HEAD])
    return Diet({name: those for name, those in texts.items() if those}, dict(SHARES))
