"""The durable frontier of one source on one machine: which addresses wait, are in flight, are done or failed, in one SQLite file.

Every change is one transaction, so that after `kill -9` only what was in flight is fetched again. Counts of a run are counted from the
rows, never kept beside them. Knows nothing of Scrapy or HTTP. (Scrapy's JOBDIR loses its queue on a crash: scrapy#7978.)
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from crawlers.frontier_lock import SourceLock
from crawlers.frontier_rows import KEEP_RUNS, MAX_TRIES, counts_as_started, row_of
from crawlers.targets import Claimed, Kind, Result, State, Tally, Target
from crawlers.urls import BadUrl
from rasoat.errors import RetryLater

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
  n INTEGER PRIMARY KEY, run_id TEXT NOT NULL, started_at REAL NOT NULL, finished_at REAL, seconds REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS requests (
  id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs(n), fingerprint BLOB NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
  depth INTEGER NOT NULL, priority INTEGER NOT NULL, path_key BLOB, chain TEXT NOT NULL DEFAULT '[]',
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'in_flight', 'done', 'failed', 'skipped')),
  tries INTEGER NOT NULL DEFAULT 0, not_before REAL NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '', bytes INTEGER NOT NULL DEFAULT 0, has_text INTEGER NOT NULL DEFAULT 0,
  has_date INTEGER NOT NULL DEFAULT 0, UNIQUE (run, fingerprint)
);
CREATE INDEX IF NOT EXISTS requests_next ON requests (run, state, priority DESC, id);
CREATE INDEX IF NOT EXISTS requests_path ON requests (run, path_key) WHERE path_key IS NOT NULL;
CREATE TABLE IF NOT EXISTS refused (run INTEGER NOT NULL, reason TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (run, reason));
"""


