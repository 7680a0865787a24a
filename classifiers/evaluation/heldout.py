"""Figures on texts that training never saw: dev (other templates), held-out slots (other words), held-out schemes (other harms' ways).

Owns the reports; must not train. Per code precision, recall, F1 and calibration error; macro-F1; false alarms by who speaks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from classifiers.calibration import expected_calibration_error
from classifiers.evaluation.metrics import Rate, Scores, f1, scores
from classifiers.linear import LINEAR_HARMS
from classifiers.training.examples import Example, Split
from classifiers.training.weigh import masses
from rasoat.assessments import Assessment
from rasoat.harms import Harm

SPLITS: Final = (Split.DEV, Split.HELDOUT_SLOTS, Split.HELDOUT_SCHEMES)
TARGETS: Final = {Split.HELDOUT_SLOTS: 0.90, Split.HELDOUT_SCHEMES: 0.75}
"""Macro-F1 that the shipped model must reach."""
SEED: Final = 1
"""The seed that the shipped models were trained with: it writes the texts of the splits."""
ROUNDS: Final = 300
BINS: Final = 10
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


class Assesses(Protocol):
    """What is measured: a `Classifier`, or a test's stand-in."""

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        """One assessment a text."""
        ...


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """One harm on one split. `bins`: how many, mean probability and share of positives by tenth of probability, for the diagram."""

    scores: Scores
    ece: float
    positives: int
    uncertain: Rate  # of the positives that are missed, those that a person would be asked about
    bins: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """One split. `alarms`: harmless texts flagged, by stance for our own corpus and by source for the rest."""

    split: Split
    texts: int
    codes: Mapping[Harm, CodeFigures]
    macro_f1: float
    macro_low: float
    macro_high: float
    alarms: Mapping[str, Rate]
    registers: Mapping[str, Rate]  # harmful texts found, by register

    @property
    def harmless(self) -> Rate:
        """All harmless texts that are flagged."""
        return Rate(sum(rate.hits for rate in self.alarms.values()), sum(rate.n for rate in self.alarms.values()))


@dataclass(frozen=True, slots=True)
class HeldoutReport:
    """All splits."""

    splits: tuple[SplitFigures, ...]

    @property
    def ok(self) -> bool:
        """Whether every target is met."""
        return all(figures.macro_f1 >= TARGETS.get(figures.split, 0.0) for figures in self.splits)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"ok": self.ok, "splits": {figures.split.value: _split_json(figures) for figures in self.splits}}

    def table(self) -> str:
        """For a terminal."""
        lines: list[str] = []
        for figures in self.splits:
            target = f", target {TARGETS[figures.split]:.2f}" if figures.split in TARGETS else ""
            lines.append(
                f"== {figures.split.value}: {figures.texts} texts; macro-F1 {figures.macro_f1:.3f} "
                f"({figures.macro_low:.3f}-{figures.macro_high:.3f}{target}); harmless flagged {figures.harmless}"
            )
            lines.append(f"{'code':<5} {'n':>5}  {'precision':<28} {'recall':<28} {'F1':<21} {'ECE':<7} uncertain of missed")
            for harm, code in figures.codes.items():
                made = code.scores
                lines.append(
                    f"{harm.value:<5} {code.positives:>5}  {made.precision!s:<28} {made.recall!s:<28} "
                    f"{made.f1:.3f} ({made.f1_low:.3f}-{made.f1_high:.3f})  {code.ece:.4f}  {100 * code.uncertain.value:.0f}%"
                )
            lines += [f"  alarms, {name:<22} {rate}" for name, rate in figures.alarms.items()]
            lines += [f"  found, {name:<23} {rate}" for name, rate in figures.registers.items()]
        return "\n".join(lines)


def parts(data_dir: Path) -> dict[Split, list[Example]]:
    """The texts of every split, as training wrote them.

    Raises:
        ConfigError: training data or grammars are missing or malformed.
    """
    from classifiers.training.datasets import load

    material = load(data_dir, seed=SEED)
    return {split: material.part(split) for split in SPLITS}


def evaluate_heldout(
    classifier: Assesses, texts: Mapping[Split, Sequence[Example]], *, seed: int = SEED, rounds: int = ROUNDS
) -> HeldoutReport:
    """Measure on every split that has texts."""
    return HeldoutReport(tuple(_split(split, classifier, texts[split], seed, rounds) for split in SPLITS if texts.get(split)))


