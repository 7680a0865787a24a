"""Fine-tuning: from a pre-trained network (or none) to one score a label, for several labels at once or for classes.

Early stopping on a part of the training texts that is held back; pieces are hidden and accents dropped at random, so that the network
learns more than the wording of templates. Knows labels by name only; must not know harms, policy or files other than the base's.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from classifiers.transformer import base as bases
from classifiers.transformer.network import Judge, state
from classifiers.transformer.pretraining import Progress, parameters, rate
from classifiers.transformer.sampling import Augment, Batch, Prepared, prepare
from classifiers.transformer.scoring import Floats, Kind, score
from classifiers.transformer.tokens import Ints, Vocabulary


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is fine-tuned. The defaults are those of the shipped encoder."""

    epochs: int = 4
    rate: float = 7e-4
    head_rate: float = 1e-3
    decay: float = 0.05
    dropout: float = 0.1
    smoothing: float = 0.0  # label smoothing, classes only
    budget: int = 1_024  # places of a batch: some 36 comments; four times as many gave 0.41 instead of 0.77 on dev
    most: int = 0  # texts of one group in one epoch, other ones each time; 0: all of them
    held: float = 0.06  # part of the texts held back for early stopping
    teacher: float = 0.3  # weight of the teacher's scores, where there is a teacher
    most_positive_weight: float = 4.0
    augment: Augment = field(default_factory=Augment)


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """A fine-tuned network. `history`: held-back score after each epoch (macro-F1)."""

    judge: Judge
    vocabulary: Vocabulary
    labels: tuple[str, ...]
    kind: Kind
    history: tuple[float, ...]

    def logits(self, texts: Sequence[str]) -> Floats:
        """Raw scores, (texts, labels), by torch: what the exported graph gives, to rounding."""
        return score(self._run, self.vocabulary, texts, len(self.labels), self.kind)

    def _run(self, letters: Ints, accents: Ints) -> Floats:
        self.judge.eval()
        with torch.inference_mode():
            out: Floats = self.judge(torch.from_numpy(letters), torch.from_numpy(accents)).numpy()
        return out


