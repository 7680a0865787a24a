"""Tables: CSV and TSV to records. One bad row costs one row, never the rest of the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from crawlers.importers.decoding import Line, too_long
from crawlers.importers.limits import Limits
from crawlers.importers.records import Broken, Record, row_record

DELIMITERS: Final = (",", "\t", ";", "|")


def delimiter_of(header: str) -> str:
    """The delimiter that a header line uses most, outside quotes; a comma when it uses none."""
    unquoted = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (unquoted.count(mark), -DELIMITERS.index(mark)))


@dataclass(slots=True)
class _Feed:
    """Lines for `csv.reader` that remembers what it gave since the last row and takes lines back."""

    lines: Iterator[Line]
    limits: Limits
    taken: list[Line] = field(default_factory=list)
    returned: list[Line] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        while True:
            line = self.returned.pop() if self.returned else next(self.lines)
            if not line.problem:
                self.taken.append(line)
                return line.text + "\n"
            problem = too_long(self.limits) if line.problem == "the record is too long" else line.problem
            self.broken.append(Broken(f"line {line.number}", problem, line.text.encode()))

    def give_back(self) -> Line:
        """Take back all but the first line of the failed row, and return that one."""
        self.returned.extend(reversed(self.taken[1:]))
        return self.taken[0]


def read_table(lines: Iterator[Line], delimiter: str, limits: Limits) -> Iterator[Record | Broken]:
    """Rows by their header. A row that cannot be parsed is `Broken` and reading goes on with the next line."""
    feed = _Feed(lines, limits)
    header: list[str] | None = None
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        feed.taken.clear()
        try:
            row = next(reader)
        except StopIteration:
            yield from feed.broken
            return
        except csv.Error as error:
            first = feed.give_back()
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
            yield Broken(f"line {first.number}", f"not a table row: {error}", first.text.encode())
            continue
        yield from feed.broken
        feed.broken.clear()
        if not any(cell.strip() for cell in row):
            continue
        if header is None:
            header = _unique(row)
            continue
        yield _row(f"line {feed.taken[0].number}", header, row, feed.taken)


def _row(position: str, header: list[str], row: list[str], taken: list[Line]) -> Record | Broken:
    if len(row) > len(header):
        raw = "\n".join(line.text for line in taken).encode()
        return Broken(position, f"{len(row)} cells under {len(header)} columns: an unquoted delimiter?", raw)
    return row_record(position, dict(zip_longest(header, row, fillvalue="")))  # spreadsheets leave out empty cells at the end


def _unique(names: list[str]) -> list[str]:
    unique: list[str] = []
    for number, name in enumerate(names, 1):
        base = name.strip() or f"column {number}"
        unique.append(base if base not in unique else f"{base} ({number})")
    return unique
