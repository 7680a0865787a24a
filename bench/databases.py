"""A home with a database of its own for measurements: SQLite in the home, or a new database on the PostgreSQL of `make services`."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from rasoat.errors import ConfigError
from rasoat.settings import ROOT, Settings
from rasoat.store.database import Database
from rasoat.store.dialect_postgresql import PostgreSql, address
from rasoat.store.migrating import migrate

KINDS: Final = ("postgresql", "sqlite")


@contextmanager
def made_home(kind: str) -> Iterator[Settings]:
    """Settings of a new home, whose database is of that kind; both are removed at the end.

    Raises:
        ConfigError: PostgreSQL does not run.
    """
    with tempfile.TemporaryDirectory(prefix="rasoat-bench-") as folder:
        home = Path(folder) / "home"
        if kind == "sqlite":
            yield Settings(home=home)
            return
        with _database() as url:
            yield Settings(home=home, database_url=url)


def environment(settings: Settings) -> dict[str, str]:
    """What another process needs to open the same home."""
    return {"RASOAT_HOME": str(settings.home), "RASOAT_DATABASE_URL": settings.database_url}


@contextmanager
def _database() -> Iterator[str]:
    """Today's schema and the rights of the three roles, as an administrator makes them; the address for the application's role."""
    name = f"rasoat_bench_{uuid.uuid4().hex[:12]}"
    with _administrator() as conn:
        conn.execute(f"CREATE DATABASE {name} OWNER rasoat_owner")
    try:
        owner = Database(PostgreSql(address(_url(name, "rasoat_owner"), "")))
        migrate(owner)
        owner.close()
        with psycopg.connect(_url(name, "rasoat_owner")) as conn:
            conn.execute((ROOT / "rasoat" / "store" / "roles.sql").read_bytes())
        yield _url(name, "rasoat_app")
    finally:
        with _administrator() as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _url(name: str, role: str) -> str:
    try:
        pg: dict[str, Any] = json.loads((ROOT / ".services" / "state.json").read_text("utf-8"))["postgresql"]
    except (FileNotFoundError, KeyError) as error:
        raise ConfigError("postgresql does not run", hint="start it with `make services`") from error
    return f"postgresql://{role}:{pg['passwords'][role]}@127.0.0.1:{pg['port']}/{name}?sslmode=verify-ca&sslrootcert={pg['ca']}"


@contextmanager
def _administrator() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(_url("postgres", "postgres"), autocommit=True) as conn:
        yield conn
