"""The whole training run: data, fit, int8, calibration, figures, files. The same data and seed give the same bytes."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifiers.calibration import expected_calibration_error, prevalence_weights, sigmoids
from classifiers.evaluation.metrics import Rate, scores
from classifiers.linear.features import BITS
from classifiers.linear.gate import gates
from classifiers.linear.model import FORMAT, LINEAR_HARMS, LinearModel
from classifiers.training import datasets, fit
from classifiers.training.card import card
from classifiers.training.examples import Example, Split
from rasoat.canonical import sha256_hex
from rasoat.harms import Harm

NAME: Final = "linear-vi-1"
THRESHOLD: Final = 0.6
"""At which figures on the card are taken: the highest queue threshold of the three harms in `data/policy`."""


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What was made and how good it is."""

    folder: Path
    version: str
    metrics: dict[str, Any]

    def __str__(self) -> str:
        rows = [f"{self.folder} version {self.version}"]
        for harm, f in self.metrics["dev"].items():
            rows.append(
                f"{harm}  precision {f['precision']['value']:.3f}  recall {f['recall']['value']:.3f}  "
                f"F1 {f['f1']:.3f} ({f['f1_low']:.3f}-{f['f1_high']:.3f})  calibration error {f['ece']:.4f}"
            )
        return "\n".join(rows)


def train(data_dir: Path, models_dir: Path, *, seed: int = 1, progress: Callable[[str], None] = lambda line: None) -> TrainReport:
    """Train the linear model and write `models_dir/linear-vi-1`. Takes under a minute on one core.

    Raises:
        ConfigError: training data or grammars are missing or malformed.
    """
    material = datasets.load(data_dir, seed=seed)
    parts = {split: material.part(split) for split in Split}
    progress("examples: " + ", ".join(f"{len(part)} {split.value}" for split, part in parts.items()))
    learn = parts[Split.TRAIN]
    weights, bias = fit.fit(learn, fit.matrix([example.text for example in learn]))
    progress("weights fitted")
    table, scale = fit.quantise(weights)
    ready = gates(material.gates)
    raw = LinearModel(table, scale, bias, (), ready, "")
    held = parts[Split.CALIBRATION]
    platt = fit.calibrate(raw.raw([example.text for example in held]), held, ready)
    progress("calibrated")
    packed = _npz(table=table, scale=scale, bias=bias, platt=np.array([(p.slope, p.offset) for p in platt]))
    facts: dict[str, Any] = {
        "name": NAME,
        "format": FORMAT,
        "bits": BITS,
        "harms": [harm.value for harm in LINEAR_HARMS],
        "gates": material.gates,
        "weights_sha256": sha256_hex(packed),
    }
    facts["version"] = f"{NAME}@{sha256_hex(json.dumps(facts, sort_keys=True).encode())[:12]}"
    model = LinearModel(table, scale, bias, platt, ready, facts["version"])
    metrics = _measure(model, parts[Split.DEV], seed) | {
        "name": NAME,
        "version": facts["version"],
        "seed": seed,
        "bits": BITS,
        "prevalence": {harm.value: share for harm, share in fit.PREVALENCE.items()},
        "hashes": material.hashes,
        "counts": list(datasets.counts(material)),
    }
    folder = models_dir / NAME
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (
        ("weights.npz", packed),
        ("model.json", _json(facts)),
        ("metrics.json", _json(metrics)),
        ("CARD.md", card(metrics).encode()),
    ):
        _replace(folder / name, data)
    return TrainReport(folder, facts["version"], metrics)


def _measure(model: LinearModel, dev: list[Example], seed: int) -> dict[str, Any]:
    chances = sigmoids(model.gated([example.text for example in dev]))
    flagged = chances >= THRESHOLD
    figures: dict[str, Any] = {}
    for k, harm in enumerate(LINEAR_HARMS):
        use, truth = fit.behind(dev, harm, model.gates[harm])
        found = scores(flagged[use, k], truth, [dev[i].cluster for i in use], seed=seed)
        own = sum(1 for i in use if harm in dev[i].harms and dev[i].source == "own")
        figures[harm.value] = {
            "threshold": THRESHOLD,
            "precision": _rate(found.precision),
            "recall": _rate(found.recall),
            "f1": round(found.f1, 4),
            "f1_low": round(found.f1_low, 4),
            "f1_high": round(found.f1_high, 4),
            "ece": round(expected_calibration_error(chances[use, k], truth, prevalence_weights(truth, fit.PREVALENCE[harm])), 5),
            "positives_own": own,
            "positives_weak": int(truth.sum()) - own,
        }
    return {"dev": figures, "groups": _by_group(dev, flagged.any(axis=1))}


def _by_group(dev: list[Example], flagged: Any) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {}
    for example, hit in zip(dev, flagged, strict=True):
        if example.source == "own":
            expected = ", ".join(sorted(example.harms)) or "not"
        else:
            doubtful = example.group == "hate" or example.weight(Harm.HAT) == 0 or example.weight(Harm.SPM) == 0
            expected = "unknown" if doubtful else "not"
        row = rows.setdefault(f"{example.source}: {example.group} ({expected})", {"expected": expected, "hits": 0, "n": 0})
        row["hits"] += int(hit)
        row["n"] += 1
    return {name: {"expected": row["expected"], "rate": _rate(Rate(row["hits"], row["n"]))} for name, row in sorted(rows.items())}


def _rate(rate: Rate) -> dict[str, Any]:
    return asdict(rate) | {"value": round(rate.value, 4), "low": round(rate.low, 4), "high": round(rate.high, 4)}


def _npz(**arrays: Any) -> bytes:
    """Like `numpy.savez_compressed`, with fixed dates: the same arrays give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, array in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, part.getvalue(), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return out.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(data)
    temporary.replace(path)
