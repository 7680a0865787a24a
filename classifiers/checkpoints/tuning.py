"""Fine-tunes a local Hugging Face checkpoint on the project's material, exports it to ONNX in int8, and registers it with a card.

Training only: torch and transformers. Weights come from safetensors, code from the installed library, nothing from the network.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoModelForSequenceClassification
from transformers.utils import logging

from classifiers.calibration import Platt, fit_platt
from classifiers.checkpoints.card import card
from classifiers.checkpoints.pieces import tokenizer_of
from classifiers.checkpoints.served import FORM, Checkpoint, Reading, filled, ids_of
from classifiers.checkpoints.source import Source, fits, look
from classifiers.training.datasets import Material
from classifiers.training.examples import Example, Split
from classifiers.training.fit import targets
from classifiers.transformer.encoder import FACTS, GRAPH, TOKENS
from classifiers.transformer.export import Plain, quantised, traced
from classifiers.transformer.files import FORMAT, json_bytes, replace
from classifiers.transformer.finetuning import Recipe, loss_of, whole
from classifiers.transformer.measuring import f1_by_split
from classifiers.transformer.pretraining import Progress, parameters, rate
from classifiers.transformer.sampling import MOST_WINDOWS
from classifiers.transformer.scoring import Floats, Kind, cut
from classifiers.transformer.training import HARMS, LABELS
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place

RATE: Final = 3e-5
"""The middle of what BERT's authors tried (Devlin et al. 2018, A.3)."""
BUDGET: Final = 2_048  # places of a batch
_POOL: Final = 2_000  # texts sorted together
Rows = list[list[list[int]]]
"""By text, by window: ids."""


@dataclass(frozen=True, slots=True)
class CheckpointFigures:
    """What was made. `f1`: by split and harm, at log-odds 0 of the served int8 graph; splits that the material lacks are left out."""

    name: str
    version: str
    minutes: float
    losses: tuple[float, ...]
    f1: dict[str, dict[str, float]]
    apart: float  # mean difference between the served scores and the network's
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """For `metrics.json`."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


def tune_checkpoint(
    base: Path,
    material: Material,
    out_dir: Path,
    *,
    epochs: int = 2,
    rate_: float = RATE,
    budget: int = BUDGET,
    seed: int = 1,
    minutes: float = math.inf,
    threads: int = 2,
    segment: bool | None = None,
    progress: Progress = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
) -> CheckpointFigures:
    """Fine-tune `base`, write `out_dir` (`model.onnx`, `tokenizer.json`, `model.json`, `metrics.json`, `CARD.md`) and measure it.

    `segment`: join syllables to words first; None: as the checkpoint's own files say.

    Raises:
        ConfigError: the folder is no checkpoint that can be used; the message says which file and what to do.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    source = look(base)
    fits(source, len(LABELS))
    tokenizer, network = tokenizer_of(base), _network(source)
    reading = _reading(source, network, tokenizer.get_vocab_size(), segment)
    learn = material.part(Split.TRAIN)
    begun = clock()
    progress(f"{base.name}: {source.shape}, {sum(p.numel() for p in network.parameters()):,} weights; {len(learn)} texts")
    windows = [[example.text[a:b] for a, b in cut(example.text)[:MOST_WINDOWS]] for example in learn]
    flat = iter(ids_of(tokenizer, reading, [window for made in windows for window in made]))
    rows: Rows = [[next(flat) for _ in made] for made in windows]
    losses = _fit(
        network, rows, learn, reading, epochs=epochs, peak=rate_, budget=budget, seed=seed, limit=minutes, progress=progress, clock=clock
    )
    took = (clock() - begun) / 60
    graph = quantised(_graph(network, reading))
    facts = _facts(out_dir.name, reading, graph, tokenizer.to_str().encode())
    out_dir.mkdir(parents=True, exist_ok=True)
    for name, data in ((GRAPH, graph), (TOKENS, tokenizer.to_str().encode()), (FACTS, json_bytes(facts))):
        replace(out_dir / name, data)
    served = Checkpoint.load(out_dir, threads=threads)
    replace(out_dir / FACTS, json_bytes(facts | {"notes": {"base": base.name, "seed": seed, "platt": _platt(served, material)}}))
    figures = CheckpointFigures(
        out_dir.name,
        facts["version"],
        round(took, 2),
        losses,
        f1_by_split(served.logits, HARMS, material, seed),
        _apart(network, served, rows, learn),
        len(graph),
    )
    replace(out_dir / "metrics.json", json_bytes(figures.to_dict() | {"hashes": material.hashes}))
    replace(out_dir / "CARD.md", card(source, figures, material).encode())
    return figures


