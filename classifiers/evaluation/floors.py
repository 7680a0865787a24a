"""Quality floors: what each figure may not fall under, with the hash of the data it was measured on (`bench/floors.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifiers.evaluation.expression import load_suite
from classifiers.evaluation.metrics import Rate
from classifiers.evaluation.report import ExpressionReport, evaluate_expression
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place

SLACK: Final = 0.02
"""How far under the measured figure a new floor is set: a changed spelling in one grammar moves figures by about this much."""
_HINT: Final = "python -m bench.floors --update"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure, higher is better, and the hash of the data that it was measured on."""

    value: float
    sha256: str


def measure(data_dir: Path, models_dir: Path) -> dict[str, Measured]:
    """Every figure that has a floor: the whole classifier on the held-out splits and on the expression suite."""
    return _heldout(data_dir, models_dir) | _expression(data_dir, models_dir)


def _heldout(data_dir: Path, models_dir: Path) -> dict[str, Measured]:
    from classifiers.classifier import load_classifier
    from classifiers.evaluation.heldout import SEED, SPLITS, evaluate_heldout
    from classifiers.training import datasets

    material = datasets.load(data_dir, seed=SEED)
    digest = sha256_hex(json.dumps([material.hashes, SEED], sort_keys=True).encode())
    report = evaluate_heldout(load_classifier(data_dir, models_dir), {split: material.part(split) for split in SPLITS}, rounds=1)
    values: dict[str, float] = {}
    for figures in report.splits:
        name = f"heldout.{figures.split.value}"
        values[f"{name}.macro_f1"] = figures.macro_f1
        values[f"{name}.harmless.unflagged"] = 1 - figures.harmless.value
        values |= {f"{name}.{harm.value}.f1": code.scores.f1 for harm, code in figures.codes.items()}
    return {name: Measured(round(value, 4), digest) for name, value in values.items()}


def _expression(data_dir: Path, models_dir: Path) -> dict[str, Measured]:
    from classifiers.classifier import load_classifier

    report = evaluate_expression(load_classifier(data_dir, models_dir), load_suite(data_dir))
    digest = sha256_hex(b"".join(path.read_bytes() for path in sorted((data_dir / "expression").glob("*.yml"))))
    values = {
        "expression.civic.unflagged": 1 - _all(report, harmful=False, prefix="P").value,
        "expression.harmless.unflagged": 1 - _all(report, harmful=False).value,
        "expression.harmful.found": _all(report, harmful=True).value,
        "expression.pairs.right": report.pairs.value,
    }
    return {name: Measured(round(value, 4), digest) for name, value in values.items()}


def _all(report: ExpressionReport, *, harmful: bool, prefix: str = "") -> Rate:
    rows = [row.flagged for row in report.rows if row.harmful is harmful and row.id.startswith(prefix)]
    return Rate(sum(rate.hits for rate in rows), sum(rate.n for rate in rows))


def read_floors(path: Path) -> dict[str, Any]:
    """The file as it is: `floors` (figure to `least`, `measured`, `sha256`) and `reasons` (why floors were lowered).

    Raises:
        ConfigError: it is missing or no such file.
    """
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
        content["floors"].items()
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ConfigError(f"cannot read the floors: {error!r}", place=Place(str(path)), hint=_HINT) from error
    return content


def evaluate_floors(floors: Path, data_dir: Path, models_dir: Path) -> list[str]:
    """What does not hold: a figure under its floor, a figure without one, or data that changed since the floor was set."""
    return compare(read_floors(floors)["floors"], measure(data_dir, models_dir))


def compare(floors: dict[str, Any], measured: dict[str, Measured]) -> list[str]:
    """`evaluate_floors` without the measuring."""
    problems = []
    for name in sorted(floors.keys() | measured.keys()):
        if name not in measured:
            problems.append(f"{name}: has a floor and is no longer measured; {_HINT}")
        elif name not in floors:
            problems.append(f"{name}: {measured[name].value} has no floor; {_HINT}")
        elif floors[name]["sha256"] != measured[name].sha256:
            problems.append(f"{name}: the data changed since the floor was set; {_HINT}")
        elif measured[name].value < floors[name]["least"]:
            problems.append(f"{name}: {measured[name].value} is under its floor {floors[name]['least']}")
    return problems


def updated(old: dict[str, Any], measured: dict[str, Measured], reason: str) -> dict[str, Any]:
    """New floors from new figures: `SLACK` under them, never lower than before without a reason, which is written down.

    Raises:
        ConfigError: a floor would fall and no reason is given.
    """
    floors, lowered = {}, []
    for name, figure in sorted(measured.items()):
        least = round(max(0.0, figure.value - SLACK), 4)
        before = old.get("floors", {}).get(name, {}).get("least", 0.0)
        if figure.value >= before:
            least = max(least, before)
        else:
            lowered.append(f"{name} {before} to {least}")
        floors[name] = {"least": least, "measured": figure.value, "sha256": figure.sha256}
    gone = sorted(old.get("floors", {}).keys() - measured.keys())
    lowered += [f"{name} removed" for name in gone]
    if lowered and not reason.strip():
        raise ConfigError("floors would fall: " + "; ".join(lowered), hint="give --reason, and write it into the changelog too")
    reasons = [*old.get("reasons", []), *([{"lowered": lowered, "reason": reason.strip()}] if lowered else [])]
    return {"floors": floors, "reasons": reasons}
