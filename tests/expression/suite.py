"""The expression suite as plain cases, read here independently of the room that evaluates it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rasoat.harms import Harm
from rasoat.policy.wording import fold
from rasoat.settings import ROOT

LEARNERS = ("classifiers/training", "data/training", "data/demo", "data/rules", "data/lexicons", "data/sources", "models")
TEXTUAL = {".yml", ".yaml", ".txt", ".json", ".jsonl", ".csv", ".tsv", ".html", ".md", ".py", ".ndjson", ".xml"}
FORMULAS = ("cong hoa xa hoi chu nghia viet nam doc lap tu do hanh phuc", "toi lua dao chiem doat tai san nguoi nao bang thu doan gian doi")
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


def words(text: str) -> str:
    """Folded words of a text, one space between them."""
    return " ".join(re.findall(r"\w+", fold(text)))


def texts_of_learners() -> Iterator[tuple[str, str]]:
    """Path and text of every file that learns or detects."""
    for folder in LEARNERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in TEXTUAL:
                text = path.read_text("utf-8", errors="replace")
                if path.suffix in {".json", ".jsonl", ".ndjson"}:
                    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
                yield path.relative_to(ROOT).as_posix(), text


def runs(folded: str) -> set[str]:
    """Every eight words in a row."""
    split = folded.split()
    return {" ".join(split[i : i + 8]) for i in range(len(split) - 7)}


def packed() -> Iterator[tuple[str, str]]:
    """The texts of the packed training sets, without Wikipedia."""
    for path in sorted((ROOT / "data" / "training").glob("*.jsonl.gz")):
        if path.name != "wiki.jsonl.gz":
            for line in gzip.decompress(path.read_bytes()).decode().splitlines():
                yield path.name, json.loads(line)["text"]


def shared_runs(texts: Iterable[tuple[str, str]]) -> set[tuple[str, str, str]]:
    """File, id and words of every run of eight words that a text, given with its id, shares with rules or training data."""
    wanted: dict[str, str] = {}
    for id_, text in texts:
        wanted |= dict.fromkeys(runs(words(text)), id_)
    learners = ((name, text) for name, text in texts_of_learners() if name.startswith(("data/training", "data/rules")))
    shared = set()
    for name, text in (*learners, *packed()):
        found = runs(words(text)) & wanted.keys()
        shared |= {(name, wanted[run], run) for run in found if not any(run in formula for formula in FORMULAS)}
    return shared
