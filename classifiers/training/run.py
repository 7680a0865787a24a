"""The whole training run: data, linear model, transformer, cascade, figures, cards. Made beside the models, swapped in at the end.

The same data and seed give the same bytes for linear model and cascade; the transformer repeats within noise.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from classifiers.cascade import FORMAT as CASCADE_FORMAT
from classifiers.cascade import Cascade, CascadeFile, joined, version_of
from classifiers.classifier import CASCADE, ENCODER, LINEAR, ask, load_classifier
from classifiers.evaluation.heldout import SPLITS, HeldoutReport, evaluate_heldout
from classifiers.evidence import gather
from classifiers.linear import LinearModel
from classifiers.linear.features import BITS
from classifiers.linear.model import FORMAT, LINEAR_HARMS
from classifiers.linear.windows import windows
from classifiers.normalise import deobfuscated
from classifiers.rules import RuleSet
from classifiers.spans import MODEL as SPANS
from classifiers.tempering import Tempering
from classifiers.training import datasets, fit, weigh
from classifiers.training.card import write_cards
from classifiers.training.datasets import Material
from classifiers.training.examples import Example, Split
from classifiers.training.files import npz, staging, swap, to_json, write
from classifiers.training.spans import train_spans
from rasoat.canonical import sha256_hex

if TYPE_CHECKING:
    from classifiers.checkpoints import Scorer

ASKED: Final = 0.25
"""Share of public comments, headlines and articles that the transformer may be asked about: what its speed costs."""
NEVER: Final = 99.0
"""Log-odds that no text reaches: the transformer is not asked."""
PAGE_PIECES: Final = 8
"""Windows of one long text that the linear model learns from."""
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What was made and how good it is."""

    folder: Path
    versions: tuple[str, ...]
    figures: HeldoutReport

    def __str__(self) -> str:
        return "\n".join([f"{self.folder}: {', '.join(self.versions)}", self.figures.table()])


def train(data_dir: Path, models_dir: Path, *, seed: int = 1, encoder: bool = True, progress: Told = lambda line: None) -> TrainReport:
    """Train everything that ships into `models_dir`. Without torch, or with `encoder=False`, the transformer that is there stays.

    Raises:
        ConfigError: training data or grammars are missing or malformed; nothing is replaced then.
    """
    material = datasets.load(data_dir, seed=seed)
    progress("examples: " + ", ".join(f"{len(material.part(split)):,} {split.value}" for split in Split))
    made = staging(models_dir)
    try:
        linear = train_linear(material, made / LINEAR, seed=seed, progress=progress)
        transformer = _encoder(data_dir, models_dir, made, material, seed=seed, fresh=encoder, progress=progress)
        train_cascade(data_dir, material, linear, transformer, made / CASCADE, progress)
        train_spans(data_dir, made, progress=progress)
        classifier = load_classifier(data_dir, made)
        figures = evaluate_heldout(classifier, {split: material.part(split) for split in SPLITS}, seed=seed)
        progress("measured")
        write_cards(made, material, classifier, figures, seed=seed, data_dir=data_dir)
        for name in (LINEAR, ENCODER, CASCADE, SPANS):
            if (made / name).is_dir():
                swap(made / name, models_dir / name)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return TrainReport(models_dir, tuple(classifier.versions.model.split()), figures)


def train_base(
    base: Path,
    data_dir: Path,
    models_dir: Path,
    out: Path,
    *,
    seed: int = 1,
    segment: bool | None = None,
    progress: Told = lambda line: None,
) -> str:
    """Fine-tune a Hugging Face checkpoint, register it in `out`, and learn how the cascade weighs it. Returns its version.

    Raises:
        ConfigError: the folder is no checkpoint that can be used, or the linear model is missing.
    """
    from classifiers.checkpoints import load_scorer
    from classifiers.checkpoints.tuning import tune_checkpoint

    linear = LinearModel.load(models_dir / LINEAR)
    material = datasets.load(data_dir, seed=seed)
    figures = tune_checkpoint(base, material, out, seed=seed, segment=segment, progress=progress)
    train_cascade(data_dir, material, linear, load_scorer(out), out, progress)
    return figures.version


