"""Pre-training: guess hidden pieces, and the accents that were taken away (masked language modelling, Devlin et al. 2018).

Three in ten windows are shown without any accent, so that a text means the same with and without them. Windows are cut from packed text:
no place is wasted on padding. Owns the corpus as arrays, the masking and the schedule; knows no label.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from classifiers.transformer.network import Guesser, Network
from classifiers.transformer.tokens import END, MASK, SPECIAL, START, Ints, Vocabulary

WINDOW: Final = 128
BATCH: Final = 64
HIDDEN: Final = 0.15
"""Share of pieces that are hidden, as BERT has it."""
BARE_WINDOWS: Final = 0.3
"""Share of windows without accents; at least as many texts in comments have none."""
ASKED: Final = 0.15
"""Share of the pieces left in a bare window whose accents are asked for."""
RATE: Final = 1e-3
WARM: Final = 0.05
"""Share of the run in which the learning rate rises."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """One source: all its texts in a row, each closed by `END`. `share`: how much of every batch it gives."""

    letters: npt.NDArray[np.int32]
    accents: npt.NDArray[np.int32]
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A batch: what is shown, where something is asked (flat places), and what should be answered (rows of the table)."""

    letters: Ints
    accents: Ints
    places: Ints
    answers: Ints


def pack(vocabulary: Vocabulary, texts: Sequence[str], share: float) -> Packed:
    """Encode and join."""
    letters: list[npt.NDArray[np.int32]] = []
    accents: list[npt.NDArray[np.int32]] = []
    for at in range(0, len(texts), 2000):
        for one in vocabulary.encode(texts[at : at + 2000], 1 << 20):
            letters.append(np.array(one.letters[1:], dtype=np.int32))
            accents.append(np.array(one.accents[1:], dtype=np.int32))
    return Packed(np.concatenate(letters), np.concatenate(accents), share)


def lesson(sources: Sequence[Packed], size: int, dice: np.random.Generator, batch: int = BATCH) -> Lesson:
    """Draw windows, take accents away, hide pieces. `size`: bare pieces of the vocabulary."""
    shares = np.array([source.share for source in sources])
    picks = dice.choice(len(sources), size=batch, p=shares / shares.sum())
    letters, accents = np.empty((batch, WINDOW), dtype=np.int64), np.empty((batch, WINDOW), dtype=np.int64)
    for row, pick in enumerate(picks):
        at = int(dice.integers(0, len(sources[pick].letters) - WINDOW + 1))
        letters[row], accents[row] = sources[pick].letters[at : at + WINDOW], sources[pick].accents[at : at + WINDOW]
    letters[:, 0], accents[:, 0] = START, 0
    answers = np.where(accents > 0, size + accents, letters)
    real = letters >= len(SPECIAL)
    bare = dice.random(batch) < BARE_WINDOWS
    hidden = real & (dice.random(letters.shape) < HIDDEN)
    asked = hidden | (real & bare[:, None] & (dice.random(letters.shape) < ASKED))
    lost = hidden | bare[:, None] | (dice.random(letters.shape) < 0.03)
    places = np.flatnonzero(asked.ravel())
    return Lesson(np.where(hidden, MASK, letters), np.where(lost, 0, accents), places, answers.ravel()[places])


def rate(done: float) -> float:
    """The learning rate's factor when a share of the run is done: a short rise, then half a cosine."""
    return done / WARM if done < WARM else 0.5 * (1 + math.cos(math.pi * min(1.0, (done - WARM) / (1 - WARM))))


def parameters(model: torch.nn.Module, decay: float) -> list[dict[str, object]]:
    """Matrices decay, norms and biases do not."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0}]


def pretrain(
    network: Network,
    sources: Sequence[Packed],
    *,
    seed: int,
    steps: int,
    minutes: float = math.inf,
    progress: Progress = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
    saved: Callable[[], None] = lambda: None,
) -> float:
    """Run `steps` batches, or as many as `minutes` allow: the learning rate falls to nothing by whichever ends first.

    `saved` is called every 500 steps, for a checkpoint. Returns the mean loss of the last tenth.
    """
    torch.manual_seed(seed)
    dice = np.random.default_rng(seed)
    guesser = Guesser(network).train()
    optimiser = torch.optim.AdamW(parameters(guesser, 0.02), lr=RATE, betas=(0.9, 0.98), eps=1e-6, fused=True)
    start, losses = clock(), []
    for step in range(steps):
        done = max(step / steps, (clock() - start) / 60 / minutes)
        if done >= 1:
            break
        for group in optimiser.param_groups:
            group["lr"] = RATE * rate(max(done, 1e-4))
        losses.append(_step(guesser, optimiser, lesson(sources, network.shape.letters, dice)))
        if step % 100 == 99:
            progress(f"pre-training: step {step + 1} of {steps}, loss {np.mean(losses[-100:]):.3f}, {(clock() - start) / 60:.1f} minutes")
        if step % 500 == 499:
            saved()
    return float(np.mean(losses[-max(1, len(losses) // 10) :]))


def _step(guesser: Guesser, optimiser: torch.optim.Optimizer, batch: Lesson) -> float:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = guesser.network(torch.from_numpy(batch.letters), torch.from_numpy(batch.accents), filled=True)
        scores = guesser(states.flatten(0, 1)[torch.from_numpy(batch.places)])
    loss = functional.cross_entropy(scores.float(), torch.from_numpy(batch.answers))
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(guesser.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def packed_end(source: Packed) -> int:
    """How many texts a source holds."""
    return int((source.letters == END).sum())
