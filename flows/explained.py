"""Shows an explanation at a terminal: the original text with the words that decided in colour, and the list of them."""

from __future__ import annotations

import unicodedata
from typing import Final

from rich.text import Text

from classifiers.explaining import Explanation
from flows.commands._shared import console
from rasoat.assessments import Span

COLOURS: Final = ("bold white on red", "bold black on yellow", "bold black on cyan", "bold black on green", "bold white on magenta")
_SHORT: Final = 1500
_AROUND: Final = 160


def show(found: Explanation, text: str) -> None:
    """Print it."""
    made = found.assessment
    console.print(_verdict(found))
    console.print(coloured(found, text), soft_wrap=True)
    for number, reason in enumerate(found.spans):
        line = Text.assemble(
            (f" {number + 1} ", COLOURS[number]),
            f" {reason.harm.value} {reason.weight:+.2f} {reason.code}: ",
            (safe(reason.evidence), "dim"),
        )
        console.print(line, soft_wrap=True)
    if not found.spans:
        console.print("no words stand out", style="dim")
    console.print(f"versions: {made.versions.model}, rules {made.versions.rules}", style="dim", markup=False, soft_wrap=True)


def _verdict(found: Explanation) -> Text:
    made = found.assessment
    chances = ", ".join(f"{harm.value} {made.probabilities[harm]:.0%} (flagged from {made.thresholds[harm]:.0%})" for harm in found.harms)
    if made.flagged:
        return Text.assemble(("flagged", "bold red"), f": {chances}")
    if made.uncertain:
        return Text.assemble(("uncertain", "bold yellow"), f": {chances}. A person would have to look; the model does not know.")
    return Text.assemble(("not flagged", "bold green"), f"; likeliest: {chances}")


def coloured(found: Explanation, text: str) -> Text:
    """The text, spans in colour; of a long one the surroundings of the spans."""
    out = Text(safe(text))
    spans = [reason.span for reason in found.spans if reason.span]
    for number, span in enumerate(spans):
        out.stylize(COLOURS[number], span.start, span.end)
    if len(text) <= _SHORT:
        return out
    shown = Text()
    for start, end in _surroundings(spans, len(text)) or [(0, _SHORT)]:
        shown.append(" … " if start else "")
        shown.append_text(out[start:end])
    return shown.append(" …")


def _surroundings(spans: list[Span], length: int) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for span in sorted(spans):
        start, end = max(0, span.start - _AROUND), min(length, min(span.end, span.start + _SHORT) + _AROUND)
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def safe(text: str) -> str:
    """The same length, with a dot for what could steer a terminal or hide words: control, format and lone surrogate characters."""
    return "".join("·" if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n" else char for char in text)
