"""Quality floors from the command line: `python -m bench.floors` checks, `--update [--reason TEXT]` sets them anew."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from classifiers.evaluation.floors import compare, measure, read_floors, updated
from rasoat.errors import ConfigError
from rasoat.settings import ROOT

FLOORS = Path(__file__).with_name("floors.json")


def main(arguments: list[str]) -> int:
    """0 when all floors hold or were set; 1 when one does not; 65 when one would fall without a reason."""
    parser = argparse.ArgumentParser(prog="python -m bench.floors", description=__doc__)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--reason", default="", help="why a floor is lowered")
    asked = parser.parse_args(arguments)
    measured = measure(ROOT / "data", ROOT / "models")
    for name, figure in sorted(measured.items()):
        print(f"{name:<34} {figure.value:.4f}")
    if not asked.update:
        problems = compare(read_floors(FLOORS)["floors"], measured)
        print("\n".join(problems) or "all floors hold")
        return 1 if problems else 0
    try:
        made = updated(read_floors(FLOORS) if FLOORS.exists() else {}, measured, asked.reason)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    FLOORS.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
