"""Puts documents into one generation of the embedded index and takes them out: row ids that sort by time, facets that are counted.

Whole batches, the oldest document first: FTS5 keeps what is written in memory only while row ids grow, and writes a segment at every step
back. The index holds tokens and no text of its own; to take a document out, its words are told to it again.
"""

# ruff: noqa: S608  (table names end in the number of a generation, which is an integer of ours; every value is a parameter)

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rasoat.errors import RasoatError
from rasoat.ports import SearchDoc
from rasoat.store import search_keys as keys
from rasoat.store.columns import to_micros
from rasoat.store.search_words import both

_BATCH_DOCS: Final = 100_000
_BATCH_CHARACTERS: Final = 32_000_000
_FacetValues = tuple[str, str, str, str]


class _NoPlace(RasoatError):
    """The document would be the first of its kind, and there is no number left for a kind."""


def batches(docs: Iterable[SearchDoc]) -> Iterator[list[SearchDoc]]:
    """Cut by count and by length, so that a batch of long documents fits into memory too."""
    batch: list[SearchDoc] = []
    characters = 0
    for doc in docs:
        batch.append(doc)
        characters += len(doc.title) + len(doc.text)
        if len(batch) >= _BATCH_DOCS or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class Writer:
    """Puts and removes documents of one generation inside the caller's transaction."""

    def __init__(self, conn: sqlite3.Connection, generation: int) -> None:
        self._conn, self._g = conn, generation
        self._numbers: dict[_FacetValues, int] = {}
        self._more: Counter[int] = Counter()
        self._last = (-1, 0)  # second and place of the row id given last

    def put(self, docs: Iterable[SearchDoc], refused: dict[str, str]) -> None:
        """Add or replace; of two with one id the later. What cannot be put goes into `refused`, id to reason."""
        wanted = sorted({doc.id: doc for doc in docs}.values(), key=lambda doc: doc.captured_at)
        self.remove([doc.id for doc in wanted])
        placed = list(self._placed(wanted, refused))
        counted = [(more, facet) for facet, more in self._more.items()]
        self._conn.executemany(f"UPDATE facets_{self._g} SET n = n + ? WHERE id = ?", counted)
        self._numbers, self._more, self._last = {}, Counter(), (-1, 0)
        self._fill(placed)

    def remove(self, ids: Sequence[str]) -> None:
        """Take out; no error when absent."""
        g, conn = self._g, self._conn
        ask = f"SELECT k.rowid, d.title, d.text FROM keys_{g} k JOIN docs_{g} d ON d.rowid = k.rowid WHERE k.id = ?"
        found = sorted(row for item_id in dict.fromkeys(ids) for row in conn.execute(ask, (item_id,)))
        words = ((rowid, *_tokens(title, text)) for rowid, title, text in found)
        conn.executemany(f"INSERT INTO fts_{g} (fts_{g}, rowid, title, body) VALUES ('delete', ?, ?, ?)", words)
        for table in ("keys", "docs"):
            conn.executemany(f"DELETE FROM {table}_{g} WHERE rowid = ?", [(row[0],) for row in found])
        gone = Counter(keys.facet_of(row[0]) for row in found)
        conn.executemany(f"UPDATE facets_{g} SET n = n - ? WHERE id = ?", [(count, facet) for facet, count in gone.items()])

    def _placed(self, docs: Iterable[SearchDoc], refused: dict[str, str]) -> Iterator[tuple[int, SearchDoc]]:
        for doc in docs:
            try:
                facet = self._facet(doc)
            except _NoPlace as error:
                refused[doc.id] = str(error)
                continue
            yield self._next_rowid(doc, facet), doc

    def _fill(self, placed: Sequence[tuple[int, SearchDoc]]) -> None:
        """All words in one go: a statement that SQLite guards by a savepoint makes FTS5 write out what it holds in memory."""
        self._conn.executemany(f"INSERT INTO keys_{self._g} VALUES (?, ?)", ((rowid, doc.id) for rowid, doc in placed))
        bodies = (
            (rowid, doc.case_id, doc.title, doc.text, doc.url, doc.published_at and to_micros(doc.published_at), to_micros(doc.captured_at))
            for rowid, doc in placed
        )
        self._conn.executemany(f"INSERT INTO docs_{self._g} VALUES (?, ?, ?, ?, ?, ?, ?)", bodies)
        words = ((rowid, *_tokens(doc.title, doc.text)) for rowid, doc in placed)
        self._conn.executemany(f"INSERT INTO fts_{self._g} (rowid, title, body) VALUES (?, ?, ?)", words)

    def _facet(self, doc: SearchDoc) -> int:
        """Its number, counted: the first of a batch at once, so that nobody takes the number for an idle one; the others at the end."""
        values = (",".join(sorted(doc.codes)), doc.state, doc.source, doc.platform)
        known = self._numbers.get(values)
        if known is not None:
            self._more[known] += 1
            return known
        sql = f"UPDATE facets_{self._g} SET n = n + 1 WHERE (codes, state, source, platform) = (?, ?, ?, ?) RETURNING id"
        found = self._conn.execute(sql, values).fetchall()
        number = int(found[0][0]) if found else self._new_facet(values)
        self._numbers[values] = number
        return number

    def _new_facet(self, values: _FacetValues) -> int:
        """The next number; when all are taken, one that no document has any more."""
        g, conn = self._g, self._conn
        facet = 1 + int(conn.execute(f"SELECT coalesce(max(id), -1) FROM facets_{g}").fetchone()[0])
        if facet > keys.MAX_FACET:
            idle = conn.execute(f"SELECT id FROM facets_{g} WHERE n = 0 LIMIT 1").fetchone()
            if idle is None:
                raise _NoPlace(f"the search index holds more than {keys.MAX_FACET} combinations of codes, state, source and platform")
            facet = int(idle[0])
            conn.execute(f"DELETE FROM facets_{g} WHERE id = ?", idle)
            conn.execute("UPDATE meta SET reused = reused + 1")
        conn.execute(f"INSERT INTO facets_{g} VALUES (?, ?, ?, ?, ?, 1)", (facet, *values))
        return facet

    def _next_rowid(self, doc: SearchDoc, facet: int) -> int:
        """The next one of its second, for documents in the order of their times."""
        second, place = max(keys.second_of(doc.captured_at), self._last[0]), self._last[1] + 1
        if second > self._last[0]:
            place = self._free_place(second)
        while place > keys.MAX_PLACE:
            second += 1  # 65,536 items in one second: an import with one time stamp; the next second is near enough
            place = self._free_place(second)
        self._last = second, place
        return keys.rowid(second, place, facet)

    def _free_place(self, second: int) -> int:
        low, high = keys.second_range(second)
        last = self._conn.execute(f"SELECT max(rowid) FROM keys_{self._g} WHERE rowid BETWEEN ? AND ?", (low, high)).fetchone()[0]
        return 0 if last is None else keys.place_of(last) + 1


def _tokens(title: str, text: str) -> tuple[str, str]:
    """What FTS5 is given for both columns: the folded words, then the exact ones, of which no token equals a folded one."""
    return " ".join(both(title)), " ".join(both(text))
