"""A small convolutional network over words (Kim 2014), each word the sum of its own vector and of its hashed letter n-grams (fastText).

Its words start from `vectors.py`. A helper label of the same rows, where there is one, is learned beside. Imports torch.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from bench.recipes.forms import Ints
from bench.recipes.views import words
from rasoat.text import fold

Floats = npt.NDArray[np.float64]
BUCKETS: Final = 1 << 15
WIDTH: Final = 128
FILTERS: Final = 128
SIZES: Final = (1, 2, 3, 5)
LONGEST: Final = 90
"""Words of a text that are read, and of its title a third as many."""
_MOST_GRAMS: Final = 28


@dataclass(frozen=True, slots=True)
class Plan:
    """How the network is trained."""

    epochs: int = 5
    rate: float = 2e-3
    batch: int = 32
    dropout: float = 0.3
    lost: float = 0.1  # words whose own vector is hidden
    smoothing: float = 0.05
    helper: float = 0.5  # weight of the helper label
    balance: float = 0.5  # power of the inverse class frequency


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Texts as numbers of word types; each type has a number of its own vector (1: none) and letter n-grams."""

    texts: list[list[int]]
    own: Tensor  # (types,)
    grams: Tensor  # (types, n-grams), filled up with 0
    start: Tensor  # (own vectors, WIDTH)


