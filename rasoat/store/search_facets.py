"""Which codes, state, source and platform a facet number stands for. Numbers are given once, so a process reads only the new ones."""

# ruff: noqa: S608  (table names end in the number of a generation, which is an integer of ours; every value is a parameter)

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from rasoat.ports import SearchQuery


@dataclass(frozen=True, slots=True)
class Facet:
    """One combination that occurs."""

    codes: tuple[str, ...]
    state: str
    source: str
    platform: str

    def passes(self, query: SearchQuery) -> bool:
        """Whether documents of this combination pass the filters: any of the codes, any of the states …"""
        return (
            (not query.codes or not set(query.codes).isdisjoint(self.codes))
            and (not query.states or self.state in query.states)
            and (not query.sources or self.source in query.sources)
            and (not query.platforms or self.platform in query.platforms)
        )


Facets = dict[int, Facet]


@dataclass(slots=True)
class FacetCache:
    """The facets of one generation as far as this process has read them. Shared by threads."""

    _version: tuple[int, int] = (-1, -1)
    _known: Facets = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, conn: sqlite3.Connection, generation: int) -> Facets:
        """All that the caller's snapshot can hold. A number that was given anew (`meta.reused`) makes the process forget them all."""
        version = (generation, int(conn.execute("SELECT reused FROM meta").fetchone()[0]))
        with self._guard:
            known = self._known if self._version == version else {}
            rows = conn.execute(
                f"SELECT id, codes, state, source, platform FROM facets_{generation} WHERE id > ?", (max(known, default=-1),)
            )
            new = {row[0]: Facet(tuple(row[1].split(",")) if row[1] else (), *row[2:]) for row in rows}
            if new or self._version != version:
                known = {**known, **new}  # never changed in place: another thread may be reading it
            self._version, self._known = version, known
        return known


def tally(facets: Facets, counted: Iterable[tuple[int, int]]) -> dict[str, dict[str, int]]:
    """Counts by facet number as counts by value, the most frequent first."""
    out: dict[str, dict[str, int]] = {"codes": {}, "states": {}, "sources": {}, "platforms": {}}
    codes, states, sources, platforms = out.values()
    for number, count in counted:
        facet = facets[number]
        states[facet.state] = states.get(facet.state, 0) + count
        sources[facet.source] = sources.get(facet.source, 0) + count
        platforms[facet.platform] = platforms.get(facet.platform, 0) + count
        for code in facet.codes:
            codes[code] = codes.get(code, 0) + count
    return {name: dict(sorted(values.items(), key=lambda one: (-one[1], one[0]))) for name, values in out.items()}
