"""The database out into one file and back: SQLite by its own VACUUM INTO and backup, PostgreSQL by pg_dump, pg_restore and psql.

What is loaded comes closed: nobody can open it before `open_house`. A password is handed over in the environment, never on a command line.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from rasoat.errors import ConfigError, RetryLater, UsageError
from rasoat.settings import Settings
from rasoat.store.migrating import RESTORING

SQLITE, POSTGRESQL = "sqlite", "postgresql"
_CLOSE: Final = f"UPDATE alembic_version SET version_num = '{RESTORING}'"  # noqa: S608  (a constant)
_OTHERS: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_OPTIONS: Final = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}


def kind(settings: Settings) -> str:
    """Which database the settings name."""
    return POSTGRESQL if settings.database_url else SQLITE


def dump(settings: Settings, path: Path) -> None:
    """One consistent state of the database, while others go on writing. The crawlers' frontier is working data and stays out.

    Raises:
        ConfigError: the tools of PostgreSQL are missing, or refuse.
        RetryLater: the disk is full.
    """
    if kind(settings) == POSTGRESQL:
        env = _environment(_url(settings))
        _run([_tool("pg_dump"), "-Fc", "--no-owner", "--no-password", "--exclude-schema=frontier", "-f", str(path)], env)
        return
    try:
        with closing(sqlite3.connect(settings.home / "rasoat.sqlite3", timeout=30)) as conn:
            conn.execute("VACUUM INTO ?", (str(path),))
    except sqlite3.Error as error:
        raise RetryLater(f"the database cannot be copied to {path}: {error}") from error


def load(settings: Settings, path: Path) -> None:
    """Replace the database by the dump, in one step, and closed.

    Raises:
        UsageError: somebody is working with the database.
        ConfigError: the tools of PostgreSQL are missing, or refuse.
    """
    if kind(settings) == POSTGRESQL:
        _load_postgresql(settings, path)
    else:
        _load_sqlite(settings.home, path)


def _load_sqlite(home: Path, path: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    closed = home / "restoring.tmp"
    try:
        shutil.copyfile(path, closed)
        closed.chmod(0o600)
        with closing(sqlite3.connect(closed, isolation_level=None)) as source, closing(sqlite3.connect(home / "rasoat.sqlite3")) as target:
            source.execute(_CLOSE)
            if target.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":  # needs the file for itself
                raise sqlite3.OperationalError("database is locked")
            source.backup(target)
    except sqlite3.OperationalError as error:
        raise UsageError(f"the database is in use ({error}): stop the site and all workers first") from error
    except sqlite3.DatabaseError as error:
        raise ConfigError(
            f"{home / 'rasoat.sqlite3'} cannot be replaced: {error}", hint="move the damaged file away, then try again"
        ) from error
    finally:
        closed.unlink(missing_ok=True)


def _load_postgresql(settings: Settings, path: Path) -> None:
    env = _environment(_url(settings))
    psql = [_tool("psql"), "-X", "-q", "-A", "-t", "--no-password", "-v", "ON_ERROR_STOP=1"]
    others = int(_run([*psql, "-c", _OTHERS], env).strip() or 0)
    if others:
        raise UsageError(f"{others} connections work with the database: stop the site and all workers first")
    script = settings.home / "restoring.sql.tmp"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        os.close(os.open(script, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run([_tool("pg_restore"), "--clean", "--if-exists", "--no-owner", "-f", str(script), str(path)], env)
        close = _CLOSE.replace(" alembic", " public.alembic")  # the script ends with an empty search path
        _run([*psql, "-1", "-f", str(script), "-c", close], env)  # one transaction: whole and closed, or not at all
    finally:
        script.unlink(missing_ok=True)


def _url(settings: Settings) -> URL:
    from rasoat.store.dialect_postgresql import address

    return address(settings.database_url, settings.database_secret)


def _environment(url: URL) -> dict[str, str]:
    named = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGDATABASE": url.database, "PGPASSWORD": url.password}
    named |= {env: str(url.query[option]) for option, env in _OPTIONS.items() if option in url.query}
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return own | {name: str(value) for name, value in named.items() if value}


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise ConfigError(f"{name} is not installed", hint="on Debian: apt-get install postgresql-client")
    return found


def _run(command: Sequence[str], env: dict[str, str]) -> str:
    done = subprocess.run(list(command), env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        first = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
        raise ConfigError(
            f"{Path(command[0]).name} failed: {first[:300]}", hint="backups are made and restored as the owner: docs/shared.md"
        )
    return done.stdout
