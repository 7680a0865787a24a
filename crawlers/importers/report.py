"""What an import found, in numbers: arrivals, records set aside and why, and how full each field is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rasoat.items import Item
from rasoat.missing import Missing
from rasoat.ports import Arrival

FIELDS: Final = ("text", "url", "title", "published_at", "publisher", "reach")
"""The fields whose fill rate is shown."""
PROBLEMS_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class FillRate:
    """How many items have a field. `unreadable`: it was there and made no sense; a format change shows here first."""

    field: str
    given: int
    missing: int
    unreadable: int = 0

    @property
    def share(self) -> float:
        """Given, of all."""
        total = self.given + self.missing
        return self.given / total if total else 0.0


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is. `bytes_total` is the file's size; both count packed bytes for an archive.

    They are equal in the last word on a file and never before it, although reading runs ahead of importing.
    """

    records: int
    bytes_read: int
    bytes_total: int


Progress = Callable[[ImportProgress], None]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """One file's import. `read` = mapped items + unmapped."""

    file: str
    source: str
    mappers: tuple[str, ...]
    formats: tuple[str, ...]
    encoding: str
    read: int
    arrivals: Mapping[Arrival, int]
    unmapped: int
    problems: tuple[tuple[str, str], ...]  # (position, reason), the first PROBLEMS_SHOWN
    reasons: Mapping[str, int]  # reason without its particulars to count
    fill: tuple[FillRate, ...]
    skipped: tuple[str, ...] = ()  # files in an archive that we do not read

    @property
    def mapped(self) -> int:
        """Records that became items."""
        return sum(self.arrivals.values())

    @property
    def failed(self) -> bool:
        """Nothing could be mapped: the command must not end well."""
        return self.mapped == 0


@dataclass(slots=True)
class Tally:
    """Counts while an import runs."""

    read: int = 0
    unmapped: int = 0
    arrivals: Counter[Arrival] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def item(self, item: Item, arrival: Arrival) -> None:
        """One more item."""
        self.arrivals[arrival] += 1
        for name in FIELDS:
            value = getattr(item, name)
            if value is not Missing and value != "":
                self.given[name] += 1

    def problem(self, position: str, reason: str) -> None:
        """One more record set aside."""
        self.unmapped += 1
        self.reasons[reason.partition(":")[0]] += 1
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append((position, reason))

    def fill(self) -> tuple[FillRate, ...]:
        """The table of fill rates."""
        items = sum(self.arrivals.values())
        return tuple(FillRate(name, self.given[name], items - self.given[name], self.unreadable[name]) for name in FIELDS)
