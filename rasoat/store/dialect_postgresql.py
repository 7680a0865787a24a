"""PostgreSQL 13 or later through psycopg: the shared truth of a department. One writer at a time by an advisory lock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from rasoat.errors import ConfigError, Conflict, RasoatError, RetryLater
from rasoat.store.encoding import dumps

_WRITE_LOCK: Final = 0x7261736F  # "raso": the one lock that every write transaction holds until it commits
_LOCK_WAIT: Final = "30s"
_TRANSIENT: Final = ("08", "40", "53", "55P03", "57")  # connection, serialization, resources, lock not available, operator intervention
_DENIED: Final = ("28", "3D", "42501")  # not let in, no such database, not allowed
_REFUSED: Final = ("23", "P0001")  # constraint, and RAISE in a trigger of ours


class PostgreSql:
    """`rasoat.store.dialects.Dialect` for a server."""

    takes_turns = False
    reading: Final[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    writing: Final[dict[str, Any]] = {"isolation_level": "READ COMMITTED"}  # after the lock, each statement sees all that is committed

    def __init__(self, url: URL) -> None:
        self._url = url
        self.where = url.render_as_string(hide_password=True)

    def engine(self) -> Engine:
        """A pool that looks whether a connection still lives before it is lent, so that a restarted server costs nobody an error."""
        # A sentence that came five times is else planned without its values, and where a few cases hold a million items a page of two
        # thousand became a walk through all of them. Planning anew costs a decision 0.4 of 6 ms.
        options = f"-c timezone=UTC -c lock_timeout={_LOCK_WAIT} -c application_name=rasoat -c plan_cache_mode=force_custom_plan"
        return create_engine(
            self._url,
            json_serializer=dumps,
            hide_parameters=True,  # an error never carries what was to be written: it may be somebody's words
            pool_size=8,
            max_overflow=16,
            pool_timeout=30,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "options": options},
        )

    def before_writing(self, conn: Connection, durable: bool) -> None:
        """Nothing: `lock` says it inside the transaction."""

    def lock(self, conn: Connection, durable: bool, rows: bool) -> None:
        """The write lock, until commit or rollback."""
        conn.exec_driver_sql(f"SET LOCAL synchronous_commit TO {'on' if durable else 'off'}")
        if not rows:
            conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")

    @contextmanager
    def alone(self, engine: Engine, job: str) -> Iterator[None]:
        """An advisory lock on a connection of its own: the server gives it back when that ends."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("SET lock_timeout TO 0")  # a rebuild may take an hour; who waits for it, waits
            conn.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _key(job)})
            try:
                yield
            finally:
                conn.invalidate()  # closes the session: lock and settings fall with it

    @contextmanager
    def alone_now(self, engine: Engine, job: str) -> Iterator[bool]:
        """The same lock, if it is free."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            free = bool(conn.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(job)}).scalar_one())
            try:
                yield free
            finally:
                if free:
                    conn.invalidate()

    def left(self, prefix: str) -> list[str]:
        """None: a lock leaves nothing behind."""
        return []

    def checkpoint(self, engine: Engine) -> None:
        """What was deleted is free for reuse at once; WAL archives and backups follow their own retention (docs/shared.md)."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            for table in ("texts", "items", "captures", "audit_slice", "unmapped", "decisions", "assessments"):
                conn.exec_driver_sql(f"VACUUM (SKIP_LOCKED) {table}")

    def translate(self, error: Exception) -> RasoatError:
        """Retry, mend the settings, or somebody was faster."""
        first = _quieted(error)
        code = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
        if code.startswith(_REFUSED) or isinstance(error, IntegrityError):
            return Conflict(f"the database refused: {first}")
        if code.startswith(_DENIED):
            return ConfigError(f"the database {self.where} does not let us: {first}", hint="check RASOAT_DATABASE_URL and docs/shared.md")
        away = isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated)
        if away or not code or code.startswith(_TRANSIENT):
            if "authentication" in first or "does not exist" in first:
                return ConfigError(f"the database {self.where} does not let us in: {first}", hint="check RASOAT_DATABASE_URL")
            return RetryLater(f"the database {self.where} cannot be used now: {first}")
        return ConfigError(f"the database {self.where} cannot be used: {first}", hint="`rasoat doctor` checks it")


def _quieted(error: Exception) -> str:
    """The first line of what the server said. The rest shows the row, which may hold somebody's words: it leaves the error itself, too."""
    said = str(getattr(error, "orig", error) or error).strip().splitlines()
    first = said[0] if said else type(error).__name__
    for one in (error, getattr(error, "orig", None)):
        if isinstance(one, BaseException) and len(said) > 1:
            one.args = (first,)
    return first


def _key(job: str) -> int:
    return int.from_bytes(hashlib.sha256(job.encode()).digest()[:8], "big", signed=True)


def address(url: str, password: str) -> URL:
    """The address in the form of our driver, with the password from its file.

    Raises:
        ConfigError: no address of a PostgreSQL.
    """
    hint = "a form like postgresql://rasoat_app@db.example/rasoat?sslmode=verify-full"
    try:
        made = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError("RASOAT_DATABASE_URL is no address of a database", hint=hint) from error
    if made.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError(f"RASOAT_DATABASE_URL names a {made.get_backend_name()} database; only PostgreSQL is known", hint=hint)
    made = made.set(drivername="postgresql+psycopg")
    return made.set(password=password) if password else made