def train_linear(material: Material, folder: Path, *, seed: int, progress: Told) -> LinearModel:
    """Fit, make int8, write and load again."""
    learn = [piece for example in material.part(Split.TRAIN) for piece in pieces(example)]
    weights, bias = fit.fit(learn, fit.matrix([deobfuscated(example.text).text for example in learn]), seed=seed, told=progress)
    table, scale = fit.quantise(weights)
    packed = npz(table=table, scale=scale, bias=bias)
    facts: dict[str, Any] = {
        "name": LINEAR,
        "format": FORMAT,
        "bits": BITS,
        "harms": [harm.value for harm in LINEAR_HARMS],
        "gates": material.gates,
        "weights_sha256": sha256_hex(packed),
    }
    facts["version"] = f"{LINEAR}@{sha256_hex(json.dumps(facts, sort_keys=True).encode())[:12]}"
    write(folder, weights__npz=packed, model__json=to_json(facts))
    return LinearModel.load(folder)


def pieces(example: Example) -> list[Example]:
    """A long text as its windows, spread over its length: half believed where harmful, for not every window of a script is one."""
    ranges = windows(example.text)
    if len(ranges) == 1:
        return [example]
    chosen = [ranges[i] for i in np.unique(np.linspace(0, len(ranges) - 1, PAGE_PIECES).astype(int))]
    weights = {harm: example.weight(harm) * (0.4 if harm in example.harms else 1.0) for harm in LINEAR_HARMS}
    return [replace(example, text=example.text[start:end], weights=weights) for start, end in chosen]


def _encoder(data_dir: Path, models_dir: Path, made: Path, material: Material, *, seed: int, fresh: bool, progress: Told) -> Scorer | None:
    """The transformer in `made`: trained, or the one that ships."""
    if fresh and find_spec("torch") and find_spec("classifiers.transformer.training"):
        from classifiers.transformer.training import train_encoder

        made_of = train_encoder(material, data_dir, made / ENCODER, seed=seed, progress=progress)
        write(made / ENCODER, metrics__json=to_json(made_of.to_dict()))
    elif (models_dir / ENCODER).is_dir():
        shutil.copytree(models_dir / ENCODER, made / ENCODER)
        progress(f"{ENCODER}: the one that is there")
    else:
        progress("no transformer: rules and linear model alone")
        return None
    from classifiers.transformer.encoder import Encoder

    return Encoder.load(made / ENCODER)


def train_cascade(data_dir: Path, material: Material, linear: LinearModel, encoder: Scorer | None, folder: Path, progress: Told) -> None:
    """Learn weights, band, thresholds and doubts on the calibration split; write `cascade.json`."""
    rules = RuleSet.load(data_dir)
    examples = material.part(Split.CALIBRATION)
    texts = [example.text for example in examples]
    evidence = gather(rules, linear, Tempering.of(rules), texts)
    progress(f"evidence of {len(texts):,} calibration texts")
    first = weigh.first_weights(evidence, examples)
    body: dict[str, Any] = {
        "format": CASCADE_FORMAT, "name": CASCADE, "version": "", "linear": linear.version, "encoder": encoder.version if encoder else None,
        "rules": rules.version, "precision": weigh.PRECISION, "stream": {"prevalence": weigh.PREVALENCE, "hard": weigh.HARD},
    }  # fmt: skip
    logits = weigh.logits_of(first, evidence)
    body["band"] = band(logits, examples) if encoder else NEVER
    second = None
    if encoder is not None:
        asked = np.flatnonzero(logits.max(axis=1) > body["band"])
        progress(f"asking the transformer about {len(asked):,} of them")
        ask(encoder, evidence, texts, asked)
        second = weigh.second_weights(evidence, examples, asked)
        logits = joined(logits, weigh.logits_of(second, evidence), evidence, asked)
    body["harms"] = weigh.finished(logits, evidence, examples, first, second)
    body = CascadeFile.model_validate(body).model_dump(mode="json")
    body["version"] = version_of(body)
    write(folder, cascade__json=to_json(body))
    Cascade.load(folder, linear=linear.version, encoder=encoder.version if encoder else None)


def band(logits: Any, examples: Sequence[Example]) -> float:
    """From where the transformer is asked: as low as asks about `ASKED` of public texts."""
    public = np.array([example.source != "own" for example in examples])
    tops = np.sort(logits.max(axis=1)[public]) if public.any() else logits.max(axis=1)
    return round(float(np.quantile(tops, 1 - ASKED)), 4)
