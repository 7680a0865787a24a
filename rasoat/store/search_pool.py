"""A few open connections to the index file, lent to one thread at a time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_KEEP: Final = 8
_BUSY_SECONDS: Final = 30.0


class Pool:
    """Opens when needed, keeps up to eight."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[sqlite3.Connection] = []
        self._guard = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """One connection in autocommit mode; a broken one is not kept."""
        with self._guard:
            conn = self._free.pop() if self._free else None
        conn = conn or self._open()
        try:
            yield conn
        except BaseException:
            conn.close()
            raise
        with self._guard:
            if len(self._free) < _KEEP:
                self._free.append(conn)
                return
        conn.close()

    def close(self) -> None:
        """Close what is not lent."""
        with self._guard:
            free, self._free = self._free, []
        for conn in free:
            conn.close()

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        conn = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "cache_size=-64000"):
                conn.execute(f"PRAGMA {pragma}").close()
        except BaseException:
            conn.close()
            raise
        return conn
