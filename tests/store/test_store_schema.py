"""Migrations: they make what the models say, know all their versions, and leave the logging of the process alone."""

from __future__ import annotations

import logging

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from rasoat.settings import Settings
from rasoat.store import Store, open_store
from rasoat.store.migrating import REVISIONS, SCRIPTS
from rasoat.store.tables import Base


def test_the_migrations_make_what_the_models_say(store: Store) -> None:
    with store._db.engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), Base.metadata) == []


def test_every_version_is_known() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_opening_leaves_logging_alone(settings: Settings) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("rasoat").disabled, logging.getLogger("sqlalchemy.engine").level)
    open_store(settings).close()
    assert (root.level, list(root.handlers), logging.getLogger("rasoat").disabled, logging.getLogger("sqlalchemy.engine").level) == before


@pytest.mark.sqlite_only
def test_the_connection_is_set_up_for_many_readers_and_one_writer(store: Store) -> None:
    with store._db.engine.connect() as conn:
        values = {name: conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "foreign_keys", "busy_timeout")}
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30000}
