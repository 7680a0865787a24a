"""The expression suite as plain cases, read here independently of the room that evaluates it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rasoat.harms import Harm

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Case:
    """One text with what may be said of it."""

    id: str
    text: str
    functionality: str
    level: str
    expected: frozenset[Harm]
    never: frozenset[Harm]
    group: str | None
    pair: str | None
    of: str | None

    def passes(self, flagged: frozenset[Harm]) -> bool:
        """Whether these flagged codes are right for the case."""
        return not (flagged & self.never) and (not self.expected or bool(flagged & self.expected))


@dataclass(frozen=True)
class Functionality:
    """One row of TAXONOMY §3.3 with its cases."""

    id: str
    block: str
    level: str
    expected: frozenset[Harm]
    cases: tuple[Case, ...]


def load(folder: Path) -> tuple[Functionality, ...]:
    """Every functionality of every block."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        block = yaml.load(path.read_text("utf-8"), Loader=LOADER)
        found += [_functionality(entry, block["block"]) for entry in block["functionalities"]]
    return tuple(found)


def _functionality(entry: dict[str, Any], block: str) -> Functionality:
    cases = tuple(_case(case, entry) for case in entry["cases"])
    return Functionality(entry["id"], block, entry["level"], frozenset(Harm(code) for code in entry["expected"]), cases)


def _case(case: dict[str, Any], entry: dict[str, Any]) -> Case:
    expected = frozenset(Harm(code) for code in case.get("expected", entry["expected"]))
    named = frozenset(Harm(code) for code in entry.get("never", ()))
    never = named or (frozenset() if expected else frozenset(Harm))
    return Case(case["id"], case["text"], entry["id"], entry["level"], expected, never, case.get("group"), case.get("pair"), case.get("of"))
