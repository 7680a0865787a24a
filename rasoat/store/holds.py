"""Legal holds: a written order that a case must not be purged before a day. Two people, at most six months, renewed by a new order.

A hold stops the retention of cases and nothing else. Child safety is never held: nothing of it is kept that could be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from rasoat.canonical import sha256_hex
from rasoat.cases.states import CaseState, Role
from rasoat.clock import Clock, Ids
from rasoat.errors import NotPermitted, UsageError
from rasoat.store import audit
from rasoat.store.accounts import account_of
from rasoat.store.case_rows import load_row
from rasoat.store.database import Database
from rasoat.store.records import Account
from rasoat.store.tables import AccountRow, CaseRow
from rasoat.store.tables_work import HoldRow

LONGEST: Final = timedelta(days=183)
"""Six months (WORKFLOW §7): longer needs a new order, so that somebody looks at it again."""
_NOTHING_TO_HOLD: Final = (CaseState.PURGED, CaseState.ESCALATED_CSE)
_APPROVES: Final = frozenset({Role.DATA_PROTECTION})
"""WORKFLOW §7: a written order and the approval of data protection."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One order. `ordered_by` and the others are pseudonyms; `reference` is how the office's file names the order."""

    id: str
    case_id: str
    reference: str
    ordered_by: str
    approved_by: str
    placed_at: datetime
    until: datetime
    released_at: datetime | None = None
    released_by: str | None = None


class Holds:
    """What `store.holds` offers."""

    def __init__(self, database: Database, clock: Clock, ids: Ids, after_change: Callable[[], object] = lambda: None) -> None:
        self._db, self._clock, self._ids, self._after_change = database, clock, ids, after_change

    def place(self, case_id: str, reference: str, until: datetime, *, by: str, approved_by: str) -> Hold:
        """Hold a case until a day. `by` and `approved_by` are logins of two people.

        Raises:
            UsageError: no such case or person, nothing left to hold, no reference, or a day that is past or too far away.
            NotPermitted: one person alone, or one who may not approve it.
        """
        now = self._clock.now()
        if not reference.strip():
            raise UsageError("a hold needs the reference of its written order")
        if not now < until <= now + LONGEST:
            raise UsageError(f"a hold ends after today and within {LONGEST.days} days; a new order renews it")
        with self._db.writing(durable=True) as conn:
            orders, approves = acting(conn, by), acting(conn, approved_by)
            if orders.login == approves.login or not approves.roles & _APPROVES:
                raise NotPermitted("a hold is approved by another person, who has the role data_protection")
            if CaseState(load_row(conn, case_id, lock=True).state) in _NOTHING_TO_HOLD:
                raise UsageError(f"nothing is left of case {case_id} that could be held")
            hold = Hold(self._ids.new(), case_id, reference.strip(), orders.pseudonym, approves.pseudonym, now, until)
            conn.execute(insert(HoldRow), {name: getattr(hold, name) for name in Hold.__slots__})
            fields: dict[str, audit.Field] = {
                "hold": hold.id,
                "until": f"{until:%Y-%m-%d}",
                "approved_by": approves.pseudonym,
                "reference_hash": sha256_hex(hold.reference.encode()),
            }
            audit.append(conn, now, "hold.placed", orders.pseudonym, "case", case_id, fields)
        self._after_change()
        return hold

    def release(self, hold_id: str, *, by: str) -> Hold:
        """End a hold before its day; retention counts again from the next purge. Ending it twice changes nothing.

        Raises:
            UsageError: no such hold or person.
        """
        now = self._clock.now()
        with self._db.writing(durable=True) as conn:
            person = acting(conn, by)
            found = conn.execute(select(HoldRow.__table__).where(HoldRow.id == hold_id)).first()
            if found is None:
                raise UsageError(f"there is no hold {hold_id}")
            if found.released_at is None:
                conn.execute(update(HoldRow).where(HoldRow.id == hold_id).values(released_at=now, released_by=person.pseudonym))
                audit.append(conn, now, "hold.released", person.pseudonym, "case", found.case_id, {"hold": hold_id})
            hold = _hold(conn.execute(select(HoldRow.__table__).where(HoldRow.id == hold_id)).one())
        self._after_change()
        return hold

    def all(self, *, active: bool = True) -> tuple[Hold, ...]:
        """Holds, the one that ends first first; `active`: only those that hold now."""
        query = select(HoldRow.__table__).order_by(HoldRow.until, HoldRow.id)
        if active:
            query = query.where(HoldRow.released_at.is_(None), HoldRow.until > self._clock.now())
        with self._db.reading() as conn:
            return tuple(_hold(row) for row in conn.execute(query))


def held(now: datetime) -> ColumnElement[bool]:
    """Whether the case of the row is held at this moment: for retention."""
    return exists().where(HoldRow.case_id == CaseRow.id, HoldRow.released_at.is_(None), HoldRow.until > now)


def acting(conn: Connection, login: str) -> Account:
    """The person who acts, by login.

    Raises:
        UsageError: nobody has this login, or they are locked out.
    """
    row = conn.execute(select(AccountRow.__table__).where(AccountRow.login == login.strip().lower())).first()
    if row is None or row.disabled:
        raise UsageError(f"there is no account '{login}' that may act")
    return account_of(row)


def _hold(row: Any) -> Hold:
    return Hold(*(getattr(row, name) for name in Hold.__slots__))