class Frontier:
    """`crawlers.frontier_seam.AnyFrontier` for one process: entering takes the lock of the source, leaving gives it back.

    Raises:
        UsageError: another process crawls this source.
    """

    def __init__(self, folder: Path, source: str, clock: Callable[[], float] = time.time) -> None:
        self.source = source
        self._now = clock
        self.path = folder / f"{source}.sqlite3"
        self._lock = SourceLock(folder, source)
        self._run = self._started = 0

    def __enter__(self) -> Frontier:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        try:
            self._db = _open(self.path)
        except BaseException:
            self._lock.give()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()
        self._lock.give()

    def held(self) -> bool:
        """Whether somebody crawls this source now, this process included. Opens and makes nothing."""
        return self._lock.held()

    def open_run(self, run_id: str, starts: Iterable[Target]) -> bool:
        """Go on with the unfinished run, or start a new one from `starts`. True when it was resumed."""
        resumed = self._open_run(run_id, starts)
        self._started = self._one(
            "SELECT count(*) FROM requests WHERE run = ? AND kind = 'page' AND state IN ('in_flight', 'done', 'failed') "
            "AND outcome != 'redirect'"
        )
        return resumed

    def _open_run(self, run_id: str, starts: Iterable[Target]) -> bool:
        with self._transaction() as db:
            row = db.execute("SELECT n FROM runs WHERE finished_at IS NULL ORDER BY n DESC LIMIT 1").fetchone()
            if row is not None:
                self._run = row[0]
                db.execute("UPDATE runs SET run_id = ? WHERE n = ?", (run_id, self._run))
                # A page that was in flight at every one of so many deaths is taken for their cause.
                db.execute(
                    "UPDATE requests SET state = 'failed', outcome = 'crash' WHERE run = ? AND state = 'in_flight' AND tries >= ?",
                    (self._run, MAX_TRIES),
                )
                db.execute("UPDATE requests SET state = 'queued' WHERE run = ? AND state = 'in_flight'", (self._run,))
                db.execute("UPDATE requests SET not_before = 0 WHERE run = ? AND state = 'queued'", (self._run,))
                self._add(db, starts, 0)  # what was written into the source since
                return True
            self._run = int(
                db.execute("INSERT INTO runs (run_id, started_at) VALUES (?, ?) RETURNING n", (run_id, self._now())).fetchone()[0]
            )
            db.execute("DELETE FROM requests WHERE run <= ?", (self._run - KEEP_RUNS,))
            db.execute("DELETE FROM refused WHERE run <= ?", (self._run - KEEP_RUNS,))
            for target in starts:
                self._insert(db, target)
            return False

    def close_run(self) -> bool:
        """End the run unless something waits. There is one crawler, so it is the last one out."""
        with self._transaction() as db:
            if not self.unsettled():
                db.execute("UPDATE runs SET finished_at = ? WHERE n = ?", (self._now(), self._run))
        return True

    def add_seconds(self, seconds: float) -> float:
        """Add working time to the run; returns its total, over resumes."""
        with self._transaction() as db:
            row = db.execute("UPDATE runs SET seconds = seconds + ? WHERE n = ? RETURNING seconds", (seconds, self._run)).fetchone()
            return float(row[0])

    def add(self, targets: Iterable[Target], *, max_variants: int = 0) -> int:
        """Queue what this run does not know yet; returns how many were new. `max_variants` bounds the queries of one path."""
        with self._transaction() as db:
            return self._add(db, targets, max_variants)

    def _add(self, db: sqlite3.Connection, targets: Iterable[Target], max_variants: int) -> int:
        return sum(self._insert(db, target, max_variants) for target in targets)

    def _insert(self, db: sqlite3.Connection, target: Target, max_variants: int = 0) -> bool:
        try:
            row = row_of(target)
        except BadUrl:  # every way in checks before; an address that slips through must not stop the run at every resume
            self._refuse(db, "address", 1)
            return False
        if row.path_key and max_variants and self._variants(db, row.path_key, max_variants) >= max_variants:
            known = db.execute("SELECT 1 FROM requests WHERE run = ? AND fingerprint = ?", (self._run, row.fingerprint)).fetchone()
            if known is None:
                self._refuse(db, "limit", 1)
            return False
        done = db.execute(
            "INSERT OR IGNORE INTO requests (run, fingerprint, url, kind, depth, priority, path_key, chain) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (self._run, row.fingerprint, row.url, row.kind, row.depth, row.priority, row.path_key, row.chain),
        )
        return done.rowcount == 1

    def _variants(self, db: sqlite3.Connection, path_key: bytes, limit: int) -> int:
        query = "SELECT count(*) FROM (SELECT 1 FROM requests WHERE run = ? AND path_key = ? LIMIT ?)"
        return int(db.execute(query, (self._run, path_key, limit)).fetchone()[0])

    def claim(self, *, max_pages: int = 1_000_000, per_host: int = 1_000) -> Claimed | None:
        """The next request, now in flight; None when nothing may be asked for at this moment."""
        if self._started >= max_pages and self.has_waiting():
            self.skip_queued(Kind.PAGE, "limit")
        with self._transaction() as db:
            row = db.execute(
                "UPDATE requests SET state = 'in_flight', tries = tries + 1 WHERE id = (SELECT id FROM requests WHERE run = ? AND "
                "state = 'queued' AND not_before <= ? ORDER BY priority DESC, id LIMIT 1) RETURNING id, url, kind, depth, chain, tries",
                (self._run, self._now()),
            ).fetchone()
        if row is None:
            return None
        self._started += row[2] == Kind.PAGE
        return Claimed(row[0], Target(row[1], Kind(row[2]), row[3], tuple(json.loads(row[4]))), row[5])

    def finish(
        self,
        row_id: int,
        result: Result,
        found: Iterable[Target] = (),
        *,
        refused: Mapping[str, int] | None = None,
        outside: Iterable[str] = (),
        max_variants: int = 0,
    ) -> int:
        """Close a request and queue what it led to, in one transaction; returns how many addresses were new."""
        with self._transaction() as db:
            new = self._add(db, found, max_variants)
            for reason, count in (refused or {}).items():
                self._refuse(db, reason, count)
            if beyond := sum(1 for _ in outside):
                self._refuse(db, "scope", beyond)
            row = db.execute(
                "UPDATE requests SET state = ?, outcome = ?, bytes = ?, has_text = ?, has_date = ? WHERE id = ? RETURNING kind",
                (result.state, result.outcome, result.bytes, result.has_text, result.has_date, row_id),
            ).fetchone()
        self._started -= row[0] == Kind.PAGE and not counts_as_started(Kind.PAGE, result)
        return new

    def retry(self, row_id: int, *, wait: float) -> None:
        """Put a request back; it waits so many seconds, and counts when it is asked for again."""
        with self._transaction() as db:
            query = "UPDATE requests SET state = 'queued', not_before = ? WHERE id = ? RETURNING kind"
            row = db.execute(query, (self._now() + wait, row_id)).fetchone()
        self._started -= row[0] == Kind.PAGE

    def turn(self, host: str, delay: float) -> float:
        """Always ours: Scrapy's own queue of each host keeps the pauses of one process, and there is no other."""
        return 0.0

    def slow_down(self, host: str, delay: float) -> None:
        """Nothing: see `turn`."""

    def robots(self, site: str) -> str | None:
        """Nothing: there is no other crawler."""
        return None

    def keep_robots(self, site: str, text: str) -> None:
        """Nothing: see `robots`."""

    def beat(self) -> None:
        """Nothing: the lock says that we live."""

    def skip_queued(self, kind: Kind, reason: str) -> int:
        """Give up every waiting request of a kind."""
        with self._transaction() as db:
            done = db.execute(
                "UPDATE requests SET state = 'skipped', outcome = ? WHERE run = ? AND state = 'queued' AND kind = ?",
                (reason, self._run, kind),
            )
            return done.rowcount

    def refuse(self, reason: str, count: int = 1) -> None:
        """Count addresses that never became requests."""
        with self._transaction() as db:
            self._refuse(db, reason, count)

    def _refuse(self, db: sqlite3.Connection, reason: str, count: int) -> None:
        db.execute(
            "INSERT INTO refused (run, reason, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            (self._run, reason, count),
        )

    def waiting(self) -> int:
        """How many requests are queued."""
        return int(self._one("SELECT count(*) FROM requests WHERE run = ? AND state = 'queued'"))

    def has_waiting(self) -> bool:
        """Whether any request is queued."""
        return bool(self._one("SELECT EXISTS (SELECT 1 FROM requests WHERE run = ? AND state = 'queued')"))

    def pages_done(self) -> int:
        """Pages read in this run, before and after a resume."""
        return int(self._one("SELECT count(*) FROM requests WHERE run = ? AND kind = 'page' AND state = 'done' AND outcome != 'redirect'"))

    def unsettled(self) -> int:
        """Requests that are neither done nor failed nor skipped."""
        return int(self._one("SELECT count(*) FROM requests WHERE run = ? AND state IN ('queued', 'in_flight')"))

    def started_pages(self) -> int:
        """Pages asked for in this run; redirects and what was skipped do not count."""
        return self._started

    def tallies(self) -> list[Tally]:
        """The run's rows, grouped."""
        rows = self._db.execute(
            "SELECT kind, state, outcome, count(*), sum(bytes), sum(has_text), sum(has_date) FROM requests WHERE run = ? "
            "GROUP BY kind, state, outcome ORDER BY kind, state, outcome",
            (self._run,),
        )
        return [Tally(Kind(row[0]), State(row[1]), *row[2:]) for row in rows]

    def refused(self) -> dict[str, int]:
        """Addresses that never became requests, by reason."""
        return dict(self._db.execute("SELECT reason, n FROM refused WHERE run = ?", (self._run,)).fetchall())

    def _one(self, query: str) -> int:
        return int(self._db.execute(query, (self._run,)).fetchone()[0])

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _open(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=10)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")  # safe when the process dies; a power cut costs the last pages, which are fetched again
        db.executescript(_SCHEMA)
    except sqlite3.Error as error:
        raise RetryLater(f"the frontier {path} cannot be opened: {error}; check the disk, or delete the file to start afresh") from error
    return db


def unfinished_run(folder: Path, source: str) -> str | None:
    """The run id of a crawl of this source that was cut off, if there is one: the next crawl goes on with it."""
    path = folder / f"{source}.sqlite3"
    if not path.exists():
        return None
    with contextlib.closing(_open(path)) as db:
        row = db.execute("SELECT run_id FROM runs WHERE finished_at IS NULL ORDER BY n DESC LIMIT 1").fetchone()
    return str(row[0]) if row else None
