"""A store of its own for every test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg
import pytest

from rasoat.clock import FixedClock, Ids
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from tests.services import administrator


@pytest.fixture
def store(settings: Settings, clock: FixedClock, ids: Ids) -> Iterator[Store]:
    """Open, on a clock that stands still."""
    with open_store(settings, clock=clock, ids=ids) as opened:
        yield opened


TABLE_OF = {"events": "events", "cases": "cases", "audit": "audit_log", "transitions": "transitions"}


class Raw:
    """The server's database without any of our code between, in SQLite's manner: question marks, and its kinds of errors."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = ()) -> psycopg.Cursor[Any]:
        """One statement, committed at once."""
        if statement.startswith("DROP TRIGGER "):
            statement += " ON " + TABLE_OF[statement.removeprefix("DROP TRIGGER ").partition("_")[0]]
        try:
            return self._connection.execute(statement.replace("?", "%s").encode(), values)
        except (psycopg.IntegrityError, psycopg.errors.RaiseException, psycopg.errors.InsufficientPrivilege) as error:
            raise sqlite3.IntegrityError(str(error)) from error

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """The statement for each row."""
        for row in rows:
            self.execute(statement, row)


@pytest.fixture
def raw(store: Store, settings: Settings) -> Iterator[sqlite3.Connection | Raw]:
    """The database without any of our code between, as somebody who may do everything."""
    if settings.database_url:
        with administrator(settings.database_url.partition("?")[0].rpartition("/")[2]) as server:
            yield Raw(server)
        return
    with closing(sqlite3.connect(settings.home / "rasoat.sqlite3", isolation_level=None)) as conn:
        conn.execute("PRAGMA foreign_keys=ON")
        yield conn
