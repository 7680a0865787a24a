"""`classify`, `train`, `evaluate`: the classifiers by themselves, without a store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands._shared import console, counting, print_json
from rasoat.errors import UsageError

if TYPE_CHECKING:
    from classifiers.classifier import Classifier
    from classifiers.evaluation.evasion import EvasionReport
    from classifiers.evaluation.heldout import HeldoutReport
    from classifiers.evaluation.personal_numbers import PersonalReport
    from classifiers.evaluation.report import ExpressionReport


def classify(
    text: Annotated[str | None, typer.Argument(help="One text, instead of a file.")] = None,
    input_: Annotated[Path | None, typer.Option("--input", help='JSON Lines of {"id","text"}.')] = None,
    output: Annotated[Path | None, typer.Option("--output", help="JSON Lines, one answer a line, in the same order.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="A folder that `rasoat train --base` wrote, in the shipped transformer's place.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show the words that decided, in colour, instead of JSON.")] = False,
) -> None:
    """Classify texts without keeping anything: {"id","probabilities":{CODE:p},"flagged":[CODE],"uncertain":[CODE],"reasons":[…]}."""
    from classifiers.batch import answer, classify_file
    from classifiers.classifier import load_classifier
    from rasoat.settings import load_settings

    if (text is None) == (input_ is None) or (input_ is None) != (output is None) or (explain and text is None):
        raise UsageError("give one TEXT (with --explain or without), or --input FILE.jsonl with --output FILE.jsonl")
    settings = load_settings()
    classifier = load_classifier(settings.data, settings.models, model=model)
    if text is not None:
        if explain:
            from classifiers.explaining import explained
            from classifiers.spans import MODEL as SPANS
            from classifiers.spans import SpanTagger
            from flows.explained import show

            show(explained(classifier, text, SpanTagger.load(settings.models / SPANS)), text)
        else:
            print_json(answer("text", text, classifier.assess(text)))
        return
    assert input_ is not None
    assert output is not None
    with counting("classify") as done:
        classify_file(input_, output, classifier, progress=done)
    console.print(f"[dim]{output}[/dim]", soft_wrap=True)


def train(
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures, and the same bytes of linear model and cascade.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Folder for the models; the shipped one by default.")] = None,
    base: Annotated[
        Path | None,
        typer.Option(help="A local Hugging Face checkpoint (PhoBERT-, ViSoBERT-, BERT-shaped) to tune instead, for assess --model."),
    ] = None,
    keep_encoder: Annotated[
        bool, typer.Option("--keep-encoder", help="Keep the transformer that is there: ten minutes instead of an hour and more.")
    ] = False,
) -> None:
    """Train what ships, from data that may ship, and write the model cards from what was measured."""
    from classifiers.training.run import train as run_training
    from rasoat.settings import load_settings

    settings = load_settings()
    if base is not None:
        from classifiers.training.run import train_base

        folder = out or settings.models / f"{base.resolve().name.lower()}-vi"
        made = train_base(base, settings.data, settings.models, folder, seed=seed, progress=_dim)
        console.print(f"{folder}: {made}", markup=False, soft_wrap=True)
        return
    report = run_training(
        settings.data,
        out or settings.models,
        seed=seed,
        encoder=not keep_encoder,
        progress=_dim,
    )
    console.print(str(report), markup=False, soft_wrap=True)


def _dim(line: str) -> None:
    console.print(line, style="dim", markup=False, soft_wrap=True)


MEASURES = ("expression", "heldout", "evasion", "personal-data", "floors")
WHAT = (
    "expression: what must and must not be flagged; heldout: texts that training never saw; "
    "evasion: ways of writing around it; personal-data: what is masked; floors: bench/floors.json."
)


def evaluate(
    what: Annotated[str, typer.Argument(help=WHAT)],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    held: Annotated[bool, typer.Option(help="The held half of the expression suite: counts only, for a release.")] = False,
) -> None:
    """Measure the shipped classifier; exit 1 when a gate fails."""
    from classifiers.classifier import load_classifier
    from classifiers.evaluation import evaluate_floors
    from rasoat.settings import ROOT, load_settings

    if what not in MEASURES:
        raise UsageError(f"nothing named '{what}' to evaluate; there are: {', '.join(MEASURES)}")
    settings = load_settings()
    if what == "floors":
        problems = evaluate_floors(ROOT / "bench" / "floors.json", settings.data, settings.models)
        for problem in problems:
            console.print(problem, markup=False, soft_wrap=True)
        if problems:
            raise typer.Exit(1)
        return
    classifier = load_classifier(settings.data, settings.models)
    report = _measured(what, classifier, settings.data, held=held)
    if as_json:
        print_json(report.to_json())
    else:
        console.print(report.table(), markup=False, soft_wrap=True)
    if not report.ok:
        raise typer.Exit(1)


def _measured(
    what: str, classifier: Classifier, data: Path, *, held: bool
) -> ExpressionReport | HeldoutReport | EvasionReport | PersonalReport:
    if what == "expression":
        from classifiers.evaluation import evaluate_expression, load_suite

        return evaluate_expression(classifier, load_suite(data, held=held))
    if what == "heldout":
        from classifiers.evaluation.heldout import evaluate_heldout, parts

        return evaluate_heldout(classifier, parts(data))
    if what == "personal-data":
        from classifiers.evaluation.personal_numbers import evaluate_personal, load_examples

        return evaluate_personal(load_examples(data))
    from classifiers.evaluation.evasion import evaluate_evasion, samples

    return evaluate_evasion(classifier, *samples(data))
