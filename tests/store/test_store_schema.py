"""Migrations: they make what the models say, know all their versions, and leave the logging of the process alone."""

from __future__ import annotations

import logging

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from rasoat.store.database import Database
from rasoat.store.dialect_sqlite import Sqlite
from rasoat.store.migrating import REVISIONS, SCRIPTS
from rasoat.store.tables import Base
from tests.store.makers import open_case


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


@pytest.mark.sqlite_only
def test_a_home_of_the_first_version_is_upgraded_with_all_that_waits_in_it(settings: Settings) -> None:
    settings.home.mkdir()
    database = Database(Sqlite(settings.home / "rasoat.sqlite3"))
    with database.writing() as conn:
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
        conn.exec_driver_sql("INSERT INTO outbox (item_id) VALUES ('gone')")
    database.close()
    with open_store(settings) as store:
        assert (store.outbox_lag().waiting, store.outbox_lag().oldest) == (1, None)  # a note of before bears no time
        case_id = open_case(store)
        assert store.project() == 2
        (hit,) = store.search.search(SearchQuery()).hits
        assert hit.doc.case_id == case_id
        assert store.check() == []
