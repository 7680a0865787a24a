"""People who work here: accounts with argon2 passwords, and the brake on guessing them. Sessions are next door in `sessions.py`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from rasoat.cases.states import Role
from rasoat.cases.workflow import Staffing
from rasoat.clock import Clock, Ids
from rasoat.errors import UsageError
from rasoat.store.database import Database
from rasoat.store.records import Account
from rasoat.store.sessions import Sessions
from rasoat.store.tables import AccountRow, LoginFailureRow

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's password storage cheat sheet (argon2id, 19 MiB, 2 passes): a login form under load must not eat the memory."""
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$y3vyYkGsGE1tWWyC/sQOOf4O9VmWUMVMPmD1WLjOZZs"
"""Compared with when the login does not exist, so that the answer takes as long. It is the hash of nothing."""
MIN_PASSWORD: Final = 10
WINDOW: Final = timedelta(minutes=15)
MAX_PER_LOGIN: Final = 8
MAX_PER_IP: Final = 40
"""An office shares one address: five times as many as one login."""
_HANDS: Final = frozenset({Role.REVIEWER, Role.APPROVER, Role.SENDER, Role.POLICY_LEAD, Role.COMPLAINT_PANEL})


class Accounts:
    """What `store.accounts` offers."""

    def __init__(self, database: Database, clock: Clock, ids: Ids, *, pepper: bytes) -> None:
        self._db, self._clock, self._ids, self._pepper = database, clock, ids, pepper
        self.sessions = Sessions(database, clock)

    def add(self, login: str, password: str, display_name: str, roles: Iterable[Role], locale: str = "vi") -> Account:
        """A new person with a new pseudonym.

        Raises:
            UsageError: the login is taken or empty, the password is too short, or the role is none for a person.
        """
        login = _login(login)
        account = Account(login, "p-" + self._ids.new().replace("-", "")[:10], display_name.strip(), _roles(roles), locale)
        values = {
            "login": login,
            "pseudonym": account.pseudonym,
            "display_name": account.display_name,
            "password": _hash(password),
            "roles": sorted(role.value for role in account.roles),
            "locale": locale,
            "disabled": False,
            "created_at": self._clock.now(),
        }
        with self._db.writing(durable=True) as conn:
            try:
                conn.execute(insert(AccountRow), values)
            except IntegrityError as error:
                raise UsageError(f"the login '{login}' is taken") from error
        return account

    def check(self, login: str, password: str) -> Account | None:
        """The account when the password is right and it is not disabled. Takes the same time for a login that nobody has."""
        with self._db.reading() as conn:
            row = conn.execute(select(AccountRow.__table__).where(AccountRow.login == login.strip().lower())).first()
        right = _verify(_NOBODY if row is None else row.password, password)
        if row is None or not right or row.disabled:
            return None
        if _HASHER.check_needs_rehash(row.password):
            self._set(row.login, password=_HASHER.hash(password))
        return account_of(row)

    def get(self, login: str) -> Account | None:
        """By login."""
        with self._db.reading() as conn:
            row = conn.execute(select(AccountRow.__table__).where(AccountRow.login == login.strip().lower())).first()
        return None if row is None else account_of(row)

    def all(self) -> tuple[Account, ...]:
        """Everybody, by login."""
        with self._db.reading() as conn:
            return tuple(account_of(row) for row in conn.execute(select(AccountRow.__table__).order_by(AccountRow.login)))

    def set_preferences(self, login: str, *, locale: str | None = None, display_name: str | None = None) -> None:
        """What people may change themselves."""
        chosen = {"locale": locale, "display_name": display_name}
        self._set(login, **{key: value for key, value in chosen.items() if value is not None})

    def set_password(self, login: str, password: str) -> None:
        """A new password; every session of the person ends.

        Raises:
            UsageError: there is no such account, or the password is too short.
        """
        self._set(login, password=_hash(password))
        self.sessions.delete_all(_login(login))

    def set_roles(self, login: str, roles: Iterable[Role]) -> None:
        """Other roles; every session of the person ends.

        Raises:
            UsageError: there is no such account, or the role is none for a person.
        """
        self._set(login, roles=sorted(role.value for role in _roles(roles)))
        self.sessions.delete_all(_login(login))

    def disable(self, login: str, disabled: bool = True) -> None:
        """Lock somebody out, or let them in again. Accounts are never deleted: pseudonyms in the chains must not be given twice."""
        self._set(login, disabled=disabled)
        self.sessions.delete_all(_login(login))

    def note_failure(self, login: str, ip: str) -> None:
        """A failed log-in. Login and address are kept as keyed hashes only."""
        row = {"login_hash": self._key(login.strip().lower()), "ip_hash": self._key(ip), "at": self._clock.now()}
        with self._db.writing() as conn:
            conn.execute(delete(LoginFailureRow).where(LoginFailureRow.at <= self._clock.now() - WINDOW))
            conn.execute(insert(LoginFailureRow), row)

    def blocked(self, login: str, ip: str) -> int:
        """Seconds to wait before the next try counts; 0 when it may be made now (sliding window of 15 minutes)."""
        since = self._clock.now() - WINDOW
        waits = []
        with self._db.reading() as conn:
            for column, key, most in (
                (LoginFailureRow.login_hash, self._key(login.strip().lower()), MAX_PER_LOGIN),
                (LoginFailureRow.ip_hash, self._key(ip), MAX_PER_IP),
            ):
                query = select(LoginFailureRow.at).where(column == key, LoginFailureRow.at > since).order_by(LoginFailureRow.at.desc())
                nth = conn.execute(query.offset(most - 1).limit(1)).scalar()
                if nth is not None:
                    waits.append(max(1, int((nth - since).total_seconds())))
        return max(waits, default=0)

    def clear_failures(self, login: str) -> None:
        """After a good log-in: what this login failed before no longer counts."""
        with self._db.writing() as conn:
            conn.execute(delete(LoginFailureRow).where(LoginFailureRow.login_hash == self._key(login.strip().lower())))

    def _set(self, login: str, **values: Any) -> None:
        if not values:
            return
        with self._db.writing(durable=True) as conn:
            if conn.execute(update(AccountRow).where(AccountRow.login == _login(login)).values(**values)).rowcount == 0:
                raise UsageError(f"there is no account '{login}'")

    def _key(self, value: str) -> str:
        return hmac.new(self._pepper, value.encode(), hashlib.sha256).hexdigest()[:32]


