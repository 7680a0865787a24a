"""The trained weights and how they score. Loaded from `weights.npz` (no pickle) and `model.json`; frozen.

Weights are int8, twelve lanes a row (eleven harms and protected speech), summed as integers: the same sums on every machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.linear.features import BITS, DUMMY
from classifiers.linear.gate import Gate, gates
from classifiers.linear.scoring import packed, score
from classifiers.linear.views import accented, folded
from classifiers.linear.windows import aggregate, windows
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm

LINEAR_HARMS: Final = (
    Harm.FRD, Harm.GAM, Harm.SPM, Harm.CFM, Harm.ADV, Harm.HAT, Harm.HAR, Harm.SEX, Harm.PII, Harm.SHM, Harm.IMP,
)  # fmt: skip
"""Columns of the table: every harm that a text alone shows, but CSE, for which nothing is written to train on: it stays with the rules."""
PROTECTED: Final = len(LINEAR_HARMS)
"""The last column: warning, news, story, question, satire, civic talk. Weighed by the cascade as a safeguard; never told of a text."""
LANES: Final = PROTECTED + 1
FORMAT: Final = 2
"""Of `model.json` and the table; features and windows belong to it: a change of theirs is a new format."""
CLOSED: Final = -3.0
"""Log-odds (5%) that a harm keeps at most where its gate is closed."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LinearModel:
    """`table`: int8 (2^BITS + 1, LANES), last row zero. A window's score is `scale * sum / sqrt(n-grams) + bias`, in log-odds."""

    table: npt.NDArray[np.int8]
    scale: Floats  # (LANES,)
    bias: Floats  # (LANES,)
    gates: Mapping[Harm, Gate]
    version: str

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        """Read `model.json` and `weights.npz`.

        Raises:
            ConfigError: a file is missing, of another format, or not the one that `model.json` names.
        """
        facts = _facts(folder / "model.json")
        path = folder / "weights.npz"
        hint = "run `rasoat train`, or check the file out again"
        try:
            digest = sha256_hex(path.read_bytes())
        except OSError as error:
            raise ConfigError(f"no weights: {error.strerror}", place=Place(str(path)), hint=hint) from error
        if digest != facts.get("weights_sha256"):
            raise ConfigError("the weights are not those that model.json names", place=Place(str(path)), hint=hint)
        with np.load(path, allow_pickle=False) as arrays:
            table = np.ascontiguousarray(arrays["table"])
            scale, bias = arrays["scale"], arrays["bias"]
        if table.shape != (DUMMY + 1, LANES) or table.dtype != np.int8:
            raise ConfigError(f"the table has shape {table.shape} and type {table.dtype}", place=Place(str(path)), hint=hint)
        return cls(table, scale, bias, _gates(facts, folder), str(facts["version"]))

    @cached_property
    def _words(self) -> npt.NDArray[np.int64]:
        return packed(self.table)

    def gated(self, texts: Sequence[str]) -> Floats:
        """`raw`, with a harm held under `CLOSED` where its gate is closed."""
        made = self.raw(texts)
        for k, harm in enumerate(LINEAR_HARMS):
            gate = self.gates.get(harm)
            for i in np.flatnonzero(made[:, k] > CLOSED).tolist() if gate else ():
                if gate and not gate.open(texts[i]):
                    made[i, k] = CLOSED
        return made

    def raw(self, texts: Sequence[str]) -> Floats:
        """Uncalibrated log-odds, (texts, LANES): long texts in windows."""
        pieces: list[str] = []
        counts: list[int] = []
        for text in texts:
            made = windows(text)
            pieces += [text[start:end] for start, end in made]
            counts.append(len(made))
        scores = self.scored(pieces)
        return scores if len(scores) == len(texts) else aggregate(scores, counts)

    def scored(self, pieces: Sequence[str]) -> Floats:
        """One row a piece, each at most a window long."""
        views = {"folded": [folded(piece) for piece in pieces], "accented": [accented(piece) for piece in pieces]}
        totals, grams = score(self._words, views)
        made: Floats = totals * (self.scale / np.sqrt(np.maximum(grams, 1))[:, None]) + self.bias
        return made


def _facts(path: Path) -> dict[str, object]:
    try:
        facts = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read it: {error}", place=Place(str(path)), hint="run `rasoat train`") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT or facts.get("bits") != BITS:
        raise ConfigError(f"not a linear model of format {FORMAT} with {BITS} bits", place=Place(str(path)), hint="run `rasoat train`")
    return facts


def _gates(facts: dict[str, object], folder: Path) -> dict[Harm, Gate]:
    written = facts.get("gates")
    try:
        if not isinstance(written, dict):
            raise ValueError("must be a mapping from harms to gates")
        return gates(written)
    except (ValueError, re.error) as error:
        raise ConfigError(f"gates: {error}", place=Place(str(folder / "model.json")), hint="run `rasoat train`") from error