def read(texts: Sequence[str], titles: Sequence[str], train: int, vectors: Mapping[str, npt.NDArray[np.float32]], seed: int) -> Read:
    """All texts, of which the first `train` say which words are known."""
    documents = [
        words(text)[:LONGEST] + (["||", *words(title)[: LONGEST // 3]] if title else []) for text, title in zip(texts, titles, strict=True)
    ]
    counts = Counter(word for document in documents[:train] for word in set(document))
    known = sorted({word for word, count in counts.items() if count >= 2} | set(vectors))
    number = {word: i for i, word in enumerate(known, 2)}
    types: dict[str, int] = {}
    made = [[types.setdefault(word, len(types) + 1) for word in document] for document in documents]
    grams = np.zeros((len(types) + 1, _MOST_GRAMS), dtype=np.int64)
    own = np.zeros(len(types) + 1, dtype=np.int64)
    for word, i in types.items():
        found = _grams(word)[:_MOST_GRAMS]
        grams[i, : len(found)], own[i] = found, number.get(word, 1)
    start = np.random.default_rng(seed).normal(0, 0.01, (len(known) + 2, WIDTH)).astype(np.float32)
    for word, vector in vectors.items():
        start[number[word]] = vector
    start[0] = 0
    return Read(made, torch.from_numpy(own), torch.from_numpy(grams), torch.from_numpy(start))


def _grams(word: str) -> list[int]:
    whole, bare = f"<{word}>", f"<{fold(word)}>"
    made = ["=" + bare, *("~" + bare[i : i + 3] for i in range(len(bare) - 2))]
    made += [whole[i : i + n] for n in (2, 3, 4) for i in range(len(whole) - n + 1)]
    return [1 + zlib.crc32(gram.encode("utf-8", "replace")) % (BUCKETS - 1) for gram in made]


class Network(nn.Module):
    """Words, convolutions, the strongest answer of each filter and the mean word; one head a label."""

    def __init__(self, source: Read, labels: Sequence[int], plan: Plan) -> None:
        super().__init__()
        self.lost = plan.lost
        self.own = nn.Embedding.from_pretrained(source.start.clone(), freeze=False, padding_idx=0, sparse=True)
        self.letters = nn.Embedding(BUCKETS, WIDTH, padding_idx=0, sparse=True)
        nn.init.normal_(self.letters.weight, std=0.03)
        self.letters.weight.data[0] = 0
        self.filters = nn.ModuleList(nn.Conv1d(WIDTH, FILTERS, size, padding=size // 2) for size in SIZES)
        self.drop = nn.Dropout(plan.dropout)
        self.heads = nn.ModuleList(nn.Linear(FILTERS * len(SIZES) + WIDTH, count) for count in labels)

    def forward(self, texts: Tensor, own: Tensor, grams: Tensor) -> list[Tensor]:
        """(B, L) word types to a score a class, for each label."""
        types, where = torch.unique(texts, return_inverse=True)
        mine, theirs = own[types], grams[types]
        if self.training:
            mine = torch.where((torch.rand(mine.shape) < self.lost) & (mine > 0), torch.ones_like(mine), mine)
        vectors = self.own(mine) + self.letters(theirs).sum(dim=1) / (theirs > 0).sum(dim=1, keepdim=True).clamp(min=1)
        there = (texts > 0).unsqueeze(1)
        x = self.drop(functional.embedding(where, vectors)).transpose(1, 2) * there
        parts = [functional.relu(each(x))[:, :, : texts.shape[1]].masked_fill(~there, 0).amax(dim=2) for each in self.filters]
        joined = self.drop(torch.cat([*parts, x.sum(dim=2) / there.sum(dim=2)], dim=1))
        return [head(joined) for head in self.heads]


def scores(source: Read, labels: Sequence[Ints], learn: Ints, asked: Ints, counts: Sequence[int], plan: Plan, seed: int) -> Floats:
    """Train on the texts `learn` (the first label is the one asked for) and give class probabilities of the texts `asked`."""
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    network = Network(source, counts, plan)
    truths = [torch.from_numpy(np.asarray(label)) for label in labels]
    weights = [_weights(np.asarray(label)[learn], count, plan.balance) for label, count in zip(labels, counts, strict=True)]
    steps = plan.epochs * len(_batches(source, learn, plan.batch, dice))
    optimisers, courses = _optimisers(network, plan, steps)
    network.train()
    for _ in range(plan.epochs):
        for batch in _batches(source, learn, plan.batch, dice):
            found = network(_padded(source, batch), source.own, source.grams)
            losses = [
                functional.cross_entropy(score, truth[batch], weight=weight, label_smoothing=plan.smoothing)
                for score, truth, weight in zip(found, truths, weights, strict=True)
            ]
            loss = losses[0] + plan.helper * sum(losses[1:])
            for optimiser in optimisers:
                optimiser.zero_grad()
            loss.backward()
            for step in (*optimisers, *courses):
                step.step()
    return _asked(network, source, asked, counts[0])


def _asked(network: Network, source: Read, asked: Ints, classes: int) -> Floats:
    network.eval()
    out = np.zeros((len(asked), classes))
    order = sorted(range(len(asked)), key=lambda i: len(source.texts[asked[i]]))
    with torch.inference_mode():
        for at in range(0, len(order), 128):
            part = order[at : at + 128]
            found = network(_padded(source, asked[part]), source.own, source.grams)[0]
            out[part] = functional.softmax(found, dim=1).numpy()
    return out


def _optimisers(network: Network, plan: Plan, steps: int) -> tuple[list[Any], list[Any]]:
    tables = [network.own.weight, network.letters.weight]
    rest = [weight for weight in network.parameters() if all(weight is not table for table in tables)]
    optimisers: list[Any] = [torch.optim.AdamW(rest, lr=plan.rate, weight_decay=0.01), torch.optim.SparseAdam(tables, lr=plan.rate)]
    course = torch.optim.lr_scheduler.OneCycleLR
    return optimisers, [course(each, plan.rate, total_steps=steps + 1, pct_start=0.1, cycle_momentum=False) for each in optimisers]


def _weights(labels: Ints, classes: int, power: float) -> Tensor:
    counts = np.bincount(labels, minlength=classes) + 1.0
    made = (len(labels) / counts) ** power
    return torch.tensor(made * counts.sum() / (made * counts).sum(), dtype=torch.float32)


def _batches(source: Read, learn: Ints, size: int, dice: np.random.Generator) -> list[Ints]:
    """Random batches of texts of like length."""
    order, made = dice.permutation(learn), []
    for at in range(0, len(order), size * 32):
        group = np.array(sorted(order[at : at + size * 32].tolist(), key=lambda i: len(source.texts[i])))
        made += [group[i : i + size] for i in range(0, len(group), size)]
    # the number of batches must not depend on the draw
    return [cast(Ints, made[i]) for i in dice.permutation(len(made))]


def _padded(source: Read, which: Ints) -> Tensor:
    texts = [source.texts[i] for i in which]
    made = np.zeros((len(texts), max(map(len, texts))), dtype=np.int64)
    for row, text in enumerate(texts):
        made[row, : len(text)] = text
    return torch.from_numpy(made)