def staffing(conn: Connection) -> Staffing:
    """Who could act: enabled people with a role that touches cases, and the complaint desk."""
    people, desk = 0, set()
    for row in conn.execute(select(AccountRow.pseudonym, AccountRow.roles).where(AccountRow.disabled.is_(False))):
        roles = {Role(role) for role in row.roles}
        people += bool(roles & _HANDS)
        if Role.COMPLAINT_PANEL in roles:
            desk.add(row.pseudonym)
    return Staffing(people, frozenset(desk))


def count(conn: Connection) -> int:
    """How many accounts there are."""
    return conn.execute(select(func.count()).select_from(AccountRow)).scalar_one()


def account_of(row: Any) -> Account:
    """The row without its password."""
    return Account(row.login, row.pseudonym, row.display_name, frozenset(Role(role) for role in row.roles), row.locale, row.disabled)


def _roles(roles: Iterable[Role]) -> frozenset[Role]:
    """`SYSTEM` opens cases and purges; a person who had it could purge what others decided."""
    wanted = frozenset(roles)
    if Role.SYSTEM in wanted:
        raise UsageError("'system' is the program's own role and nobody's")
    return wanted


def _login(login: str) -> str:
    cleaned = login.strip().lower()
    if not cleaned or len(cleaned) > 100:
        raise UsageError("a login has 1 to 100 characters")
    return cleaned


def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise UsageError(f"a password has at least {MIN_PASSWORD} characters")
    return _HASHER.hash(password)


def _verify(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
