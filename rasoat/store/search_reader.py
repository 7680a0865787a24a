"""Answers one query from one generation of the embedded index. Reads only; `search_fts5.py` writes.

Order of work, because of the planner (a plain join took 23 s at a million documents): row ids from FTS first, then filter, sort, and
documents for one page at the very end.
"""

# ruff: noqa: S608  (table names end in the number of a generation, which is an integer of ours; every value is a parameter)

from __future__ import annotations

import sqlite3
from typing import Any, Final

from rasoat.ports import SearchDoc, SearchHit, SearchPage, SearchQuery, Sort
from rasoat.store import search_keys as keys
from rasoat.store.columns import from_micros, to_micros
from rasoat.store.search_facets import Facets, tally
from rasoat.store.search_query import Term, highlight

RANKED: Final = 4000
"""Relevance is worked out for the newest 4,000 matches; older ones follow by date. Totals and facets count all. Measured: 70 ms else."""
MAX_LIMIT: Final = 200
_TITLE_WEIGHT: Final = 3.0


class Reader:
    """Answers one query from one generation inside one read transaction."""

    def __init__(self, conn: sqlite3.Connection, generation: int, query: SearchQuery, terms: tuple[Term, ...], facets: Facets) -> None:
        self._conn, self._g, self._query, self._terms, self._facets = conn, generation, query, terms, facets
        self._filtered = bool(query.codes or query.states or query.sources or query.platforms)
        self._where, self._params = self._conditions()

    def page(self) -> SearchPage:
        """The answer."""
        counted = self._count()
        total = sum(counted.values())
        limit, offset = max(0, min(self._query.limit, MAX_LIMIT)), max(0, self._query.offset)
        scored = self._order(limit, offset, total) if limit and offset < total else []
        return SearchPage(self._hits(scored), total, tally(self._facets, counted.items()))

    def _conditions(self) -> tuple[str, list[Any]]:
        source = f"fts_{self._g}" if self._terms else f"keys_{self._g}"
        parts: list[str] = []
        params: list[Any] = []
        if self._terms:
            parts.append(f"{source} MATCH ?")
            params.append(" AND ".join(_phrase(term.wanted) for term in self._terms))
        if self._filtered:
            allowed = [number for number, facet in self._facets.items() if facet.passes(self._query)]
            parts.append(f"(rowid & {keys.MAX_FACET}) IN (SELECT value FROM json_each(?))")
            params.append("[" + ",".join(map(str, allowed)) + "]")
        for moment, operator in ((self._query.since, ">="), (self._query.until, "<")):
            if moment is not None:
                low, high = keys.second_range(keys.second_of(moment))
                parts.append(f"rowid {operator[0]}= ?")
                params.append(low if operator == ">=" else high)
                wrong = "<" if operator == ">=" else ">="  # within the second of the limit itself the exact time decides
                parts.append(f"rowid NOT IN (SELECT rowid FROM docs_{self._g} WHERE rowid BETWEEN ? AND ? AND captured_at {wrong} ?)")
                params += [low, high, to_micros(moment)]
        return f"FROM {source}" + (" WHERE " + " AND ".join(parts) if parts else ""), params

    def _count(self) -> dict[int, int]:
        """Matches by facet combination: one pass over the index, no document is touched."""
        if not self._terms and self._query.since is None and self._query.until is None:
            held = self._conn.execute(f"SELECT id, n FROM facets_{self._g} WHERE n > 0")
            return {number: n for number, n in held if self._facets[number].passes(self._query)}
        sql = f"SELECT rowid & {keys.MAX_FACET} AS facet, count(*) {self._where} GROUP BY facet"
        return dict(self._conn.execute(sql, self._params).fetchall())

    def _order(self, limit: int, offset: int, total: int) -> list[tuple[int, float]]:
        if not self._terms or self._query.sort is Sort.NEWEST:
            return self._newest(limit, offset)
        if total <= RANKED:
            return self._best(limit, offset, " AND ".join(map(_better, self._terms)))
        floor = self._conn.execute(f"SELECT rowid {self._where} ORDER BY rowid DESC LIMIT 1 OFFSET {RANKED - 1}", self._params).fetchone()[
            0
        ]
        ranked = self._best(limit, offset, self._params[0], floor) if offset < RANKED else []
        if len(ranked) == limit:
            return ranked
        return ranked + self._newest(limit - len(ranked), max(0, offset - RANKED), below=floor)

    def _best(self, limit: int, offset: int, words: str, floor: int | None = None) -> list[tuple[int, float]]:
        # Row ids and scores first, then sort: joined directly, the planner would walk the documents and probe FTS row by row.
        bound = "" if floor is None else f" AND rowid >= {floor}"
        sql = (
            f"WITH found AS MATERIALIZED (SELECT rowid AS id, bm25(fts_{self._g}, {_TITLE_WEIGHT}, 1.0) AS score {self._where}{bound})"
            " SELECT id, -score FROM found ORDER BY score, id DESC LIMIT ? OFFSET ?"
        )
        return self._conn.execute(sql, [words, *self._params[1:], limit, offset]).fetchall()

    def _newest(self, limit: int, offset: int, below: int | None = None) -> list[tuple[int, float]]:
        joint = "AND" if " WHERE " in self._where else "WHERE"
        bound = "" if below is None else f" {joint} rowid < {below}"
        sql = f"SELECT rowid, 0.0 {self._where}{bound} ORDER BY rowid DESC LIMIT ? OFFSET ?"
        return self._conn.execute(sql, [*self._params, limit, offset]).fetchall()

    def _hits(self, scored: list[tuple[int, float]]) -> tuple[SearchHit, ...]:
        g = self._g
        sql = (
            f"SELECT k.rowid, k.id, d.case_id, d.title, d.text, d.url, d.published_at, d.captured_at FROM keys_{g} k"
            f" JOIN docs_{g} d ON d.rowid = k.rowid WHERE k.rowid IN ({','.join('?' * len(scored))})"
        )
        found = {row[0]: row for row in self._conn.execute(sql, [rowid for rowid, _ in scored])}
        return tuple(self._hit(found[rowid], score) for rowid, score in scored)

    def _hit(self, row: Any, score: float) -> SearchHit:
        rowid, item_id, case_id, title, text, url, published, captured = row
        facet = self._facets[keys.facet_of(rowid)]
        doc = SearchDoc(
            id=item_id,
            case_id=case_id,
            state=facet.state,
            codes=facet.codes,
            source=facet.source,
            platform=facet.platform,
            title=title,
            text=text,
            url=url,
            published_at=None if published is None else from_micros(published),
            captured_at=from_micros(captured),
        )
        return SearchHit(doc, score, highlight(text, self._terms), highlight(title, self._terms))


def _phrase(tokens: tuple[str, ...]) -> str:
    return f'"{" ".join(tokens)}"'


def _better(term: Term) -> str:
    """Finds the same; what is written with the accents that were typed scores higher. For few answers: bm25 reads every list to its end."""
    plain = _phrase(term.wanted)
    return f"({plain} OR {_phrase(term.exact)})" if term.accented and not term.strict else plain
