"""The embedded search index: `ports.SearchIndex` on SQLite FTS5, in a file of its own that may be lost at any time.

Its own file, so that the WAL of the truth stays small, a rebuild never blocks a crawler, and damage here costs one rebuild.
FTS5 folds neither đ nor look-alikes: our own folded tokens are indexed.
"""

# ruff: noqa: S608  (table names end in the number of a generation, which is an integer of ours; every value is a parameter)

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from rasoat.errors import ConfigError, RasoatError
from rasoat.ports import SearchDoc, SearchPage, SearchQuery
from rasoat.store import search_keys as keys
from rasoat.store.columns import to_micros
from rasoat.store.dialect_sqlite import translate
from rasoat.store.search_facets import FacetCache
from rasoat.store.search_pool import Pool
from rasoat.store.search_query import parse, tokens
from rasoat.store.search_reader import Reader

FORMAT: Final = 2
"""Raised when folding or layout change: an older file then asks for a rebuild."""
_BATCH: Final = 1000
_SCHEMA: Final = (
    "CREATE TABLE keys_{g} (rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
    "CREATE TABLE docs_{g} (rowid INTEGER PRIMARY KEY, case_id TEXT, title TEXT, text TEXT, url TEXT, published_at INTEGER,"
    " captured_at INTEGER)",
    "CREATE TABLE facets_{g} (id INTEGER PRIMARY KEY, codes TEXT, state TEXT, source TEXT, platform TEXT, n INTEGER NOT NULL,"
    " UNIQUE (codes, state, source, platform))",
    "CREATE INDEX idle_{g} ON facets_{g} (id) WHERE n = 0",
    'CREATE VIRTUAL TABLE fts_{g} USING fts5 (title, body, tokenize = "unicode61 remove_diacritics 0")',
)


class Fts5Index:
    """One writer at a time (a lock file), any number of readers; each reads one consistent generation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = Pool(path)
        self._ready = False
        self._facets = FacetCache()

    def upsert(self, docs: Sequence[SearchDoc]) -> None:
        """Add or replace by id, in one transaction."""
        if not docs:
            return
        with self._writing() as (conn, generation):
            writer = _Writer(conn, generation)
            for doc in docs:
                writer.put(doc)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove; no error when absent."""
        if not ids:
            return
        with self._writing() as (conn, generation):
            writer = _Writer(conn, generation)
            for item_id in ids:
                writer.remove(item_id)

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer.

        Raises:
            UsageError: text without a letter or digit, or too long.
        """
        terms = parse(query.text)
        with self._reading() as (conn, generation):
            return Reader(conn, generation, query, terms, self._facets.get(conn, generation)).page()

    def rebuild(self, docs: Iterable[SearchDoc]) -> int:
        """Fill a new generation beside the one that is read, then switch; a crash before the switch changes nothing."""
        with self._locked():
            try:
                return self._rebuild(docs)
            except sqlite3.Error as error:
                raise translate(error, self._path) from error

    def compact(self) -> None:
        """Make deletions final: merge the index down to what it still holds, and empty the WAL, where the words still stand."""
        with self._writing() as (conn, generation):
            conn.execute(f"INSERT INTO fts_{generation} (fts_{generation}) VALUES ('optimize')")
        with self._translated(), self._pool.connection() as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Give connections back."""
        self._pool.close()

    def _rebuild(self, docs: Iterable[SearchDoc]) -> int:
        if self._path.exists() and not self._readable():
            self._discard()
        self._prepare()
        with self._pool.connection() as conn:
            current = _generation(conn)
            _drop_others(conn, current)
            new, total = current + 1, 0
            with _transaction(conn, "IMMEDIATE"):
                _create(conn, new)
            rest = iter(docs)
            while batch := list(islice(rest, _BATCH)):
                with _transaction(conn, "IMMEDIATE"):
                    writer = _Writer(conn, new)
                    for doc in batch:
                        writer.put(doc)
            with _transaction(conn, "IMMEDIATE"):
                conn.execute(f"INSERT INTO fts_{new} (fts_{new}) VALUES ('optimize')")
                total = conn.execute(f"SELECT count(*) FROM keys_{new}").fetchone()[0]
                conn.execute("UPDATE meta SET generation = ?, format = ?", (new, FORMAT))
            _drop_others(conn, new)
        return int(total)

    def _readable(self) -> bool:
        """Whether a rebuild can work beside what is there: whole, and in the layout of this version."""
        try:
            with self._pool.connection() as conn:
                whole = conn.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
                made_by = conn.execute("SELECT format FROM meta").fetchone()
                return bool(whole and made_by == (FORMAT,))
        except sqlite3.DatabaseError:
            return False

    def _discard(self) -> None:
        self._pool.close()
        self._ready = False
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _prepare(self) -> None:
        if self._ready:
            return
        with self._pool.connection() as conn, _transaction(conn, "IMMEDIATE"):
            if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
                conn.execute("CREATE TABLE meta (generation INTEGER NOT NULL, format INTEGER NOT NULL, reused INTEGER NOT NULL)")
                conn.execute("INSERT INTO meta VALUES (1, ?, 0)", (FORMAT,))
                _create(conn, 1)
        self._ready = True

    @contextmanager
    def _reading(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        with self._translated():
            self._prepare()
            with self._pool.connection() as conn, _transaction(conn, "DEFERRED"):
                yield conn, self._current(conn)

    @contextmanager
    def _writing(self) -> Iterator[tuple[sqlite3.Connection, int]]:
        with self._locked(), self._translated():
            self._prepare()
            with self._pool.connection() as conn, _transaction(conn, "IMMEDIATE"):
                yield conn, self._current(conn)

    def _current(self, conn: sqlite3.Connection) -> int:
        generation, made_by = conn.execute("SELECT generation, format FROM meta").fetchone()
        if made_by != FORMAT:
            raise ConfigError(f"the search index {self._path} was made by another version", hint="run `rasoat db rebuild-index`")
        return int(generation)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            mended = translate(error, self._path)
            if isinstance(mended, ConfigError):
                mended = ConfigError(f"the search index {self._path} is damaged: {error}", hint="run `rasoat db rebuild-index`")
            raise mended from error


class _Writer:
    """Puts and removes documents of one generation inside the caller's transaction."""

    def __init__(self, conn: sqlite3.Connection, generation: int) -> None:
        self._conn, self._g = conn, generation

    def put(self, doc: SearchDoc) -> None:
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
                raise RasoatError(f"the search index holds more than {keys.MAX_FACET} combinations of codes, state, source and platform")
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


def _generation(conn: sqlite3.Connection) -> int:
    return int(conn.execute("SELECT generation FROM meta").fetchone()[0])


def _create(conn: sqlite3.Connection, generation: int) -> None:
    for statement in _SCHEMA:
        conn.execute(statement.format(g=generation))


def _drop_others(conn: sqlite3.Connection, current: int) -> None:
    """Remove the tables of every other generation: the one before, and those that a crash left half-built."""
    names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        kind, _, number = name.partition("_")
        if kind in ("keys", "docs", "facets", "fts") and number.isdigit() and int(number) != current:
            with _transaction(conn, "IMMEDIATE"):
                conn.execute(f"DROP TABLE {name}")


@contextmanager
def _transaction(conn: sqlite3.Connection, mode: str) -> Iterator[None]:
    conn.execute(f"BEGIN {mode}")
    try:
        yield
    except BaseException:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")
