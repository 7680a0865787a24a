"""The files of the corpus as typed values, checked: one YAML document = one scheme, one file = a scheme and the texts beside it.

Owns form and errors with file and line. Must not know how texts are drawn or rendered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from classifiers.training.corpus.templates import parse
from rasoat.errors import ConfigError, Place
from rasoat.harms import TEXT_ONLY_HARMS, Harm
from rasoat.yamlfile import shallow

HINT: Final = "the form stands in data/training/README.md"
NONE: Final = "NONE"
_MADE_OF_SLOTS: Final = re.compile(r"(?:\{\w+\}|\W)+")


class Stance(StrEnum):
    """Who speaks, and how, about a scheme. Only a script is harmful."""

    SCRIPT = "script"
    WARNING = "warning"
    NEWS = "news"
    VICTIM = "victim"
    QUESTION = "question"
    SATIRE = "satire"
    NEIGHBOUR = "neighbour"  # the honest text that looks alike
    TALK = "talk"


class Register(StrEnum):
    """What kind of text it is."""

    SMS = "sms"
    CHAT = "chat"
    COMMENT = "comment"
    POST = "post"
    PAGE = "page"  # long: made of sections


def _well_formed(text: str) -> str:
    parse(text)
    return text


Template = Annotated[str, StringConstraints(min_length=1)]
Templates = Annotated[tuple[Template, ...], Field(min_length=1)]


Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Slots(BaseModel):
    """Words for training and words for testing, which never meet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    train: Words
    test: Words

    @model_validator(mode="after")
    def _apart(self) -> Slots:
        both = {word for word in set(self.train) & set(self.test) if not _MADE_OF_SLOTS.fullmatch(word)}
        if both:
            raise ValueError(f"in train and in test: {sorted(both)[0]!r}")
        for word in (*self.train, *self.test):
            _well_formed(word)
        return self


class Scheme(BaseModel):
    """One scheme, harmful or not: its slots, its templates, and for long pages its sections."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scheme: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    harm: str
    also: tuple[Harm, ...] = ()
    stance: Stance
    about: str
    held_out: bool = False
    twin_of: str | None = None
    register_: Annotated[tuple[Register, ...], Field(min_length=1, alias="register")]
    each: int = Field(default=20, ge=1, le=400, description="texts per template; with sections: pages")
    formal: bool = Field(default=False, description="press and official notices: no teencode, no emoji")
    slots: Mapping[str, Slots | Words] = Field(default_factory=dict)
    templates: tuple[Template, ...] = ()
    sections: Mapping[str, Templates] = Field(default_factory=dict)
    file: str = ""

    @field_validator("register_", mode="before")
    @classmethod
    def _one_or_several(cls, given: object) -> object:
        return (given,) if isinstance(given, str) else given

    @field_validator("harm")
    @classmethod
    def _known(cls, given: str) -> str:
        if given != NONE and given not in {harm.value for harm in TEXT_ONLY_HARMS - {Harm.CSE}}:
            raise ValueError("NONE, or a harm that a text shows; CSE is left to rules: nothing is generated for it")
        return given

    @field_validator("templates")
    @classmethod
    def _parsed(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for text in given:
            _well_formed(text)
        if len(set(given)) < len(given):
            raise ValueError("the same template twice")
        return given

    @model_validator(mode="after")
    def _whole(self) -> Scheme:
        if (self.stance is Stance.SCRIPT) != (self.harm != NONE):
            raise ValueError("stance script goes with a harm, every other stance with NONE")
        if self.also and self.harm == NONE:
            raise ValueError("`also` needs a harm")
        if not self.templates and not self.sections:
            raise ValueError("neither templates nor sections")
        if (Register.PAGE in self.register_) != bool(self.sections):
            raise ValueError("register page and sections go together")
        if self.templates and self.register_ == (Register.PAGE,):
            raise ValueError("templates need a register other than page")
        if self.sections and "body" not in self.sections:
            raise ValueError("sections need a body")
        for text in (text for part in self.sections.values() for text in part):
            _well_formed(text)
        return self

    def scaled(self, share: float) -> Scheme:
        """With so many texts of each template for one that is written down."""
        return self if share == 1.0 else self.model_copy(update={"each": max(2, round(self.each * share))})

    @property
    def harms(self) -> frozenset[Harm]:
        """All harms that its texts show."""
        return frozenset() if self.harm == NONE else frozenset({Harm(self.harm), *self.also})


def read_schemes(path: Path) -> Iterator[Scheme]:
    """The schemes of one file, one a YAML document.

    Raises:
        ConfigError: with file and line.
    """
    for content, node in _documents(path):
        if isinstance(content, dict) and "file" in content:
            raise ConfigError("'file' is no key of a scheme", place=Place(str(path), _line(node, ("file",))), hint=HINT)
        try:
            yield Scheme.model_validate(content).model_copy(update={"file": f"{path.parent.name}/{path.name}"})
        except ValidationError as error:
            raise _config_error(path, node, error) from error


class _SlotFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    slots: Mapping[str, Slots | Words]


def read_slots(path: Path) -> Mapping[str, Slots | tuple[str, ...]]:
    """The words of a `slots*.yml`: a mapping of names to lists, or to train and test lists.

    Raises:
        ConfigError: with file and line.
    """
    made: dict[str, Slots | tuple[str, ...]] = {}
    for content, node in _documents(path):
        try:
            made |= _SlotFile.model_validate({"slots": content}).slots
        except ValidationError as error:
            raise _config_error(path, node, error, skip=1) from error
        for name, words in made.items():
            _check_words(path, node, name, words)
    return made


def _check_words(path: Path, node: yaml.Node, name: str, words: Slots | tuple[str, ...]) -> None:
    for number, word in enumerate(words if isinstance(words, tuple) else ()):
        try:
            _well_formed(word)
        except ValueError as error:
            raise ConfigError(f"{name}: {error}", place=Place(str(path), _line(node, (name, number))), hint=HINT) from error


def _documents(path: Path) -> Iterator[tuple[Any, yaml.Node]]:
    try:
        text = shallow(path.read_text(encoding="utf-8"))
        for node in yaml.compose_all(text, Loader=yaml.CSafeLoader):
            if node is not None:
                yield _plain(node), node
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", place=Place(str(path)), hint=HINT) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = Place(str(path), mark.line + 1, mark.column + 1) if mark else Place(str(path))
        raise ConfigError(str(error.problem), place=where, hint="quote a template that starts with [ or { or holds ': '") from error


def _plain(node: yaml.Node) -> Any:
    loader = yaml.CSafeLoader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _config_error(path: Path, node: yaml.Node, error: ValidationError, *, skip: int = 0) -> ConfigError:
    first = error.errors()[0]
    loc = tuple(part for part in first["loc"][skip:])
    named = ".".join(str(part) for part in loc if not str(part).startswith(("Slots", "tuple", "function")))
    message = first["msg"].removeprefix("Value error, ")
    hint = "put numbers, dates, yes and no in quotes" if first["type"] == "string_type" else HINT
    return ConfigError(f"{named}: {message}" if named else message, place=Place(str(path), _line(node, loc)), hint=hint)


def _line(node: yaml.Node, loc: tuple[str | int, ...]) -> int:
    """The line of what `loc` names, as far down as it can be followed."""
    line = node.start_mark.line + 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
            if found is None:
                continue
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return int(line)
