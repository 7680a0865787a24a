"""A store of its own for every test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from rasoat.clock import FixedClock, Ids
from rasoat.settings import Settings
from rasoat.store import Store, open_store


@pytest.fixture
def store(settings: Settings, clock: FixedClock, ids: Ids) -> Iterator[Store]:
    """Open, on a clock that stands still."""
    with open_store(settings, clock=clock, ids=ids) as opened:
        yield opened


@pytest.fixture
def raw(store: Store, settings: Settings) -> Iterator[sqlite3.Connection]:
    """The database without any of our code between."""
    with closing(sqlite3.connect(settings.home / "rasoat.sqlite3", isolation_level=None)) as conn:
        conn.execute("PRAGMA foreign_keys=ON")
        yield conn
