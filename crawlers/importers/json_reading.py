"""JSON Lines, JSON arrays and single JSON documents to records. Arrays are split as they stream, never loaded whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from crawlers.importers.decoding import HEAD_KEPT, Line, too_long
from crawlers.importers.limits import MIB, Limits
from crawlers.importers.records import Broken, Record, parse_record
from rasoat.errors import InputError, Place, Quarantine

LIST_KEYS: Final = ("items", "data", "comments", "posts", "messages", "records", "results")
"""Where API answers keep their list."""
_MARKS: Final = re.compile(r'\\.|["\[\]{},]', re.DOTALL)


def read_lines(lines: Iterator[Line], limits: Limits) -> Iterator[Record | Broken]:
    """One object a line; blank lines are skipped."""
    for line in lines:
        position = f"line {line.number}"
        if line.problem:
            problem = too_long(limits) if line.problem == "the record is too long" else line.problem
            yield Broken(position, problem, line.text.encode())
        elif text := line.text.strip("\ufeff \t\0"):
            yield _parsed(text, position)


def read_array(chunks: Iterator[str], limits: Limits) -> Iterator[Record | Broken]:
    """The objects of one top-level array."""
    splitter = _Splitter(limits)
    for chunk in chunks:
        yield from splitter.feed(chunk)
    yield from splitter.finish()


def read_document(chunks: Iterator[str], limits: Limits, name: str) -> Iterator[Record | Broken]:
    """One object: an API answer with its list inside, or a single record.

    Raises:
        InputError: not JSON, or larger than `limits.document_bytes`.
    """
    parts: list[str] = []
    length = 0
    for chunk in chunks:
        length += len(chunk)
        if length > limits.document_bytes:
            problem = f"one JSON document of more than {limits.document_bytes // MIB} MiB"
            raise InputError(problem, place=Place(name), hint="write it as JSON Lines: one object a line")
        parts.append(chunk)
    try:
        value: object = json.loads("".join(parts))
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg}", place=Place(name, error.lineno, error.colno), hint="truncated?") from error
    except RecursionError as error:
        raise InputError("JSON nested too deeply", place=Place(name)) from error
    elements = _listed(value)
    for number, element in enumerate(elements, 1):
        yield _parsed(json.dumps(element, ensure_ascii=False), f"item {number}")


def _listed(value: object) -> list[object]:
    if isinstance(value, dict):
        for key in LIST_KEYS:
            if isinstance(inner := value.get(key), list) and inner:
                return inner
    return [value]


def _parsed(text: str, position: str) -> Record | Broken:
    raw = text.encode("utf-8", "surrogatepass")
    try:
        return parse_record(raw, position)
    except Quarantine as error:
        return Broken(position, str(error), raw)


@dataclass(slots=True)
class _Splitter:
    """Finds where the elements of a top-level array end, without parsing them."""

    limits: Limits
    depth: int = 0
    in_string: bool = False
    number: int = 0
    held: str = ""  # a backslash that waits for the character behind it
    parts: list[str] = field(default_factory=list)
    length: int = 0
    done: bool = False

    def feed(self, chunk: str) -> Iterator[Record | Broken]:
        """The elements that this chunk completes."""
        chunk = self.held + chunk
        slashes = len(chunk) - len(chunk.rstrip("\\"))
        cut = len(chunk) - (slashes % 2)
        chunk, self.held = chunk[:cut], chunk[cut:]
        start = 0
        for match in _MARKS.finditer(chunk):
            mark = match.group()
            if mark == '"':
                self.in_string = not self.in_string
            elif self.in_string or mark[0] == "\\" or self.done:
                continue
            elif mark in "[{":
                self.depth += 1
                start = match.end() if self.depth == 1 else start
            elif self.depth == 1 and mark in ",]":
                yield from self._element(chunk[start : match.start()])
                start = match.end()
                self.done = mark == "]"
            elif mark in "]}" and self.depth > 1:  # a stray "}" spoils its own element, not the list
                self.depth -= 1
        if not self.done:
            self._keep(chunk[start:])

    def finish(self) -> Iterator[Record | Broken]:
        """What is left when the file ends before the array does."""
        if not self.done:
            raw = "".join(self.parts).encode("utf-8", "surrogatepass")
            yield Broken(f"item {self.number + 1}", "the file ends in the middle of the list: truncated?", raw)

    def _keep(self, text: str) -> None:
        self.length += len(text)
        if self.length <= self.limits.record_bytes:
            self.parts.append(text)

    def _element(self, last: str) -> Iterator[Record | Broken]:
        self._keep(last)
        text, over = "".join(self.parts).strip(), self.length > self.limits.record_bytes
        self.parts, self.length = [], 0
        if not text and not over:
            return
        self.number += 1
        position = f"item {self.number}"
        yield Broken(position, too_long(self.limits), text[:HEAD_KEPT].encode()) if over else _parsed(text, position)
