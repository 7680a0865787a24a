"""SQLite in WAL mode: one file in the home, no server. Many readers, one writer at a time, also across processes."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rasoat.errors import ConfigError, Conflict, RasoatError, RetryLater
from rasoat.store.encoding import dumps

BUSY_MS: Final = 30_000
"""How long a writer waits for another process. Writes are short, so a longer wait means that something hangs."""
_TRANSIENT: Final = ("locked", "busy", "full", "disk i/o error", "unable to open")
_BROKEN: Final = ("malformed", "not a database", "corrupt")


class Sqlite:
    """`rasoat.store.dialects.Dialect` for a file."""

    takes_turns = True
    reading: Final[dict[str, Any]] = {}
    writing: Final[dict[str, Any]] = {"rasoat_begin": "IMMEDIATE"}

    def __init__(self, path: Path) -> None:
        self._path = path
        self.where = str(path)

    def engine(self) -> Engine:
        """Connections with our pragmas, and transactions that begin when we say."""
        url = f"sqlite:///{self._path}"
        made = create_engine(
            url,
            json_serializer=dumps,
            hide_parameters=True,  # an error never carries what was to be written: it may be somebody's words
            pool_size=16,
            max_overflow=32,
            connect_args={"timeout": BUSY_MS / 1000},
        )
        event.listen(made, "connect", _prepare)
        event.listen(made, "begin", _begin)
        return made

    def before_writing(self, conn: Connection, durable: bool) -> None:
        """Outside of a transaction: inside, SQLite ignores it."""
        _driver(conn).execute("PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=NORMAL")

    def lock(self, conn: Connection, durable: bool, rows: bool) -> None:
        """BEGIN IMMEDIATE has taken it."""

    @contextmanager
    def alone(self, engine: Engine, job: str) -> Iterator[None]:
        """A lock file: the kernel gives it back when the holder dies."""
        path = self._path.with_name(f"{job}.lock")
        while True:
            with path.open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if _same(path, lock.fileno()):  # not tidied up between opening and locking
                    yield
                    return

    @contextmanager
    def alone_now(self, engine: Engine, job: str) -> Iterator[bool]:
        """A lock file that is removed when it was free: its holder is gone for good."""
        path = self._path.with_name(f"{job}.lock")
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
            path.unlink(missing_ok=True)

    def left(self, prefix: str) -> list[str]:
        """Jobs whose lock files lie there, of the living and of the dead."""
        return [path.stem for path in self._path.parent.glob(f"{prefix}*.lock")]

    def checkpoint(self, engine: Engine) -> None:
        """Fold the WAL into the file and empty it: what was deleted is then in neither."""
        with engine.connect() as conn:
            _driver(conn).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def translate(self, error: Exception) -> RasoatError:
        """Retry, mend the file, or somebody was faster."""
        return translate(error, self._path)


def _same(path: Path, fd: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(fd).st_ino
    except FileNotFoundError:
        return False


def _driver(conn: Connection) -> sqlite3.Connection:
    driver = conn.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    """Every new connection: explicit transactions, WAL, foreign keys, deleted words overwritten on disk."""
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}").close()
    connection.execute("PRAGMA cache_size=-32000").close()
    connection.execute("PRAGMA wal_autocheckpoint=4000").close()  # 16 MiB: a checkpoint waits for the disk


def _begin(conn: Connection) -> None:
    mode = conn.get_execution_options().get("rasoat_begin", "DEFERRED")
    conn.exec_driver_sql(f"BEGIN {mode}")


def translate(error: Exception, path: Path) -> RasoatError:
    """The error in the words of `rasoat.errors`: retry, mend the file, or somebody was faster."""
    text = str(getattr(error, "orig", error) or error)
    low = text.lower()
    if any(sign in low for sign in _BROKEN):
        return ConfigError(f"the database {path} is damaged: {text}", hint="restore a backup; `rasoat doctor` checks it")
    if "readonly" in low:
        return ConfigError(f"the database {path} cannot be written", hint="check the owner and mode of RASOAT_HOME")
    if isinstance(error, IntegrityError | sqlite3.IntegrityError):
        return Conflict(f"the database refused: {text}")
    if isinstance(error, PoolTimeout) or any(sign in low for sign in _TRANSIENT):
        return RetryLater(f"the database {path} cannot be written now: {text}; free disk space or end the other process, then run again")
    if isinstance(error, OperationalError | DatabaseError | sqlite3.DatabaseError):
        return ConfigError(f"the database {path} cannot be used: {text}", hint="`rasoat doctor` checks it")
    return RetryLater(f"the database {path} did not answer: {text}")
