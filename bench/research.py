"""The project's architecture trained on a published set and scored by macro-F1 on any test file of the same form.

    python -m bench.research --dataset NAME --train FOLDER --test FILE [--out FOLDER]

For measuring only: most of these sets may not enter the project, and nothing made here is shipped. Everything is chosen by
cross-validation inside the training rows. Writes predictions.csv and figures.json; the last line is `macro_f1: 0.1234`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __name__ == "__main__" and not __package__:  # started as `bench/research.py`: the project's folder is not on the path then
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench.recipes.forms import FORMS, BadFile, Rows, read_rows, training_rows
from bench.recipes.run import MEMBERS, Choices, now, run, write
from rasoat.errors import ConfigError
from rasoat.settings import ROOT


def main(arguments: list[str]) -> int:
    """0; 2 when a file does not have the form asked for."""
    asked = _parser().parse_args(arguments)
    form = FORMS[asked.dataset]
    try:
        train, told = training_rows(asked.train, form, asked.test)
        test = read_rows(asked.test, form) if asked.test else None
        print(f"{form.name}: trained on {told}", flush=True)
        outcome = run(form, train, test, ROOT / "data", _choices(asked), lambda line: print(line, flush=True), now)
    except (BadFile, ConfigError) as error:
        print(f"research: {error}", file=sys.stderr)
        return 2
    folder = asked.out or Path("research-out") / form.name
    outcome.figures["trained_on"] = told
    try:
        write(folder, form, outcome, test)
    except OSError as error:
        print(f"research: {folder}: cannot be written ({error.strerror})", file=sys.stderr)
        return 2
    print(f"written: {folder}")
    print(f"macro_f1: {_figure(outcome.figures, test):.4f}")
    return 0


def _figure(figures: dict[str, dict[str, float]], test: Rows | None) -> float:
    if test is None:
        print("no --test: the figure is cross-validated inside the training rows")
        return figures["cross_validated"]["ensemble"]
    return figures["test"]["ensemble"]


def _choices(asked: argparse.Namespace) -> Choices:
    return Choices(tuple(asked.members), asked.seed, asked.folds, asked.threads, asked.minutes, asked.base, asked.steps)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.research", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dataset", required=True, choices=sorted(FORMS))
    parser.add_argument("--train", required=True, type=Path, help="a folder with train.csv and, where there is one, dev.csv")
    parser.add_argument("--test", type=Path, help="a file of the same form; without it the figure is cross-validated")
    parser.add_argument("--out", type=Path, help="where predictions.csv and figures.json go (default: research-out/NAME)")
    parser.add_argument("--members", nargs="+", choices=MEMBERS, default=list(MEMBERS))
    parser.add_argument("--base", type=Path, help="a pre-trained base of the project's own encoder (default: pre-train here)")
    parser.add_argument("--steps", type=int, default=400, help="of the pre-training, without --base")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=25.0, help="the encoder's training is cut short to keep to it")
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