def _network(source: Source) -> nn.Module:
    hint = "copy the whole checkpoint again; its files and its config.json do not belong together"
    place = Place(str(source.folder))
    logging.set_verbosity_error()  # its load report speaks of the head that is new, which is what we want
    logging.disable_progress_bar()
    try:
        made = AutoModelForSequenceClassification.from_pretrained(
            str(source.folder),
            num_labels=len(LABELS),
            use_safetensors=True,
            local_files_only=True,
            trust_remote_code=False,
            attn_implementation="eager",
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise ConfigError(f"cannot load the checkpoint: {str(error).splitlines()[0]}", place=place, hint=hint) from error
    network: nn.Module = made.float()
    return network


def _reading(source: Source, network: nn.Module, vocabulary: int, segment: bool | None) -> Reading:
    """Raises ConfigError where the tokenizer has pieces that the network has no row for, unless they are PhoBERT's merges."""
    rows = int(network.get_input_embeddings().weight.shape[0])
    config = source.config
    padding = int(config.get("pad_token_id") or 0)
    phobert = not (source.folder / "tokenizer.json").exists() and (source.folder / "bpe.codes").exists()
    if vocabulary > rows and not phobert:
        raise ConfigError(
            f"the tokenizer has {vocabulary} pieces, the network {rows} rows",
            place=Place(str(source.folder / "tokenizer.json")),
            hint="the tokenizer belongs to another checkpoint",
        )
    types = int(config.get("type_vocab_size") or 0) > 1
    return Reading(source.segmented if segment is None else segment, source.longest, padding, 3 if phobert else 0, rows, types)


def _fit(
    network: nn.Module,
    rows: Rows,
    learn: Sequence[Example],
    reading: Reading,
    *,
    epochs: int,
    peak: float,
    budget: int,
    seed: int,
    limit: float,
    progress: Progress,
    clock: Callable[[], float],
) -> tuple[float, ...]:
    """The mean loss of each epoch."""
    labels, believed = targets(learn)
    truth = labels.astype(np.float32)
    loss_by = loss_of(Kind.MULTILABEL, truth, believed.astype(np.float64), None, Recipe())
    optimiser = torch.optim.AdamW(parameters(network, 0.01), lr=peak)
    start, means = clock(), []
    for epoch in range(epochs):
        network.train()
        losses: list[float] = []
        groups = _groups(rows, budget, np.random.default_rng([seed, epoch]))
        for step, group in enumerate(groups):
            done = max((epoch + step / len(groups)) / epochs, (clock() - start) / 60 / limit)
            if done >= 1:
                break
            for part in optimiser.param_groups:
                part["lr"] = peak * rate(max(done, 1e-3))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                scores = _scores(network, [row for i in group for row in rows[i]], reading)
            loss = loss_by(whole(scores.float(), [len(rows[i]) for i in group]), np.array(group))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            losses.append(float(loss.detach()))
            if step % 200 == 199:
                progress(f"epoch {epoch + 1}, step {step + 1} of {len(groups)}, loss {np.mean(losses[-200:]):.4f}")
        means.append(float(np.mean(losses)) if losses else math.nan)
        progress(f"epoch {epoch + 1} of {epochs}: loss {means[-1]:.4f}, {(clock() - start) / 60:.1f} minutes")
    return tuple(means)


def _groups(rows: Rows, budget: int, dice: np.random.Generator) -> list[list[int]]:
    """Texts in random batches of like length."""
    order = dice.permutation(len(rows))
    made: list[list[int]] = []
    for at in range(0, len(order), _POOL):
        group: list[int] = []
        size = widest = 0
        for i in sorted(order[at : at + _POOL].tolist(), key=lambda i: max(map(len, rows[i]))):
            widest = max(widest, *map(len, rows[i]))
            if group and widest * (size + len(rows[i])) > budget:
                made.append(group)
                group, size = [], 0
            group.append(i)
            size += len(rows[i])
        made.append(group)
    return [made[i] for i in dice.permutation(len(made))]


def _scores(network: nn.Module, rows: Sequence[Sequence[int]], reading: Reading) -> Tensor:
    ids, mask = filled(rows, reading.padding)
    scores: Tensor = network(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask)).logits
    return scores


def _graph(network: nn.Module, reading: Reading) -> bytes:
    ids = torch.tensor([[5, 6, 7, 8], [5, 6, reading.padding, reading.padding]])
    given = {"input_ids": ids, "attention_mask": (ids != reading.padding).long()}
    if reading.types:
        given["token_type_ids"] = torch.zeros_like(ids)
    return traced(Plain(network), given)


def _facts(name: str, reading: Reading, graph: bytes, tokens: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "name": name,
        "format": FORMAT,
        "form": FORM,
        "labels": list(LABELS),
        "reading": {one.name: getattr(reading, one.name) for one in fields(reading)},
        "sha256": {GRAPH: sha256_hex(graph), TOKENS: sha256_hex(tokens)},
    }
    return facts | {"version": f"{name}@{sha256_hex(json.dumps(facts, sort_keys=True).encode())[:12]}"}


def _platt(served: Checkpoint, material: Material) -> dict[str, list[float]]:
    """Slope and offset by harm on the calibration split, for harms with both labels there."""
    held = material.part(Split.CALIBRATION)
    scores = served.logits([example.text for example in held]).astype(np.float64)
    made: dict[str, list[float]] = {}
    for k, harm in enumerate(HARMS):
        truth = np.array([harm in example.harms for example in held], dtype=np.bool_)
        if truth.any() and not truth.all():
            one: Platt = fit_platt(scores[:, k], truth, np.ones(len(held)))
            made[harm.value] = [one.slope, one.offset]
    return made


def _apart(network: nn.Module, served: Checkpoint, rows: Rows, learn: Sequence[Example]) -> float:
    """Mean difference of scores over some short texts."""
    some = [i for i in range(len(rows)) if len(rows[i]) == 1][:50]
    with torch.inference_mode():
        before: Floats = torch.cat([_scores(network, rows[i], served.reading) for i in some]).float().numpy()
    return round(float(np.abs(before - served.logits([learn[i].text for i in some])).mean()), 4)
