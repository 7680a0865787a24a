"""Connections and transactions: who may write when, how durable a commit is, and what a database error means to the caller.

Knows no table. What differs between SQLite and PostgreSQL stands in `dialects.py`; nothing above this module asks which it is.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rasoat.store.dialects import Dialect


class Database:
    """Many readers, one writer at a time, across threads, processes and machines; readers see one consistent snapshot.

    One writer is SQLite's nature and PostgreSQL's choice here: what a step read stays true until it commits, so that no rule above
    needs a second form for retries. The lock is held for milliseconds; docs/shared.md says where that ends.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._engine = dialect.engine()
        self._turn = threading.Lock()

    @property
    def engine(self) -> Engine:
        """For migrations and integrity checks."""
        return self._engine

    @property
    def where(self) -> str:
        """What it is, for messages: never with a password."""
        return self._dialect.where

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent snapshot. Never waits for a writer."""
        with self._translated(), self._engine.connect() as plain:
            conn = plain.execution_options(**self._dialect.reading)
            with conn.begin():
                yield conn

    @contextmanager
    def writing(self, *, durable: bool = False, rows: bool = False) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start, so that what it read stays true until it commits.

        `rows`: it locks the rows that it changes itself (FOR UPDATE SKIP LOCKED) and waits for no other writer, where the database can.

        `durable` waits for the disk: for what a person was told is saved. Without it a power cut may take back the last moments, never
        half of one, and machines repeat those by themselves; a killed process loses nothing either way.

        Raises:
            RetryLater: the disk is full, or another process holds the lock for too long, or the server is away; nothing was written.
            ConfigError: the file is damaged, or the server does not let us in.
            Conflict: a constraint or trigger refused.
        """
        # Threads of one process take turns here: SQLite's own busy handler sleeps and starves the unlucky.
        with self._translated(), self._turn if self._dialect.takes_turns else nullcontext(), self._engine.connect() as plain:
            self._dialect.before_writing(plain, durable)
            conn = plain.execution_options(**self._dialect.writing)
            with conn.begin():
                self._dialect.lock(conn, durable, rows)
                yield conn

    @contextmanager
    def alone(self, job: str) -> Iterator[None]:
        """One at a time across processes and machines; waits. The lock falls when the holder dies, however it dies."""
        with self._translated(), self._dialect.alone(self._engine, job):
            yield

    @contextmanager
    def alone_now(self, job: str) -> Iterator[bool]:
        """The same without waiting: whether the lock was free. Held while this is; the job's name is not used again after it."""
        with self._translated(), self._dialect.alone_now(self._engine, job) as free:
            yield free

    def left(self, prefix: str) -> list[str]:
        """Names of jobs of which something may lie about: `alone_now` tidies up after the dead."""
        return self._dialect.left(prefix)

    def checkpoint(self) -> None:
        """Make deletions final on disk as far as the database can. Does what it can while others read."""
        with self._translated(), self._turn:
            self._dialect.checkpoint(self._engine)

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
            raise self._dialect.translate(error) from error
