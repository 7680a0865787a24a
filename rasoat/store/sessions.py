"""Log-ins that are alive. The browser holds the token, the table its hash; idle and old ones end by themselves."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, insert, or_, select, update

from rasoat.cases.states import Role
from rasoat.clock import Clock
from rasoat.store.database import Database
from rasoat.store.records import Account, Session
from rasoat.store.tables import AccountRow, SessionRow

IDLE: Final = timedelta(hours=2)
ABSOLUTE: Final = timedelta(hours=12)
"""One working day: OWASP's session cheat sheet asks for both limits."""
_TOUCH: Final = timedelta(minutes=1)
"""`seen_at` is written once a minute at most: reading a page stays a read."""


class Sessions:
    """What `store.accounts.sessions` offers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    def create(self, login: str) -> str:
        """A new session; returns its token (256 bits), which is stored nowhere."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        with self._db.writing() as conn:
            conn.execute(
                insert(SessionRow), {"token_hash": _hashed(token), "login": login.strip().lower(), "created_at": now, "seen_at": now}
            )
        return token

    def get(self, token: str) -> Session | None:
        """The session when it is alive and the account is not disabled; counts as a sign of life."""
        now, key = self._clock.now(), _hashed(token)
        query = (
            select(AccountRow.__table__, SessionRow.created_at.label("began"), SessionRow.seen_at)
            .join(AccountRow, AccountRow.login == SessionRow.login)
            .where(SessionRow.token_hash == key)
        )
        with self._db.reading() as conn:
            row = conn.execute(query).first()
        if row is None or row.disabled or now - row.seen_at >= IDLE or now - row.began >= ABSOLUTE:
            return None
        if now - row.seen_at >= _TOUCH:
            with self._db.writing() as conn:
                conn.execute(update(SessionRow).where(SessionRow.token_hash == key).values(seen_at=now))
        roles = frozenset(Role(role) for role in row.roles)
        account = Account(row.login, row.pseudonym, row.display_name, roles, row.locale, row.disabled)
        return Session(account, row.began, now)

    def delete(self, token: str) -> None:
        """Log out; no error when it is gone already."""
        with self._db.writing() as conn:
            conn.execute(delete(SessionRow).where(SessionRow.token_hash == _hashed(token)))

    def delete_all(self, login: str) -> None:
        """End every session of one person."""
        with self._db.writing() as conn:
            conn.execute(delete(SessionRow).where(SessionRow.login == login))

    def expire(self) -> int:
        """Remove dead sessions; returns how many."""
        now = self._clock.now()
        dead = or_(SessionRow.seen_at <= now - IDLE, SessionRow.created_at <= now - ABSOLUTE)
        with self._db.writing() as conn:
            return conn.execute(delete(SessionRow).where(dead)).rowcount


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
