"""Faults from inside a process: at its n-th statement it is killed, its disk is full, its connection ends or its transaction fails.

Every error is made by the kernel or by the server; none is thrown by us.
"""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Sequence
from ctypes import c_longlong
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import Engine, event

from bench.fault_plans.plans import Fault, Kind
from rasoat.ports import SearchDoc, SearchIndex, SearchPage, SearchQuery

_SERIALIZATION: Final = (
    "DO $$ BEGIN RAISE EXCEPTION 'could not serialize access due to concurrent update' USING ERRCODE = 'serialization_failure'; END $$"
)
_SERVER_FULL: Final = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
_CUT: Final = "SELECT pg_terminate_backend(pg_backend_pid())"
_INSTEAD: Final = {Kind.PG_CUT: _CUT, Kind.PG_SERIALIZATION: _SERIALIZATION, Kind.DISK_FULL: _SERVER_FULL}
"""Sent to the server in the place of a statement of ours, inside the same transaction."""


@dataclass
class Striker:
    """Counts this process's statements where its parent sees them, and strikes once."""

    counter: c_longlong
    struck: c_longlong
    fault: Fault | None
    only_at_work: bool = False
    """A projector asks again and again whether there is anything: its moments are counted only while it carries something."""
    at_work: bool = False
    seen: int = field(default=0)

    def tick(self) -> None:
        """One more. Does not return from a kill."""
        self.counter.value += 1
        self.seen += self.at_work or not self.only_at_work
        if self.due and self.fault and self.fault.kind is Kind.KILL:
            self.struck.value += 1
            os.kill(os.getpid(), signal.SIGKILL)

    @property
    def due(self) -> bool:
        """Whether the moment has come and nothing was done yet."""
        return self.fault is not None and self.seen >= self.fault.at

    def listen(self) -> None:
        """To every engine that is opened in this process from now on."""
        event.listen(Engine, "before_cursor_execute", self._statement, retval=True)
        event.listen(Engine, "commit", lambda _conn: self.tick())  # before it is carried out

    def listen_to_frontier(self, folder: Path) -> None:
        """The frontier of a crawl speaks to its own file or schema: a crawler may die between the inbox and its own note, too."""
        connect, execute = sqlite3.connect, psycopg.Connection.execute

        def listening(path: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
            conn: sqlite3.Connection = connect(path, *arguments, **options)
            if Path(path).is_relative_to(folder):
                conn.set_trace_callback(lambda _statement: self.tick())
            return conn

        def heard(conn: Any, *arguments: Any, **options: Any) -> Any:
            self.tick()
            return execute(conn, *arguments, **options)

        sqlite3.connect = listening  # type: ignore[assignment]  # of this process, which does nothing else
        psycopg.Connection.execute = heard  # type: ignore[assignment,method-assign]  # SQLAlchemy asks cursors: what comes here is the frontier's

    def _statement(self, conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool) -> tuple[str, Any]:
        self.tick()
        server = conn.dialect.name == "postgresql"
        if not self.due or (server and executemany):  # one that stands for many cannot be put in another's place: the next one
            return statement, parameters
        assert self.fault is not None
        kind, self.fault = self.fault.kind, None
        self.struck.value += 1
        if kind is Kind.DISK_FULL:
            fill_disk()
        instead = _INSTEAD.get(kind) if server else None
        return (instead, {}) if instead else (statement, parameters)


def fill_disk() -> None:
    """From here on no file of this process grows: what a quota does. Ends with the process. (Python ignores SIGXFSZ.)"""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@dataclass(frozen=True)
class Ticking:
    """The search index with a moment before and after each write: a projector may die between index and note."""

    real: SearchIndex
    striker: Striker
    pause: Callable[[], None]
    """Between reading and writing: what lets two projectors overtake each other."""

    def upsert(self, docs: Sequence[SearchDoc], fence: int | None = None) -> frozenset[str]:
        """As the index does."""
        self.pause()
        self.striker.tick()
        done = self.real.upsert(docs, fence)
        self.striker.tick()
        return done

    def delete(self, ids: Sequence[str], fence: int | None = None) -> frozenset[str]:
        """As the index does. The first that a projector asks of it."""
        self.striker.at_work = True
        self.striker.tick()
        return self.real.delete(ids, fence)

    def search(self, query: SearchQuery) -> SearchPage:
        """As the index does."""
        return self.real.search(query)

    def rebuild(self, docs: Any, fence: int | None = None) -> int:
        """As the index does."""
        return self.real.rebuild(docs, fence)

    def compact(self) -> None:
        """As the index does."""
        self.real.compact()

    def close(self) -> None:
        """As the index does."""
        self.real.close()
