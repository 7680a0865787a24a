"""Documents that the search index refuses for good: kept where a person sees them, tried again when their case moves or when asked.

Knows ids and reasons, never words. The SQL row of the item and its case are whole: only searching does not find it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite understands the same words

from rasoat.store.tables_work import DeadLetterRow

MAX_PROBLEM: Final = 500
_ADD = upsert(DeadLetterRow)
_ADD = _ADD.on_conflict_do_update(
    index_elements=["item_id"],
    set_={
        "case_id": _ADD.excluded.case_id,
        "problem": _ADD.excluded.problem,
        "last_at": _ADD.excluded.last_at,
        "tries": DeadLetterRow.tries + 1,
    },
)
_SOME: Final = 5000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One document that the index does not take. `problem` is what the index said."""

    item_id: str
    case_id: str
    problem: str
    first_at: datetime
    last_at: datetime
    tries: int


def add(conn: Connection, refused: Mapping[str, str], cases: Mapping[str, str], now: datetime) -> None:
    """Note what was refused: item to reason. The same item again counts one more try and keeps the first time."""
    rows = [
        {"item_id": item, "case_id": cases.get(item, ""), "problem": why[:MAX_PROBLEM], "first_at": now, "last_at": now, "tries": 1}
        for item, why in refused.items()
    ]
    if rows:
        conn.execute(_ADD, rows)


def strike(conn: Connection, item_ids: Sequence[str]) -> None:
    """The index has taken them after all, or they are to be found no more."""
    for start in range(0, len(item_ids), _SOME):
        conn.execute(delete(DeadLetterRow).where(DeadLetterRow.item_id.in_(item_ids[start : start + _SOME])))


def keep_only(conn: Connection, refused: Mapping[str, str], cases: Mapping[str, str], now: datetime) -> None:
    """After everything was tried anew: what is not refused now is no dead letter any more."""
    strike(conn, [letter.item_id for letter in load(conn) if letter.item_id not in refused])
    add(conn, refused, cases, now)


def load(conn: Connection) -> list[DeadLetter]:
    """All of them, the one that waits longest first."""
    query = select(DeadLetterRow.__table__).order_by(DeadLetterRow.first_at, DeadLetterRow.item_id)
    return [DeadLetter(row.item_id, row.case_id, row.problem, row.first_at, row.last_at, row.tries) for row in conn.execute(query)]


def count(conn: Connection) -> int:
    """How many there are."""
    return conn.execute(select(func.count()).select_from(DeadLetterRow)).scalar_one()
