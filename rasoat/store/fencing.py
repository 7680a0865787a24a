"""Fencing numbers: each holder of a job gets a greater one than all before, so that one that was thought dead cannot undo newer work.

A lock may be lost without its holder knowing (a server restarted, a machine that slept); a number that was handed out stays handed out.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.store.columns import to_micros
from rasoat.store.tables_work import FenceRow

_SET = upsert(FenceRow)
_SET = _SET.on_conflict_do_update(index_elements=["job"], set_={"token": _SET.excluded.token})


def next_token(conn: Connection, job: str, now: datetime) -> int:
    """A new number, inside the caller's write transaction: microseconds of now, or one more than the last where the clock went back.

    Taken from the clock, so that numbers grow also after a backup was restored: what was indexed after the backup bears higher ones.
    """
    last = conn.execute(select(FenceRow.token).where(FenceRow.job == job)).scalar() or 0
    token = max(last + 1, to_micros(now))
    conn.execute(_SET, {"job": job, "token": token})
    return token


def newest(conn: Connection, job: str) -> int:
    """The number of whoever came last."""
    return conn.execute(select(FenceRow.token).where(FenceRow.job == job)).scalar() or 0
