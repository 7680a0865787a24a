"""How well personal data is found: precision and recall by kind, on made-up examples (`data/personal_data/cases.txt`).

Every line is also tried without accents and in capitals. Owns reading and counting; what is found is `classifiers.personal_data`'s.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifiers.evaluation.metrics import Rate
from classifiers.evaluation.transforms import without_accents
from classifiers.personal_data import DatumKind, find
from rasoat.errors import ConfigError, Place

LEAST: Final = 0.95
"""Precision and recall that every kind must reach."""
_CHOICE: Final = re.compile(r"\{([^{}|⟦⟧]*(?:\|[^{}|⟦⟧]*)+)\}")
_DATUM: Final = re.compile(r"⟦(\w+):([^⟦⟧]+)⟧")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what must be found in it: kind, start, end."""

    text: str
    wanted: frozenset[tuple[DatumKind, int, int]]


@dataclass(frozen=True, slots=True)
class PersonalReport:
    """By kind. `examples` counts texts, renderings included."""

    precision: dict[DatumKind, Rate]
    recall: dict[DatumKind, Rate]
    examples: int
    clean: Rate  # texts with nothing personal in which nothing is found
    wrong: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every kind reaches `LEAST` in both."""
        return all(rate.value >= LEAST for rate in (*self.precision.values(), *self.recall.values(), self.clean))

    def table(self) -> str:
        """For a terminal."""
        lines = [f"{'kind':<18} {'precision':<30} recall"]
        lines += [f"{kind.value:<18} {self.precision[kind]!s:<30} {self.recall[kind]}" for kind in self.recall]
        lines += [f"{self.examples} texts, renderings included; nothing found where nothing is: {self.clean}"]
        lines += [f"  {line}" for line in self.wrong[:20]]
        return "\n".join([*lines, f"gate (each at least {100 * LEAST:.0f}%): {'open' if self.ok else 'CLOSED'}"])

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        kinds = {k.value: {"precision": round(self.precision[k].value, 4), "recall": round(r.value, 4)} for k, r in self.recall.items()}
        return {"ok": self.ok, "examples": self.examples, "clean": round(self.clean.value, 4), "kinds": kinds}


def load_examples(data_dir: Path) -> list[Example]:
    """Read the file.

    Raises:
        ConfigError: it is missing, or a line names an unknown kind.
    """
    path = data_dir / "personal_data" / "cases.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", place=Place(str(path)), hint="check RASOAT_DATA") from error
    made: list[Example] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            made += [_example(one) for one in _unfolded(line)]
        except ValueError as error:
            raise ConfigError(str(error), place=Place(str(path), number), hint=f"kinds: {', '.join(DatumKind)}") from error
    return made


def _unfolded(line: str) -> list[str]:
    parts = _CHOICE.split(line)
    return ["".join(form) for form in itertools.product(*(part.split("|") if n % 2 else [part] for n, part in enumerate(parts)))]


def _example(line: str) -> Example:
    text, wanted = "", set()
    at = 0
    for hit in _DATUM.finditer(line):
        text += line[at : hit.start()]
        wanted.add((DatumKind(hit.group(1)), len(text), len(text) + len(hit.group(2))))
        text += hit.group(2)
        at = hit.end()
    return Example(text + line[at:], frozenset(wanted))


def _renderings(example: Example) -> list[Example]:
    """As written, without accents, in capitals; the same length each, so that places stay."""
    forms = dict.fromkeys([example.text, without_accents(example.text), example.text.upper()])
    return [Example(form, example.wanted) for form in forms if len(form) == len(example.text)]


def evaluate_personal(examples: list[Example]) -> PersonalReport:
    """A find counts when kind and range are right, white space and brackets at the edges aside."""
    found_right: Counter[DatumKind] = Counter()
    found_all: Counter[DatumKind] = Counter()
    wanted_right: Counter[DatumKind] = Counter()
    wanted_all: Counter[DatumKind] = Counter()
    clean = [0, 0]
    wrong: list[str] = []
    texts = [rendered for example in examples for rendered in _renderings(example)]
    for example in texts:
        found = find(unicodedata.normalize("NFC", example.text))
        hits = {(datum.kind, a, b) for datum in found for _, a, b in example.wanted if _same(datum.span.start, datum.span.end, a, b)}
        for datum in found:
            found_all[datum.kind] += 1
            right = any(kind is datum.kind and _same(datum.span.start, datum.span.end, a, b) for kind, a, b in example.wanted)
            found_right[datum.kind] += right
            if not right:
                wrong.append(f"wrongly {datum.kind.value}: {example.text}")
        for kind, a, b in example.wanted:
            wanted_all[kind] += 1
            wanted_right[kind] += (kind, a, b) in hits
            if (kind, a, b) not in hits:
                wrong.append(f"missed {kind.value}: {example.text}")
        if not example.wanted:
            clean[0] += not found
            clean[1] += 1
    kinds = sorted(wanted_all, key=list(DatumKind).index)
    return PersonalReport(
        {kind: Rate(found_right[kind], found_all[kind]) for kind in kinds},
        {kind: Rate(wanted_right[kind], wanted_all[kind]) for kind in kinds},
        len(texts),
        Rate(*clean),
        tuple(wrong),
    )


def _same(start: int, end: int, a: int, b: int) -> bool:
    return abs(start - a) <= 2 and abs(end - b) <= 2
