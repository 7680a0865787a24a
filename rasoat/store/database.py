"""Connections and transactions: who may write when, how durable a commit is, and what a database error means to the caller.

Knows no table. SQLite today; the only dialect words are in `_prepare` and `_begin`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rasoat.errors import ConfigError, Conflict, RasoatError, RetryLater
from rasoat.store.encoding import dumps

BUSY_MS: Final = 30_000
"""How long a writer waits for another process. Writes are short, so a longer wait means that something hangs."""
_TRANSIENT: Final = ("locked", "busy", "full", "disk i/o error", "unable to open")
_BROKEN: Final = ("malformed", "not a database", "corrupt")


class Database:
    """One SQLite file in WAL mode: many readers, one writer at a time, also across processes."""

    def __init__(self, url: str, path: Path) -> None:
        self.path = path
        self._engine = create_engine(url, json_serializer=dumps, pool_size=16, max_overflow=32, connect_args={"timeout": BUSY_MS / 1000})
        # Threads of one process take turns here: SQLite's own busy handler sleeps and starves the unlucky.
        self._turn = threading.Lock()
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)

    @property
    def engine(self) -> Engine:
        """For migrations and integrity checks."""
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot. Never waits for a writer."""
        with self._translated(), self._engine.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start, so that what it read stays true until it commits.

        `durable` waits for the disk (synchronous=FULL): for what a person was told is saved. Without it a power cut may take
        back the last moments, never half of one, and machines repeat those by themselves; a killed process loses nothing either way.

        Raises:
            RetryLater: the disk is full or another process holds the lock for too long; nothing was written.
            ConfigError: the file is damaged.
            Conflict: a constraint or trigger refused.
        """
        with self._translated(), self._turn, self._engine.connect() as plain:
            driver = plain.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.execute("PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=NORMAL")
            conn = plain.execution_options(rasoat_begin="IMMEDIATE")
            with conn.begin():
                yield conn

    def checkpoint(self) -> None:
        """Fold the WAL into the file and empty it: what was deleted is then in neither. Does what it can while others read."""
        with self._translated(), self._turn, self._engine.connect() as plain:
            driver = plain.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Give all connections back; the last one folds the WAL into the file."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
            raise translate(error, self.path) from error


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
