"""Reads one YAML file into plain values and remembers where each value stands, so that every error can name its line.

Owns reading and pointing. Knows nothing of what the values mean.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rasoat.errors import ConfigError, Place

Loc: TypeAlias = tuple[int | str, ...]
"""The way to a value: keys and positions from the top of the file."""

Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES: Final = 2_000_000
"""People write these files; a bigger one is a mistake."""

MAX_DEPTH: Final = 40
"""What people write is six deep. Far beyond, the C parser takes the whole process with it instead of an error."""

_PLAIN_TAGS: Final = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times faster and not always built in


@dataclass(frozen=True)
class Document:
    """What a file says, and where it says it."""

    file: str
    value: Any
    places: dict[Loc, Place] = field(repr=False)

    def place(self, *loc: int | str) -> Place:
        """Where the value at `loc` stands; where it is absent, the nearest thing around it."""
        for length in range(len(loc), -1, -1):
            if found := self.places.get(loc[:length]):
                return found
        return Place(self.file, 1)


def read_document(path: Path, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read one file.

    Raises:
        ConfigError: absent, too big, too deep, not UTF-8, not YAML, a key twice, an anchor, a tag.
    """
    text = _text(path, max_bytes)
    try:
        return _document(str(path), text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Place(str(path), mark.line + 1, mark.column + 1) if mark else Place(str(path))
        raise ConfigError(f"not YAML: {error.problem}", place=place, hint="look for a wrong indent or a missing quote") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"not YAML: {error}", place=Place(str(path))) from error


def shallow(text: str) -> str:
    """The same text, once it is known that no parser dies of it: events are read one after the other, trees are built by recursion.

    Raises:
        yaml.MarkedYAMLError: nested deeper than `MAX_DEPTH`, or not YAML.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            mark: Any = event.start_mark  # of the C parser or of Python's: both have line and column
            raise yaml.MarkedYAMLError(problem=f"nested more than {MAX_DEPTH} deep", problem_mark=mark)
    return text


def _document(file: str, text: str) -> Document:
    loader = _Loader(shallow(text))
    try:
        reader = _Reader(file, loader)
        node = loader.get_single_node()
        value = reader.value(node, ()) if node is not None else None
        return Document(file, value, reader.places)
    finally:
        loader.dispose()


def _text(path: Path, max_bytes: int) -> str:
    try:
        if path.stat().st_size > max_bytes:
            raise ConfigError(f"larger than {max_bytes:,} bytes", place=Place(str(path)), hint="split the file")
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigError("not UTF-8", place=Place(str(path), line), hint="save the file as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", place=Place(str(path))) from error


class _Reader:
    """Turns nodes into values, noting places."""

    def __init__(self, file: str, loader: Any) -> None:
        self.file, self.loader = file, loader
        self.places: dict[Loc, Place] = {}
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        self.places.setdefault(loc, self._place(node))
        if id(node) in self._seen:
            raise ConfigError("anchors and aliases are not allowed here", place=self._place(node), hint="write the value out")
        self._seen.add(id(node))
        if not isinstance(node, yaml.ScalarNode) and node.tag not in _PLAIN_TAGS:
            raise ConfigError(f"the tag '{node.tag}' is not allowed here", place=self._place(node), hint="remove what starts with '!'")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(inner, (*loc, n)) for n, inner in enumerate(node.value)]
        return self.loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str) or key == "<<":
                raise ConfigError("a key must be a plain word", place=self._place(key_node))
            if key in found:
                raise ConfigError(f"'{key}' stands here twice", place=self._place(key_node), hint="remove one of the two")
            self.places[(*loc, key)] = self._place(key_node)
            found[key] = self.value(value_node, (*loc, key))
        return found

    def _place(self, node: yaml.Node) -> Place:
        mark = node.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)


def validate(model: type[Model], document: Document, problems: list[ConfigError]) -> Model | None:
    """The typed form of a document, or None with every problem added to `problems`, each with its line."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            problems.append(_problem(document, item["loc"], item["type"], item["msg"]))
        return None


def _problem(document: Document, loc: Loc, kind: str, message: str) -> ConfigError:
    name = ".".join(str(part) for part in loc) or "the file"
    hint = {
        "extra_forbidden": "unknown key: look at its spelling, or remove it",
        "missing": "add this key",
        "model_type": "expected `key: value` lines here",
    }.get(kind, "")
    return ConfigError(f"{name}: {message}", place=document.place(*loc), hint=hint)
