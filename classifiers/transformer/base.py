"""The base: a pre-trained network with its vocabulary: `base.safetensors`, `tokenizer.json`, and `base.json` with the hashes of both.

Training only. Weights are half floats: 12 MB. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from classifiers.transformer import start
from classifiers.transformer.files import FORMAT, checked, json_bytes, replace
from classifiers.transformer.network import Network, Shape, state
from classifiers.transformer.pretraining import Packed, Progress, pack, pretrain
from classifiers.transformer.tokens import Vocabulary
from classifiers.transformer.vocabulary import learn
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place

WEIGHTS: Final = "base.safetensors"
TOKENS: Final = "tokenizer.json"
FACTS: Final = "base.json"
HINT: Final = "pre-train again, or copy the whole folder again"


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """Vocabulary, shape and weights."""

    vocabulary: Vocabulary
    shape: Shape
    weights: dict[str, torch.Tensor]

    def network(self, dropout: float) -> Network:
        """A fresh network with these weights."""
        made = Network(self.shape, dropout=dropout)
        made.load_state_dict(self.weights)
        return made


@dataclass(frozen=True, slots=True)
class Diet:
    """What a base is pre-trained on. `shares`: how much of every batch each group of texts gives, by name."""

    texts: dict[str, Sequence[str]]
    shares: dict[str, float]


def bare(texts: Sequence[str], *, seed: int, layers: int = 4) -> Base:
    """No pre-training: vocabulary and embedding table from the texts themselves."""
    vocabulary = learn(texts)
    shape, sources = Shape(vocabulary.size, vocabulary.rows, layers=layers), [pack(vocabulary, texts, 1.0)]
    return Base(vocabulary, shape, _fresh(shape, sources, seed))


def pretrain_base(
    diet: Diet,
    folder: Path,
    *,
    seed: int = 1,
    layers: int = 4,
    steps: int = 3_000,
    minutes: float = math.inf,
    threads: int = 1,
    progress: Progress = lambda line: None,
) -> float:
    """Learn a vocabulary, pre-train and write the folder. A step is 8,192 pieces. Returns the loss at the end (nats a piece)."""
    torch.set_num_threads(threads)
    vocabulary = learn([text for texts in diet.texts.values() for text in texts])
    shape = Shape(vocabulary.size, vocabulary.rows, layers=layers)
    sources = [pack(vocabulary, texts, diet.shares[name]) for name, texts in diet.texts.items()]
    amount = sum(len(source.letters) for source in sources)
    progress(f"vocabulary: {vocabulary.size} bare pieces, {len(vocabulary.accented)} accented; {amount} pieces to read")
    network = Network(shape)
    network.load_state_dict(_fresh(shape, sources, seed))

    def saved(loss: float = math.nan) -> None:
        save(Base(vocabulary, shape, state(network)), folder, {"seed": seed, "steps": steps, "loss": loss})

    loss = pretrain(network, sources, seed=seed, steps=steps, minutes=minutes, progress=progress, saved=saved)
    saved(loss)
    return loss


def _fresh(shape: Shape, sources: Sequence[Packed], seed: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    network = Network(shape)
    network.table.weight.data.copy_(torch.from_numpy(start.table(sources, shape.letters, shape.rows, shape.width, seed)))
    return state(network)


def save(base: Base, folder: Path, notes: dict[str, Any]) -> None:
    """Write the three files, `base.json` last."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = save_tensors({name: weight.half() for name, weight in base.weights.items()})
    tokens = base.vocabulary.to_json().encode()
    facts = {
        "format": FORMAT,
        "kind": "base",
        "shape": base.shape.to_dict(),
        "sha256": {WEIGHTS: sha256_hex(weights), TOKENS: sha256_hex(tokens)},
    }
    for name, data in ((WEIGHTS, weights), (TOKENS, tokens), (FACTS, json_bytes(facts | notes))):
        replace(folder / name, data)


def load(folder: Path) -> Base:
    """Read a base.

    Raises:
        ConfigError: a file is missing, altered, or of another format.
    """
    facts, files = checked(folder, FACTS, (WEIGHTS, TOKENS), HINT)
    try:
        if facts.get("kind") != "base":
            raise ValueError("it is no base")
        shape = Shape(**facts["shape"])
        base = Base(Vocabulary.from_json(files[TOKENS].decode()), shape, {k: w.float() for k, w in load_tensors(files[WEIGHTS]).items()})
        base.network(0.0)
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise ConfigError(f"not a base of format {FORMAT}: {error}", place=Place(str(folder / FACTS)), hint=HINT) from error
    return base


def facts_of(folder: Path) -> dict[str, Any]:
    """What `base.json` says."""
    made: dict[str, Any] = json.loads((folder / FACTS).read_bytes())
    return made
