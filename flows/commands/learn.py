"""`classify`, `train`, `evaluate`: the classifiers by themselves, without a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands._shared import console, counting, print_json
from rasoat.errors import UsageError


def classify(
    text: Annotated[str | None, typer.Argument(help="One text, instead of a file.")] = None,
    input_: Annotated[Path | None, typer.Option("--input", help='JSON Lines of {"id","text"}.')] = None,
    output: Annotated[Path | None, typer.Option("--output", help="JSON Lines, one answer a line, in the same order.")] = None,
) -> None:
    """Classify texts without keeping anything: {"id","probabilities":{CODE:p},"flagged":[CODE],"reasons":[…]}."""
    from classifiers.batch import answer, classify_file
    from classifiers.classifier import load_classifier
    from rasoat.settings import load_settings

    if (text is None) == (input_ is None) or (input_ is None) != (output is None):
        raise UsageError("give one TEXT, or --input FILE.jsonl with --output FILE.jsonl")
    settings = load_settings()
    classifier = load_classifier(settings.data, settings.models)
    if text is not None:
        print_json(answer("text", text, classifier.assess(text)))
        return
    assert input_ is not None
    assert output is not None
    with counting("classify") as done:
        classify_file(input_, output, classifier, progress=done)
    console.print(f"[dim]{output}[/dim]", soft_wrap=True)


def train(
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Folder for the models; the shipped one by default.")] = None,
) -> None:
    """Train what ships, from data that may ship, and write the model cards from what was measured."""
    from classifiers.training import train as run_training
    from rasoat.settings import load_settings

    settings = load_settings()
    report = run_training(settings.data, out or settings.models, seed=seed, progress=lambda line: console.print(f"[dim]{line}[/dim]"))
    console.print(str(report), markup=False)


def evaluate(
    what: Annotated[str, typer.Argument(help="expression: the suite of what must and must not be flagged; floors: bench/floors.json.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Measure the shipped classifier; exit 1 when a gate fails."""
    from classifiers.classifier import load_classifier
    from classifiers.evaluation import evaluate_expression, evaluate_floors, load_suite
    from rasoat.settings import ROOT, load_settings

    settings = load_settings()
    classifier = load_classifier(settings.data, settings.models)
    if what == "expression":
        suite_report = evaluate_expression(classifier, load_suite(settings.data))
        if as_json:
            print_json(suite_report.to_json())
        else:
            console.print(suite_report.table(), markup=False, soft_wrap=True)
        ok = suite_report.ok
    elif what == "floors":
        problems = evaluate_floors(ROOT / "bench" / "floors.json", settings.data, settings.models)
        for problem in problems:
            console.print(problem, markup=False, soft_wrap=True)
        ok = not problems
    else:
        raise UsageError(f"nothing named '{what}' to evaluate; there are: expression, floors")
    if not ok:
        raise typer.Exit(1)