def fine_tune(
    base: Path | None,
    texts: Sequence[str],
    labels: Sequence[int] | npt.NDArray[np.generic],
    *,
    kind: str = "multilabel",
    names: Sequence[str],
    weights: npt.NDArray[np.generic] | None = None,
    teacher: npt.NDArray[np.generic] | None = None,
    groups: Sequence[str] | None = None,
    recipe: Recipe = Recipe(),
    layers: int = 4,
    seed: int = 1,
    minutes: float = math.inf,
    threads: int = 1,
    progress: Progress = lambda line: None,
    clock: Callable[[], float] = time.monotonic,
) -> Taught:
    """Fine-tune. `base`: a folder made by `pretrain_base`, or None to start from nothing but the texts.

    `labels`: for `multiclass` one class number a text; for `multilabel` (texts, names), 0 or 1. `weights`: how far each label is
    believed, same shape. `teacher`: log-odds of another model (multilabel) or scores (multiclass), (texts, names). `groups`: texts of one
    group are held back together. `layers`: without a base. `minutes`: the learning rate falls to nothing by then at the latest.
    The same seed gives the same network to rounding.

    Raises:
        ConfigError: the base is missing, altered or of another format.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    kind_ = Kind(kind)
    foundation = bases.load(base) if base is not None else bases.bare(texts, seed=seed, layers=layers)
    targets = _targets(labels, len(names), kind_)
    believed = (
        np.ones(targets.shape if kind_ is Kind.MULTILABEL else len(targets)) if weights is None else np.asarray(weights, dtype=np.float64)
    )
    prepared = prepare(foundation.vocabulary, texts, seed=seed)
    held = _held(len(texts), groups, recipe.held, seed)
    judge = Judge(foundation.network(recipe.dropout), len(names), dropout=recipe.dropout)
    loss = loss_of(kind_, targets, believed, None if teacher is None else np.asarray(teacher, dtype=np.float32), recipe)
    course = _Course(judge, prepared, loss, recipe, seed, minutes, clock, progress)
    truth = targets[held]
    history: list[float] = []
    best: dict[str, Tensor] = {}
    learn = np.setdiff1d(np.arange(len(texts)), held)
    start = clock()
    for epoch in range(recipe.epochs):
        mean = course.epoch(_few(learn, groups, recipe.most, np.random.default_rng([seed, epoch, 1])), epoch, start)
        taught = Taught(judge, foundation.vocabulary, tuple(names), kind_, tuple(history))
        found = macro_f1(taught.logits([texts[i] for i in held]), truth, kind_) if len(held) else -mean
        history.append(found)
        progress(f"fine-tuning: epoch {epoch + 1}, loss {mean:.4f}, held back {found:.4f}, {(clock() - start) / 60:.1f} minutes")
        if found >= max(history):
            best = {name: weight.clone() for name, weight in state(judge).items()}
        if (clock() - start) / 60 >= minutes:
            break
    judge.load_state_dict(best, strict=False)
    return Taught(judge.eval(), foundation.vocabulary, tuple(names), kind_, tuple(history))


def _targets(labels: Sequence[int] | npt.NDArray[np.generic], names: int, kind: Kind) -> npt.NDArray[np.generic]:
    made = np.asarray(labels)
    if kind is Kind.MULTICLASS:
        if made.ndim != 1 or made.min() < 0 or made.max() >= names:
            raise ValueError(f"classes must be numbers from 0 to {names - 1}, one a text")
        return made.astype(np.int64)
    if made.ndim != 2 or made.shape[1] != names:
        raise ValueError(f"labels have shape {made.shape}, not (texts, {names})")
    return made.astype(np.float32)


def _held(size: int, groups: Sequence[str] | None, share: float, seed: int) -> Ints:
    """Texts held back; whole groups of them."""
    dice = np.random.default_rng(seed)
    if groups is None:
        return np.sort(dice.permutation(size)[: int(size * share)])
    names = sorted(set(groups))
    draw = dict(zip(names, dice.random(len(names)), strict=True))
    return np.array([i for i, group in enumerate(groups) if draw[group] < share], dtype=np.int64)


def _few(learn: Ints, groups: Sequence[str] | None, most: int, dice: np.random.Generator) -> Ints:
    """At most `most` texts of each group: a template says little new the ninth time."""
    if groups is None or not most:
        return learn
    taken: Counter[str] = Counter()
    kept: list[int] = []
    for i in dice.permutation(learn).tolist():
        taken[groups[i]] += 1
        if taken[groups[i]] <= most:
            kept.append(i)
    return np.array(kept, dtype=np.int64)


def macro_f1(scores: Floats, truth: npt.NDArray[Any], kind: Kind) -> float:
    """Macro-F1; a label that neither occurs nor is given is left out."""
    found = scores > 0 if kind is Kind.MULTILABEL else np.eye(scores.shape[1])[scores.argmax(axis=1)] > 0
    right = truth > 0.5 if kind is Kind.MULTILABEL else np.eye(scores.shape[1])[truth.astype(int)] > 0
    both, either = (found & right).sum(axis=0), found.sum(axis=0) + right.sum(axis=0)
    return float(np.mean([2 * b / e for b, e in zip(both, either, strict=True) if e])) if either.any() else 0.0


SHARE: Final = 0.3
LOW: Final = -8.0
HIGH: Final = 4.0
"""As in `classifiers.linear.windows`; a test compares the two."""
Loss = Callable[[Tensor, Ints], Tensor]
_TINY: Final = 1e-6


def loss_of(
    kind: Kind, targets: npt.NDArray[np.generic], believed: npt.NDArray[np.float64], teacher: Floats | None, recipe: Recipe
) -> Loss:
    """Scores (B, labels) and which texts they are of, to one number."""
    truth, weight = torch.from_numpy(targets), torch.from_numpy(believed.astype(np.float32))
    taught = None if teacher is None else torch.from_numpy(teacher)
    if kind is Kind.MULTICLASS:
        counts = np.bincount(targets.astype(int), minlength=int(targets.max()) + 1)
        by_class = torch.from_numpy(np.sqrt(counts.mean() / np.maximum(counts, 1)).astype(np.float32))

        def classes(scores: Tensor, which: Ints) -> Tensor:
            each = functional.cross_entropy(scores, truth[which], weight=by_class, reduction="none", label_smoothing=recipe.smoothing)
            if taught is not None:
                soft = functional.cross_entropy(scores, taught[which].softmax(dim=1), reduction="none")
                each = (1 - recipe.teacher) * each + recipe.teacher * soft
            return (each * weight[which]).sum() / (by_class[truth[which]] * weight[which]).sum()

        return classes
    positives = (truth * weight).sum(dim=0)
    negatives = ((1 - truth) * weight).sum(dim=0)
    more = (negatives / positives.clamp(min=_TINY)).sqrt().clamp(1.0, recipe.most_positive_weight)

    def several(scores: Tensor, which: Ints) -> Tensor:
        each = functional.binary_cross_entropy_with_logits(scores, truth[which], pos_weight=more, reduction="none")
        if taught is not None:
            soft = functional.binary_cross_entropy_with_logits(scores, taught[which].sigmoid(), reduction="none")
            each = (1 - recipe.teacher) * each + recipe.teacher * soft
        return (each * weight[which]).sum() / weight[which].sum().clamp(min=_TINY) * scores.shape[1]

    return several


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    """One run of the optimiser over all epochs."""

    judge: Judge
    prepared: Prepared
    loss: Loss
    recipe: Recipe
    seed: int
    minutes: float
    clock: Callable[[], float]
    progress: Progress
    optimisers: list[torch.optim.Optimizer] = field(default_factory=list)

    def epoch(self, learn: Ints, number: int, start: float) -> float:
        """Once over the texts; returns the mean loss."""
        if not self.optimisers:
            self.optimisers.append(_optimiser(self.judge, self.recipe))
        self.judge.train()
        dice = np.random.default_rng([self.seed, number])
        made = self.prepared.batches(learn, dice, self.recipe.budget)
        losses = []
        for step, batch in enumerate(made):
            done = max((number + step / len(made)) / self.recipe.epochs, (self.clock() - start) / 60 / self.minutes)
            if done >= 1:
                break
            losses.append(self._step(self.prepared.batch(batch, self.recipe.augment, dice, self.recipe.budget), max(done, 1e-3)))
            if step % 200 == 199:
                self.progress(f"fine-tuning: epoch {number + 1}, step {step + 1} of {len(made)}, loss {np.mean(losses[-200:]):.4f}")
        return float(np.mean(losses)) if losses else math.nan

    def _step(self, batch: Batch, done: float) -> float:
        (optimiser,) = self.optimisers
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * rate(done)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = self.judge(torch.from_numpy(batch.letters), torch.from_numpy(batch.accents))
        loss = self.loss(whole(scores.float(), batch.counts), batch.which)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.judge.parameters(), 1.0)
        optimiser.step()
        return float(loss.detach())


def _optimiser(judge: Judge, recipe: Recipe) -> torch.optim.Optimizer:
    groups = [group | {"peak": recipe.rate} for group in parameters(judge.network, recipe.decay)]
    groups.append({"params": list(judge.head.parameters()), "weight_decay": 0.0, "peak": recipe.head_rate})
    return torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98), eps=1e-6, fused=True)


def whole(scores: Tensor, counts: Sequence[int]) -> Tensor:
    """`aggregate` of `classifiers.linear.windows` for training: one row a text from one row a window; rows after these are none."""
    if max(counts) == 1:
        return scores[: len(counts)]
    rows: list[Tensor] = []
    at = 0
    for count in counts:
        part = scores[at : at + count]
        most = max(2, math.ceil(SHARE * count))
        rows.append(part[0] if count == 1 else part.clamp(LOW, HIGH).topk(most, dim=0).values.mean(dim=0))
        at += count
    return torch.stack(rows)
