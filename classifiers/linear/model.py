"""The trained weights and how they score. Loaded from `weights.npz` (no pickle) and `model.json`; frozen.

Weights are int8 in one contiguous table, four bytes a row (three harms and a pad), summed as integers: the same sums on every machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.calibration import Platt
from classifiers.linear.features import BITS, DUMMY
from classifiers.linear.gate import Gate, gates
from classifiers.linear.scoring import score
from classifiers.linear.views import accented, folded
from classifiers.linear.windows import aggregate, windows
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm

LINEAR_HARMS: Final = (Harm.HAT, Harm.HAR, Harm.SPM)
"""Columns of the table."""
FORMAT: Final = 1
"""Of `model.json` and the table; features and windows belong to it: a change of theirs is a new format."""
CLOSED: Final = -3.0
"""Log-odds (5%) that a harm keeps at most where its gate is closed."""
_LANES: Final = 4
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """`table`: int8 (2^BITS + 1, 4), last row zero. A raw score is `scale * sum / sqrt(n-grams) + bias`."""

    table: npt.NDArray[np.int8]
    scale: Floats  # (3,)
    bias: Floats  # (3,)
    platt: tuple[Platt, ...]
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
            scale, bias, platt = arrays["scale"], arrays["bias"], arrays["platt"]
        if table.shape != (DUMMY + 1, _LANES) or table.dtype != np.int8:
            raise ConfigError(f"the table has shape {table.shape} and type {table.dtype}", place=Place(str(path)), hint=hint)
        return cls(
            table,
            scale,
            bias,
            tuple(Platt(float(a), float(b)) for a, b in platt),
            _gates(facts, folder),
            str(facts["version"]),
        )

    def logits(self, texts: Sequence[str]) -> Floats:
        """Calibrated log-odds, (texts, 3)."""
        raw = self.raw(texts)
        return np.stack([platt.logits(raw[:, k]) for k, platt in enumerate(self.platt)], axis=1) if len(texts) else raw

    def gated(self, texts: Sequence[str]) -> Floats:
        """`logits`, held under `CLOSED` where a harm's gate is closed."""
        made = self.logits(texts)
        for k, harm in enumerate(LINEAR_HARMS):
            gate = self.gates.get(harm)
            for i in np.flatnonzero(made[:, k] > CLOSED).tolist() if gate else ():
                if gate and not gate.open(texts[i]):
                    made[i, k] = CLOSED
        return made

    def raw(self, texts: Sequence[str]) -> Floats:
        """Scores before calibration, (texts, 3): long texts in windows."""
        pieces: list[str] = []
        counts: list[int] = []
        for text in texts:
            made = windows(text)
            pieces += [text[start:end] for start, end in made]
            counts.append(len(made))
        totals, grams = score(
            self.table, {"folded": [folded(piece) for piece in pieces], "accented": [accented(piece) for piece in pieces]}
        )
        share = self.scale / np.sqrt(np.maximum(grams, 1))[:, None]
        scores: Floats = totals[:, : len(LINEAR_HARMS)] * share + self.bias
        return scores if len(scores) == len(texts) else aggregate(scores, counts)


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
        if not isinstance(written, dict) or set(written) != {harm.value for harm in LINEAR_HARMS}:
            raise ValueError("every harm of the model needs its gate")
        return gates(written)
    except (ValueError, re.error) as error:
        raise ConfigError(f"gates: {error}", place=Place(str(folder / "model.json")), hint="run `rasoat train`") from error
