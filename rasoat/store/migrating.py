"""Brings a database to the schema of this version, in process and in one transaction. Alembic is loaded only when there is work."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from rasoat.errors import ConfigError
from rasoat.store.database import Database

REVISIONS: Final = ("0001", "0002", "0003")
"""All schema versions that this program knows, oldest first; a test compares them with the folder `migrations/versions`."""
RESTORING: Final = "restoring"
"""Stands in the place of the version from the moment that a backup is loaded until what was erased since is erased again."""
SCRIPTS: Final = Path(__file__).parent / "migrations"


def migrate(database: Database) -> bool:
    """Create or upgrade; says whether anything changed. Two processes at once: the second waits, and finds it done.

    Raises:
        ConfigError: the file is damaged, or a newer version of the program wrote it.
    """
    with database.reading() as conn:
        if _version(conn, database.where) == REVISIONS[-1]:
            return False
    with database.writing(durable=True) as conn:
        if _version(conn, database.where) == REVISIONS[-1]:
            return False
        _upgrade(conn)
    return True


def _version(conn: Connection, where: str) -> str | None:
    if conn.dialect.name == "sqlite" and conn.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).first() is None:
        if conn.execute(text("SELECT 1 FROM sqlite_master LIMIT 1")).first() is not None:
            raise ConfigError(f"{where} is a database of another program", hint="set RASOAT_HOME to another folder")
        return None
    if conn.dialect.name != "sqlite" and not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found == RESTORING:
        raise ConfigError(
            f"{where} is closed: a backup was loaded, and the purge after it has not ended", hint="run `rasoat db restore` again"
        )
    if found is not None and found not in REVISIONS:
        raise ConfigError(
            f"{where} was written by a newer version (schema {found}, this program knows up to {REVISIONS[-1]})",
            hint="update Rà Soát, or set RASOAT_HOME to another folder",
        )
    return found


def upgrade_closed(conn: Connection, found: str) -> None:
    """Bring a restored database of version `found` to today's, without opening it to anybody."""
    conn.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": found})
    if found != REVISIONS[-1]:
        _upgrade(conn)
    conn.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": RESTORING})


def open_house(conn: Connection) -> None:
    """End what `RESTORING` began."""
    conn.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": REVISIONS[-1]})


def _upgrade(conn: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()  # no ini file: nothing here may touch the logging of the process
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
