"""Reads the expression suite (`data/expression/*.yml`, form in its README). An evaluation set: nothing in `training` may import this."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm
from rasoat.yamlfile import shallow

CANARY: Final = "RASOAT-EXPR-CANARY-9b1c6f0e-2f5d-4a8e-b1a7-5d9f0c3e7a21"
"""Stands in every file of the suite, and must stand in no training data."""


class Level(StrEnum):
    """How strict a functionality is (data/expression/README.md): blocking, strict, monitored."""

    B = "B"
    S = "S"
    W = "W"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Case(_Model):
    id: str
    text: str = Field(min_length=1)
    pair: str | None = None
    group: str | None = None
    of: str | None = None
    expected: tuple[Harm, ...] | None = None
    note: str = ""


class _Functionality(_Model):
    id: str
    name: dict[str, str]
    level: Level
    expected: tuple[Harm, ...] = ()
    never: tuple[Harm, ...] = ()
    note: str = ""
    cases: tuple[_Case, ...]


class _File(_Model):
    canary: str
    block: str
    name: dict[str, str]
    functionalities: tuple[_Functionality, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One text with what must come of it. `expected` empty: it must not be flagged (by `never` only, where given)."""

    id: str
    text: str
    functionality: str
    level: Level
    expected: frozenset[Harm]
    never: frozenset[Harm]
    pair: str | None
    group: str | None
    of: str | None

    @property
    def harmful(self) -> bool:
        """Whether something must be flagged."""
        return bool(self.expected)

    def wrongly_flagged(self, flagged: frozenset[Harm]) -> bool:
        """Whether a code was flagged that must not be."""
        if self.never:
            return bool(flagged & self.never)
        return bool(flagged) and not self.harmful

    def right(self, flagged: frozenset[Harm]) -> bool:
        """Whether the answer is what the suite wants."""
        return not self.wrongly_flagged(flagged) and (bool(flagged & self.expected) or not self.harmful)


@dataclass(frozen=True, slots=True)
class Suite:
    """All cases in file order, and the Vietnamese name of every functionality."""

    cases: tuple[Case, ...]
    names: dict[str, str]
    held: bool = False


def load_suite(data_dir: Path, *, held: bool = False) -> Suite:
    """Read and check the suite, or its held half (`held/`): other cases of the same form, reported by count only.

    Raises:
        ConfigError: a file is malformed, lacks the canary, or names a case twice or one that is not there.
    """
    folder = data_dir / "expression" / "held" if held else data_dir / "expression"
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise ConfigError("no expression suite", place=Place(str(folder)), hint="check RASOAT_DATA")
    cases: list[Case] = []
    names: dict[str, str] = {}
    for path in files:
        for functionality in _read(path).functionalities:
            names[functionality.id] = functionality.name.get("vi", functionality.id)
            cases += [_case(case, functionality) for case in functionality.cases]
    _check(cases, folder)
    return Suite(tuple(cases), names, held)


def _read(path: Path) -> _File:
    try:
        text = shallow(path.read_text(encoding="utf-8"))
        content: Any = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  (safe both)
        made = _File.model_validate(content)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(f"not YAML: {error.problem}", place=Place(str(path), line), hint="see README.md beside it") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{where}: {first['msg']}", place=Place(str(path)), hint="see README.md beside it") from error
    if made.canary != CANARY:
        raise ConfigError("the canary is missing", place=Place(str(path)), hint=f"canary: {CANARY}")
    return made


def _case(case: _Case, functionality: _Functionality) -> Case:
    expected = functionality.expected if case.expected is None else case.expected
    return Case(
        case.id,
        case.text,
        functionality.id,
        functionality.level,
        frozenset(expected),
        frozenset(functionality.never),
        case.pair,
        case.group,
        case.of,
    )


def _check(cases: list[Case], folder: Path) -> None:
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise ConfigError(f"case {case.id} stands there twice", place=Place(str(folder)), hint="give it another number")
        seen.add(case.id)
    for case in cases:
        for other in (case.pair, case.of):
            if other is not None and other not in seen:
                raise ConfigError(
                    f"case {case.id} points to {other}, which is not there", place=Place(str(folder)), hint="mend `pair` or `of`"
                )