def _split(split: Split, classifier: Assesses, examples: Sequence[Example], seed: int, rounds: int) -> SplitFigures:
    made = classifier.assess_many([example.text for example in examples])
    clusters = [example.cluster for example in examples]
    codes: dict[Harm, CodeFigures] = {}
    counts: list[Floats] = []
    for harm in LINEAR_HARMS:
        truth = np.array([harm in example.harms for example in examples], dtype=np.bool_)
        if not truth.any():
            continue
        codes[harm], counted = _code(harm, made, examples, truth, clusters, seed, rounds)
        counts.append(counted)
    low, high = _macro_interval(np.stack(counts, axis=1), seed, rounds) if counts else (0.0, 0.0)
    macro = float(np.mean([code.scores.f1 for code in codes.values()])) if codes else 0.0
    flagged = [bool(assessment.flagged) for assessment in made]
    alarms = _rates((_who(example), hit) for example, hit in zip(examples, flagged, strict=True) if not example.harms)
    found = _rates(
        (example.register or "comment", bool(example.harms & set(assessment.flagged)))
        for example, assessment in zip(examples, made, strict=True)
        if example.harms
    )
    return SplitFigures(split, len(examples), codes, macro, low, high, alarms, found)


def _code(harm: Harm, made: Sequence[Assessment], examples: Sequence[Example], truth: Bools, clusters: Sequence[str], seed: int, rounds: int
          ) -> tuple[CodeFigures, Floats]:  # fmt: skip
    use = np.array([example.weight(harm) >= 0.5 or bool(example.harms) for example in examples])
    flagged = np.array([harm in assessment.flagged for assessment in made], dtype=np.bool_) & use
    chances = np.array([assessment.probabilities[harm] for assessment in made])
    truth = truth & use
    mass = masses(examples, truth, harm)
    missed = truth & ~flagged
    doubted = np.array([harm in assessment.uncertain for assessment in made], dtype=np.bool_)
    figures = CodeFigures(
        scores(flagged, truth, clusters, seed=seed, rounds=rounds),
        expected_calibration_error(chances, truth, mass),
        int(truth.sum()),
        Rate(int((missed & doubted).sum()), int(missed.sum())),
        _bins(chances, truth, mass),
    )
    return figures, _counted(flagged, truth, clusters)


def _counted(flagged: Bools, truth: Bools, clusters: Sequence[str]) -> Floats:
    """(clusters, 3): right, wrong, missed."""
    names, index = np.unique(np.array(clusters), return_inverse=True)
    masks = (flagged & truth, flagged & ~truth, ~flagged & truth)
    return np.stack([np.bincount(index, weights=mask, minlength=len(names)) for mask in masks], axis=1)


def _macro_interval(counts: Floats, seed: int, rounds: int) -> tuple[float, float]:
    """95% by drawing whole clusters; `counts`: (clusters, codes, 3)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = []
    for _ in range(rounds):
        times = np.bincount(rng.integers(0, len(counts), len(counts)), minlength=len(counts))
        total = np.tensordot(times, counts, axes=1)
        drawn.append(np.mean([f1(*(int(x) for x in row)) for row in total]))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _bins(chances: Floats, truth: Bools, mass: Floats) -> tuple[tuple[float, float, float], ...]:
    where = np.minimum((chances * BINS).astype(int), BINS - 1)
    made = []
    for k in range(BINS):
        inside = (where == k) & (mass > 0)
        total = float(mass[inside].sum())
        if total > 0:
            made.append((total, float((mass * chances)[inside].sum()) / total, float((mass * truth)[inside].sum()) / total))
    return tuple(made)


def _who(example: Example) -> str:
    return str(example.stance) if example.stance else f"{example.source} {example.group}" if example.source != "own" else "own"


def _rates(pairs: Any) -> dict[str, Rate]:
    hits: dict[str, list[bool]] = {}
    for name, hit in pairs:
        hits.setdefault(name, []).append(hit)
    return {name: Rate(sum(found), len(found)) for name, found in sorted(hits.items())}


def _split_json(figures: SplitFigures) -> dict[str, Any]:
    return {
        "texts": figures.texts,
        "macro_f1": round(figures.macro_f1, 4),
        "macro_f1_low": round(figures.macro_low, 4),
        "macro_f1_high": round(figures.macro_high, 4),
        "harmless_flagged": rate_json(figures.harmless),
        "codes": {harm.value: _code_json(code) for harm, code in figures.codes.items()},
        "alarms": {name: rate_json(rate) for name, rate in figures.alarms.items()},
        "found_by_register": {name: rate_json(rate) for name, rate in figures.registers.items()},
    }


def _code_json(code: CodeFigures) -> dict[str, Any]:
    made = code.scores
    return {
        "positives": code.positives,
        "precision": rate_json(made.precision),
        "recall": rate_json(made.recall),
        "f1": round(made.f1, 4),
        "f1_low": round(made.f1_low, 4),
        "f1_high": round(made.f1_high, 4),
        "ece": round(code.ece, 5),
        "missed_but_uncertain": rate_json(code.uncertain),
        "bins": [[round(value, 5) for value in row] for row in code.bins],
    }


def rate_json(rate: Rate) -> dict[str, Any]:
    """Hits, n, value and Wilson's bounds."""
    return asdict(rate) | {"value": round(rate.value, 4), "low": round(rate.low, 4), "high": round(rate.high, 4)}
