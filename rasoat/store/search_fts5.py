"""The embedded search index: `ports.SearchIndex` on SQLite FTS5, in a file of its own that may be lost at any time.

Its own file, so that the WAL of the truth stays small, a rebuild never blocks a crawler, and damage here costs one rebuild.
FTS5 folds neither đ nor look-alikes: our own folded tokens are indexed.
"""

# ruff: noqa: S608  (table names end in the number of a generation, which is an integer of ours; every value is a parameter)

from __future__ import annotations

import fcntl
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rasoat.errors import ConfigError
from rasoat.ports import Rejected, SearchDoc, SearchPage, SearchQuery
from rasoat.store.dialect_sqlite import translate
from rasoat.store.search_facets import FacetCache
from rasoat.store.search_fts5_writer import Writer, batches
from rasoat.store.search_pool import Pool
from rasoat.store.search_query import parse
from rasoat.store.search_reader import Reader
from rasoat.store.search_refusals import takeable
from rasoat.store.search_words import MARKERS

FORMAT: Final = 3_0000 + int(unicodedata.unidata_version.partition(".")[0])
"""Raised when folding or layout change: an older file then asks for a rebuild. So does one of another Unicode version: a document is
taken out of the index by its words, which must be read the same again."""
_SCHEMA: Final = (
    "CREATE TABLE keys_{g} (rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)",
    "CREATE TABLE docs_{g} (rowid INTEGER PRIMARY KEY, case_id TEXT, title TEXT, text TEXT, url TEXT, published_at INTEGER,"
    " captured_at INTEGER)",
    "CREATE TABLE facets_{g} (id INTEGER PRIMARY KEY, codes TEXT, state TEXT, source TEXT, platform TEXT, n INTEGER NOT NULL,"
    " UNIQUE (codes, state, source, platform))",
    "CREATE INDEX idle_{g} ON facets_{g} (id) WHERE n = 0",
    "CREATE VIRTUAL TABLE fts_{g} USING fts5 (title, body, content = '',"
    f" tokenize = \"unicode61 remove_diacritics 0 tokenchars '{MARKERS}'\")",
    "INSERT INTO fts_{g} (fts_{g}, rank) VALUES ('hashsize', 33554432)",  # new words wait in 32 MB of memory, not in 1 MB: fewer segments
)
_MERGING: Final = {"automerge": 4, "crisismerge": 16}
"""From how many segments of a level FTS5 merges them: its own defaults."""
_UNMERGED: Final = {"automerge": 0, "crisismerge": 1999}
"""While nobody reads: each word is merged once, at the end. FTS5 keeps at most 2,000 segments."""


class Fts5Index:
    """One writer at a time (a lock file), any number of readers; each reads one consistent generation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = Pool(path)
        self._ready = False
        self._facets = FacetCache()

    def upsert(self, docs: Sequence[SearchDoc], fence: int | None = None) -> frozenset[str]:
        """Add or replace by id, in one transaction. A writer with a smaller number than the last one changes nothing at all.

        Raises:
            Rejected: some can never be taken; all others were.
        """
        if not docs:
            return frozenset()
        refused: dict[str, str] = {}
        with self._writing() as (conn, generation):
            if not _passes(conn, fence):
                return frozenset(doc.id for doc in docs)
            Writer(conn, generation).put(takeable(docs, refused), refused)
        if refused:
            raise Rejected(refused)
        return frozenset()

    def delete(self, ids: Sequence[str], fence: int | None = None) -> frozenset[str]:
        """Remove; no error when absent."""
        if not ids:
            return frozenset()
        with self._writing() as (conn, generation):
            if not _passes(conn, fence):
                return frozenset(ids)
            Writer(conn, generation).remove(ids)
        return frozenset()

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer.

        Raises:
            UsageError: text without a letter or digit, or too long.
        """
        terms = parse(query.text)
        with self._reading() as (conn, generation):
            return Reader(conn, generation, query, terms, self._facets.get(conn, generation)).page()

    def rebuild(self, docs: Iterable[SearchDoc], fence: int | None = None) -> int:
        """Fill a new generation beside the one that is read, then switch; a crash before the switch changes nothing."""
        refused: dict[str, str] = {}
        with self._locked():
            try:
                total = self._rebuild(takeable(docs, refused), fence, refused)
            except sqlite3.Error as error:
                raise translate(error, self._path) from error
        if refused:
            raise Rejected(refused, taken=total)
        return total

    def compact(self) -> None:
        """Make deletions final: merge the index down to what it still holds, and empty the WAL, where the words still stand."""
        with self._writing() as (conn, generation):
            conn.execute(f"INSERT INTO fts_{generation} (fts_{generation}) VALUES ('optimize')")
        with self._translated(), self._pool.connection() as conn:
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Give connections back."""
        self._pool.close()

    def _rebuild(self, docs: Iterable[SearchDoc], fence: int | None, refused: dict[str, str]) -> int:
        if self._path.exists() and not self._readable():
            self._discard()
        self._prepare()
        with self._pool.connection() as conn:
            current = _generation(conn)
            _drop_others(conn, current)
            new, total = current + 1, 0
            with _transaction(conn, "IMMEDIATE"):
                _create(conn, new)
                _configure(conn, new, _UNMERGED)
            for batch in batches(docs):
                with _transaction(conn, "IMMEDIATE"):
                    Writer(conn, new).put(batch, refused)
            with _transaction(conn, "IMMEDIATE"):
                conn.execute(f"INSERT INTO fts_{new} (fts_{new}) VALUES ('optimize')")
                _configure(conn, new, _MERGING)
                total = conn.execute(f"SELECT count(*) FROM keys_{new}").fetchone()[0]
                conn.execute("UPDATE meta SET generation = ?, format = ?", (new, FORMAT))
                _passes(conn, fence)
            _drop_others(conn, new)
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
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
            conn.execute("CREATE TABLE IF NOT EXISTS fence (token INTEGER NOT NULL)")  # a file from before it had one
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


def _passes(conn: sqlite3.Connection, fence: int | None) -> bool:
    """Whether this writer may write; notes its number. Who has none, may: a test, a benchmark."""
    if fence is None:
        return True
    newest = conn.execute("SELECT max(token) FROM fence").fetchone()[0] or 0
    if fence > newest:
        conn.execute("DELETE FROM fence")
        conn.execute("INSERT INTO fence VALUES (?)", (fence,))
    return bool(fence >= newest)


def _generation(conn: sqlite3.Connection) -> int:
    return int(conn.execute("SELECT generation FROM meta").fetchone()[0])


def _create(conn: sqlite3.Connection, generation: int) -> None:
    for statement in _SCHEMA:
        conn.execute(statement.format(g=generation))


def _configure(conn: sqlite3.Connection, generation: int, options: Mapping[str, int]) -> None:
    for option, value in options.items():
        conn.execute(f"INSERT INTO fts_{generation} (fts_{generation}, rank) VALUES (?, ?)", (option, value))


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
