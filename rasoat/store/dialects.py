"""What differs between the two databases: how to connect, begin, lock, tidy up, and what their errors mean."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from rasoat.errors import RasoatError


class Dialect(Protocol):
    """One database."""

    @property
    def where(self) -> str:
        """What it is, for messages; never with a password."""
        ...

    @property
    def takes_turns(self) -> bool:
        """Whether writers of one process wait for one another here and not in the database."""
        ...

    @property
    def reading(self) -> Mapping[str, Any]:
        """Execution options of a snapshot."""
        ...

    @property
    def writing(self) -> Mapping[str, Any]:
        """Execution options of a write transaction."""
        ...

    def engine(self) -> Engine:
        """A pool of connections."""
        ...

    def before_writing(self, conn: Connection, durable: bool) -> None:
        """On the connection, before its transaction begins."""
        ...

    def lock(self, conn: Connection, durable: bool, rows: bool) -> None:
        """First thing in a write transaction. `rows`: it locks rows itself and needs no lock of ours."""
        ...

    def alone(self, engine: Engine, job: str) -> AbstractContextManager[None]:
        """Hold the lock of one job."""
        ...

    def alone_now(self, engine: Engine, job: str) -> AbstractContextManager[bool]:
        """Hold it if nobody does; whether it was free. Leaves nothing of the job behind."""
        ...

    def left(self, prefix: str) -> list[str]:
        """Jobs of which something may lie about, also of the dead."""
        ...

    def checkpoint(self, engine: Engine) -> None:
        """Make deletions final on disk."""
        ...

    def translate(self, error: Exception) -> RasoatError:
        """The error in the words of `rasoat.errors`."""
        ...
