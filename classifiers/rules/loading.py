"""Loads `data/rules/*.yml` and `data/lexicons/*.txt`, reports every problem at once, and gives both their version."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from classifiers.rules.nodes import AnyOf, Phrase, Rule, SafeguardRule
from classifiers.rules.phrases import phrase, unfold
from classifiers.rules.problems import Problems
from classifiers.rules.reader import Reader
from rasoat.errors import ConfigError

SUBJECTS = ("public-subjects", "public-office")
"""The lexicons behind `RuleSet.protected_subject`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the files say."""

    rules: tuple[Rule, ...]
    safeguards: tuple[SafeguardRule, ...]
    subjects: AnyOf
    version: str  # SHA-256 of the rule files, 12 hex digits
    lexicon_version: str  # the same of the lexicons


def load(data_dir: Path) -> Loaded:
    """Read and check everything.

    Raises:
        RuleFileError: anything wrong in any file; all of it in one message.
        ConfigError: there are no rule files at all.
    """
    rule_files = sorted((data_dir / "rules").glob("*.yml"))
    list_files = sorted((data_dir / "lexicons").glob("*.txt"))
    if not rule_files:
        raise ConfigError(f"no rule files under {data_dir / 'rules'}", hint="check RASOAT_DATA")
    problems = Problems(data_dir)
    lists = {path.stem: _lexicon(path, problems) for path in list_files}
    reader = Reader(problems, lists)
    rules = [rule for path in rule_files if path.stem != "safeguards" for rule in reader.rules(path)]
    safeguards = [guard for path in rule_files if path.stem == "safeguards" for guard in reader.safeguards(path)]
    _cross_check(rules, safeguards, problems, data_dir)
    problems.raise_any()
    subjects = AnyOf(tuple(lists[name] for name in SUBJECTS if name in lists))
    return Loaded(tuple(rules), tuple(safeguards), subjects, _version(rule_files), _version(list_files))


def _lexicon(path: Path, problems: Problems) -> AnyOf:
    found: list[Phrase] = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        problems.add(path, 1, 1, "not UTF-8", "save the file as UTF-8")
        return AnyOf(())
    for number, line in enumerate(lines, 1):
        entry = line.split("#", 1)[0].strip()
        if not entry:
            continue
        exact = "=" if entry.startswith("=") else ""
        try:
            forms = [phrase(exact + form) for form in unfold(entry.lstrip("="))]
        except ValueError as error:
            problems.add(path, number, 1, str(error))
            continue
        if None in forms:
            problems.add(path, number, 1, f"no word is left of '{entry}'", "an entry needs a letter or a digit; `#` begins a comment")
        found += [form for form in forms if form is not None]
    return AnyOf(tuple(found))


def _cross_check(rules: list[Rule], safeguards: list[SafeguardRule], problems: Problems, data_dir: Path) -> None:
    known = {guard.id for guard in safeguards}
    seen: dict[str, str] = {}
    entries: list[Rule | SafeguardRule] = [*rules, *safeguards]
    for entry in entries:
        path = data_dir / "rules" / entry.file
        if entry.id in seen:
            problems.add(path, entry.line, 1, f"'{entry.id}' stands twice", f"the other one: {seen[entry.id]}")
        seen[entry.id] = f"{entry.file}:{entry.line}"
    for rule in rules:
        for name in sorted(rule.despite - known):
            problems.add(
                data_dir / "rules" / rule.file,
                rule.line,
                1,
                f"{rule.id}: there is no safeguard '{name}'",
                f"known ones: {', '.join(sorted(known)) or 'none'}",
            )


def _version(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
