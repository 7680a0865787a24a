"""The frontier that several crawlers share: any number of processes on any machines fetch one source together, each page once.

Leases and pauses go by the clock of the database. A crawler that died is seen at once by its lock, which fell with its connection, and a
machine that vanished when its lease ends; what they held waits again. What one that was given up says later is not written.
"""

# ruff: noqa: S608  (pieces of our own statements are put together; every value is a parameter)
from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any, Final

import psycopg

from crawlers import frontier_queue as queue
from crawlers.frontier_rows import KEEP_RUNS, counts_as_started
from crawlers.frontier_schema import Connection, connect, translated
from crawlers.targets import Claimed, Kind, Result, State, Tally, Target
from rasoat.errors import RasoatError

LEASE: Final = 60.0
"""Seconds after which a crawler that says nothing is given up: six times `frontier_seam.BEAT_SECONDS`."""
LOOK_AFTER_THE_DEAD: Final = 1.0
"""Seconds between two looks, made only while nothing else is to be done."""
_UNTIL: Final = "clock_timestamp() + %s::float8 * interval '1 second'"
_RETURNING_KIND: Final = "WHERE id = %(id)s AND state = 'in_flight' AND leased_by = %(me)s RETURNING kind"


class PostgresFrontier:
    """`crawlers.frontier_seam.AnyFrontier`; `run_id`s of crawlers that work together should be the same (`flows.stages.crawl`)."""

    def __init__(self, url: str, password: str, source: str) -> None:
        self.source = source
        self._url, self._password = url, password
        self._run = self._me = 0
        self._closed_before = False
        self._looked = float("-inf")

    def __enter__(self) -> PostgresFrontier:
        self._db = connect(self._url, self._password)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(RasoatError):  # gone with the connection: others see the lock fall and do the same
            self._leave()
        self._db.close()

    def open_run(self, run_id: str, starts: Iterable[Target]) -> bool:
        """Start, resume or join. Whoever comes with the id of a run that has just ended finds it ended: nothing is fetched again."""
        with self._transaction() as db:
            queue.lock_source(db, self.source)
            self._run, known = self._find(db, run_id)
            if not known:
                query = "INSERT INTO frontier.runs (source, run_id, started_at) VALUES (%s, %s, now()) RETURNING n"
                self._run = int(_one(db.execute(query, (self.source, run_id))))
                oldest = "SELECT n FROM frontier.runs WHERE source = %s ORDER BY n DESC LIMIT %s"
                db.execute(f"DELETE FROM frontier.runs WHERE source = %s AND n NOT IN ({oldest})", (self.source, self.source, KEEP_RUNS))
            elif not self._closed_before and not queue.bury(db, self._run):
                db.execute("UPDATE frontier.runs SET run_id = %s WHERE n = %s", (run_id, self._run))
                db.execute("UPDATE frontier.requests SET not_before = '-infinity' WHERE run = %s AND state = 'queued'", (self._run,))
            if not self._closed_before:
                query = f"INSERT INTO frontier.crawlers (run, alive_until) VALUES (%s, {_UNTIL}) RETURNING id"
                self._me = int(_one(db.execute(query, (self._run, LEASE))))
                queue.hold(db, self._me)
                queue.lock_adding(db, self._run)
                queue.add(db, self._run, starts)
        return known

    def _find(self, db: Connection, run_id: str) -> tuple[int, bool]:
        row = db.execute("SELECT n FROM frontier.runs WHERE source = %s AND finished_at IS NULL", (self.source,)).fetchone()
        if row is None:
            query = "SELECT n FROM frontier.runs WHERE source = %s AND run_id = %s ORDER BY n DESC LIMIT 1"
            row = db.execute(query, (self.source, run_id)).fetchone()
            self._closed_before = row is not None
        return (0, False) if row is None else (int(row[0]), True)

    def close_run(self) -> bool:
        """Leave; the first to find that nothing waits and nothing is under way ends the run."""
        if self._closed_before:
            return True
        with self._transaction() as db:
            queue.lock_source(db, self.source)
            self._out(db)
            others = queue.bury(db, self._run)
            if self.unsettled():
                return not others
            query = "UPDATE frontier.runs SET finished_at = now() WHERE n = %s AND finished_at IS NULL"
            return db.execute(query, (self._run,)).rowcount == 1

    def _leave(self) -> None:
        if self._me:
            with self._transaction() as db:
                queue.lock_source(db, self.source)
                self._out(db)

    def _out(self, db: Connection) -> None:
        if self._me:
            queue.give_back(db, self._run, self._me)
            self._me = 0

    def add_seconds(self, seconds: float) -> float:
        """Add working time to the run; returns its total, over resumes and crawlers."""
        with self._statement() as db:
            query = "UPDATE frontier.runs SET seconds = seconds + %s WHERE n = %s RETURNING seconds"
            return float(_one(db.execute(query, (seconds, self._run))))

    def add(self, targets: Iterable[Target], *, max_variants: int = 0) -> int:
        """Queue what this run does not know yet; returns how many were new."""
        with self._transaction() as db:
            queue.lock_adding(db, self._run)
            return queue.add(db, self._run, targets, max_variants)

    def claim(self, *, max_pages: int = 1_000_000, per_host: int = 1_000) -> Claimed | None:
        """The next request of a host where there is room. Crawlers that ask at once get different hosts (FOR UPDATE SKIP LOCKED)."""
        with self._transaction() as db:
            row = queue.take(db, self._run, self._me, per_host)
            if row is not None and row[2] == Kind.PAGE and not self._start_page(db, max_pages):
                raise psycopg.Rollback  # of this transaction only: the page waits again, for `skip_queued`
            if row is not None:
                return Claimed(row[0], Target(row[1], Kind(row[2]), row[3], tuple(json.loads(row[4]))), row[5])
        if row is not None:
            self.skip_queued(Kind.PAGE, "limit")
            return self.claim(max_pages=max_pages, per_host=per_host)
        self._look_after_the_dead()
        return None

    def _start_page(self, db: Connection, max_pages: int) -> bool:
        query = "UPDATE frontier.runs SET pages_started = pages_started + 1 WHERE n = %s AND pages_started < %s"
        return db.execute(query, (self._run, max_pages)).rowcount == 1

    def _look_after_the_dead(self) -> None:
        if time.monotonic() - self._looked >= LOOK_AFTER_THE_DEAD:
            with self._transaction() as db:
                queue.lock_source(db, self.source)
                queue.bury(db, self._run, besides=self._me)
            self._looked = time.monotonic()

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
        """Close a request that is still ours and queue what it led to, in one transaction; returns how many addresses were new."""
        values: dict[str, Any] = {
            "id": row_id,
            "me": self._me,
            "state": str(result.state),
            "outcome": str(result.outcome),
            "bytes": result.bytes,
        }
        query = (
            "UPDATE frontier.requests SET state = %(state)s, outcome = %(outcome)s, bytes = %(bytes)s, has_text = %(has_text)s, "
            f"has_date = %(has_date)s, leased_by = NULL {_RETURNING_KIND}"
        )
        found, outside = list(found), list(outside)
        with self._transaction() as db:
            if found or outside or refused:
                queue.lock_adding(db, self._run)
            row = db.execute(query, values | {"has_text": result.has_text, "has_date": result.has_date}).fetchone()
            if row is None:
                return 0
            new = queue.add(db, self._run, found, max_variants)
            queue.add_outside(db, self._run, outside)
            for reason, count in sorted((refused or {}).items()):
                queue.refuse(db, self._run, reason, count)
            if row[0] == Kind.PAGE and not counts_as_started(Kind.PAGE, result):
                queue.unstart(db, self._run, 1)
            return new

    def retry(self, row_id: int, *, wait: float) -> None:
        """Put a request back; it waits so many seconds."""
        again = "not_before = clock_timestamp() + %(wait)s::float8 * interval '1 second'"
        query = f"UPDATE frontier.requests SET state = 'queued', leased_by = NULL, {again} {_RETURNING_KIND}"
        with self._transaction() as db:
            row = db.execute(query, {"id": row_id, "me": self._me, "wait": wait}).fetchone()
            if row is not None and row[0] == Kind.PAGE:
                queue.unstart(db, self._run, 1)

    def turn(self, host: str, delay: float) -> float:
        """The turn at a host is one row: whoever moves its time forward may ask, everybody else waits for that time."""
        with self._statement() as db:
            return queue.turn(db, host, delay)

    def slow_down(self, host: str, delay: float) -> None:
        """For all crawlers of all sources."""
        query = "INSERT INTO frontier.hosts (host, delay) VALUES (%s, %s) ON CONFLICT (host) DO UPDATE SET delay = excluded.delay"
        with self._statement() as db:
            db.execute(query, (host, delay))

    def robots(self, site: str) -> str | None:
        """What another crawler of the run read in the site's robots.txt."""
        query = "SELECT text FROM frontier.robots WHERE run = %s AND site = %s AND read_at > now() - interval '24 hours'"
        with self._statement() as db:
            row = db.execute(query, (self._run, site)).fetchone()
        return None if row is None else bytes(row[0]).decode()

    def keep_robots(self, site: str, text: str) -> None:
        """Let the others know what a site's robots.txt says."""
        newest = "ON CONFLICT (run, site) DO UPDATE SET text = excluded.text, read_at = excluded.read_at"
        with self._statement() as db:
            db.execute(f"INSERT INTO frontier.robots VALUES (%s, %s, %s, now()) {newest}", (self._run, site, text.encode()))

    def beat(self) -> None:
        """Renew the lease; one that was given up meanwhile (a machine that slept) begins anew, without what it held."""
        query = (
            f"INSERT INTO frontier.crawlers (id, run, alive_until) VALUES (%s, %s, {_UNTIL}) "
            "ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until"
        )
        if self._me:
            with self._statement() as db:
                db.execute(query, (self._me, self._run, LEASE))

    def skip_queued(self, kind: Kind, reason: str) -> int:
        """Give up every waiting request of a kind."""
        query = "UPDATE frontier.requests SET state = 'skipped', outcome = %s WHERE run = %s AND state = 'queued' AND kind = %s"
        with self._transaction() as db:
            queue.lock_adding(db, self._run)
            return db.execute(query, (reason, self._run, str(kind))).rowcount

    def refuse(self, reason: str, count: int = 1) -> None:
        """Count addresses that never became requests."""
        with self._statement() as db:
            queue.refuse(db, self._run, reason, count)

    def waiting(self) -> int:
        """How many requests are queued."""
        return self._count("state = 'queued'")

    def has_waiting(self) -> bool:
        """Also what others have in flight may lead to more, or come back."""
        with self._statement() as db:
            query = "SELECT EXISTS (SELECT 1 FROM frontier.requests WHERE run = %s AND state IN ('queued', 'in_flight'))"
            return bool(_one(db.execute(query, (self._run,))))

    def pages_done(self) -> int:
        """Pages read in this run, by all crawlers."""
        return self._count("kind = 'page' AND state = 'done' AND outcome != 'redirect'")

    def unsettled(self) -> int:
        """Requests that are neither done nor failed nor skipped."""
        return self._count("state IN ('queued', 'in_flight')")

    def started_pages(self) -> int:
        """Pages asked for in this run, by all crawlers."""
        with self._statement() as db:
            return int(_one(db.execute("SELECT pages_started FROM frontier.runs WHERE n = %s", (self._run,))))

    def tallies(self) -> list[Tally]:
        """The run's rows, grouped; addresses outside the scope are no requests (`refused`)."""
        query = (
            "SELECT kind, state, outcome, count(*), sum(bytes)::bigint, sum(has_text::int), sum(has_date::int) FROM frontier.requests "
            "WHERE run = %s AND url != '' GROUP BY kind, state, outcome ORDER BY kind, state, outcome"
        )
        with self._statement() as db:
            rows = db.execute(query, (self._run,)).fetchall()
        return [Tally(Kind(row[0]), State(row[1]), *row[2:]) for row in rows]

    def refused(self) -> dict[str, int]:
        """Addresses that never became requests, by reason; one outside the scope counts once, whoever met it."""
        outside = "SELECT outcome, count(*) FROM frontier.requests WHERE run = %(run)s AND url = '' GROUP BY outcome"
        both = f"SELECT reason, n FROM frontier.refused WHERE run = %(run)s UNION ALL {outside}"
        query = f"SELECT reason, sum(n)::bigint FROM ({both}) r GROUP BY reason"
        with self._statement() as db:
            return dict(db.execute(query, {"run": self._run}).fetchall())

    def _count(self, where: str) -> int:
        with self._statement() as db:
            return int(_one(db.execute(f"SELECT count(*) FROM frontier.requests WHERE run = %s AND {where}".encode(), (self._run,))))

    @contextmanager
    def _statement(self) -> Iterator[Connection]:
        with translated():
            yield self._db

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with translated(), self._db.transaction():
            yield self._db


def _one(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    assert row is not None
    return row[0]
