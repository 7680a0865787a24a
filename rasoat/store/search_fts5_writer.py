"""Puts documents into one generation of the embedded index and takes them out: row ids that sort by time, facets that are counted."""

# ruff: noqa: S608  (table names end in the number of a generation, which is an integer of ours; every value is a parameter)

from __future__ import annotations

import sqlite3

from rasoat.errors import RasoatError
from rasoat.ports import SearchDoc
from rasoat.store import search_keys as keys
from rasoat.store.columns import to_micros
from rasoat.store.search_query import tokens


class _NoPlace(RasoatError):
    """The document would be the first of its kind, and there is no number left for a kind."""


def put(writer: Writer, doc: SearchDoc, refused: dict[str, str]) -> None:
    """Put, or note why it cannot be: id to reason."""
    try:
        writer.put(doc)
    except _NoPlace as error:
        refused[doc.id] = str(error)


class Writer:
    """Puts and removes documents of one generation inside the caller's transaction."""

    def __init__(self, conn: sqlite3.Connection, generation: int) -> None:
        self._conn, self._g = conn, generation

    def put(self, doc: SearchDoc) -> None:
        """Add or replace."""
        self.remove(doc.id)
        g, conn = self._g, self._conn
        rowid = self._free_rowid(doc, self._facet(doc))
        conn.execute(f"INSERT INTO keys_{g} VALUES (?, ?)", (rowid, doc.id))
        published = None if doc.published_at is None else to_micros(doc.published_at)
        body = (rowid, doc.case_id, doc.title, doc.text, doc.url, published, to_micros(doc.captured_at))
        conn.execute(f"INSERT INTO docs_{g} VALUES (?, ?, ?, ?, ?, ?, ?)", body)
        words = (rowid, " ".join(tokens(doc.title)), " ".join(tokens(doc.text)))
        conn.execute(f"INSERT INTO fts_{g} (rowid, title, body) VALUES (?, ?, ?)", words)

    def remove(self, item_id: str) -> None:
        """Take out; no error when absent."""
        g, conn = self._g, self._conn
        found = conn.execute(f"SELECT rowid FROM keys_{g} WHERE id = ?", (item_id,)).fetchone()
        if found is None:
            return
        for table in ("keys", "docs", "fts"):
            conn.execute(f"DELETE FROM {table}_{g} WHERE rowid = ?", found)
        conn.execute(f"UPDATE facets_{g} SET n = n - 1 WHERE id = ?", (keys.facet_of(found[0]),))

    def _facet(self, doc: SearchDoc) -> int:
        values = (",".join(sorted(doc.codes)), doc.state, doc.source, doc.platform)
        sql = f"UPDATE facets_{self._g} SET n = n + 1 WHERE (codes, state, source, platform) = (?, ?, ?, ?) RETURNING id"
        found = self._conn.execute(sql, values).fetchall()
        return int(found[0][0]) if found else self._new_facet(values)

    def _new_facet(self, values: tuple[str, str, str, str]) -> int:
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

    def _free_rowid(self, doc: SearchDoc, facet: int) -> int:
        second = keys.second_of(doc.captured_at)
        while True:
            low, high = keys.second_range(second)
            last = self._conn.execute(f"SELECT max(rowid) FROM keys_{self._g} WHERE rowid BETWEEN ? AND ?", (low, high)).fetchone()[0]
            place = 0 if last is None else keys.place_of(last) + 1
            if place <= keys.MAX_PLACE:
                return keys.rowid(second, place, facet)
            second += 1  # 65,536 items in one second: an import with one time stamp; the next second is near enough
