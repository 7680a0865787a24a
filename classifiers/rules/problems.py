"""Problems in rule files, told the way a compiler does: all at once, each with its place, the line itself and a hint."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rasoat.errors import ConfigError, Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    place: Place
    message: str
    hint: str = ""
    source: str = ""  # the line of the file

    def __str__(self) -> str:
        lines = [f"error: {self.message}", f"  --> {self.place}"]
        if self.source:
            gutter = str(self.place.line)
            lines += [f"{gutter:>5} | {self.source}", f"{'':>5} | {' ' * max(0, self.place.column - 1)}^"]
        if self.hint:
            lines.append(f"      = hint: {self.hint}")
        return "\n".join(lines)


class RuleFileError(ConfigError):
    """Every problem found in the rule files; `place` and `hint` are the first one's."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        first = problems[0]
        super().__init__(first.message, place=first.place, hint=first.hint)
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''} in the rule files"
        self.args = ("\n\n".join([*map(str, problems), count]),)


@dataclass(slots=True)
class Problems:
    """Collects while files are read; `raise_any` at the end."""

    root: Path  # places are shown relative to it
    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path, line: int, column: int, message: str, hint: str = "") -> None:
        """Note one. `line` and `column` count from 1."""
        try:
            source = path.read_text("utf-8").splitlines()[line - 1]
        except (OSError, UnicodeDecodeError, IndexError):
            source = ""
        try:
            shown = path.relative_to(self.root).as_posix()
        except ValueError:
            shown = str(path)
        self.found.append(Problem(Place(shown, line, column), message, hint, source))

    def raise_any(self) -> None:
        """Raise what was found.

        Raises:
            RuleFileError: there was something.
        """
        if self.found:
            raise RuleFileError(sorted(self.found, key=lambda p: (p.place.file, p.place.line, p.place.column)))
