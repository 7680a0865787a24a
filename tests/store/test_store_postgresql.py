"""What only a shared server shows: rights of its roles, connections that are cut, a lock that falls with its holder, backup and restore."""

from __future__ import annotations

import subprocess
import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from rasoat.cases import commands as c
from rasoat.clock import FixedClock
from rasoat.errors import ConfigError, RetryLater
from rasoat.harms import Outcome
from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store, open_store, outbox
from rasoat.store.dialect_postgresql import address
from tests.services import administrator, service
from tests.store.makers import decide, hire, open_case

pytestmark = pytest.mark.postgresql_only


def _name(settings: Settings) -> str:
    return settings.database_url.partition("?")[0].rpartition("/")[2]


def _cut_all(settings: Settings) -> None:
    """Every connection to this test's database but our own, as when the server is restarted."""
    with administrator(_name(settings)) as conn:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        conn.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'x'",
        "DELETE FROM events",
        "TRUNCATE events",
        "DELETE FROM cases",
        "DELETE FROM audit_log",
        "INSERT INTO transitions VALUES ('a', 'b', 'c')",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TRIGGER events_no_update ON events",
        "CREATE TABLE mine (x int)",
        "UPDATE alembic_version SET version_num = '0'",
    ],
)
def test_the_application_has_no_right_to_rewrite_history(store: Store, settings: Settings, statement: str) -> None:
    open_case(store)
    with psycopg.connect(settings.database_url, autocommit=True) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement.encode())
    assert store.check() == []


def test_a_cut_connection_costs_one_try_and_nothing_else(store: Store, settings: Settings) -> None:
    open_case(store)
    with administrator(_name(settings)) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    open_case(store, "2")  # a dead connection of the pool is noticed before it is lent
    assert store.counts()["cases"] == 2


def test_a_transaction_that_is_cut_leaves_nothing(store: Store, settings: Settings) -> None:
    def half() -> None:
        with store._db.writing() as conn:
            conn.exec_driver_sql("INSERT INTO counters VALUES ('half', 1)")
            _cut_all(settings)
            conn.exec_driver_sql("INSERT INTO counters VALUES ('more', 1)")

    with pytest.raises(RetryLater):
        half()
    with administrator(_name(settings)) as conn:
        assert conn.execute("SELECT count(*) FROM counters WHERE name IN ('half', 'more')").fetchone() == (0,)


def test_one_job_at_a_time_and_its_lock_falls_with_its_holder(store: Store, settings: Settings, clock: FixedClock) -> None:
    order: list[str] = []
    held, done = threading.Event(), threading.Event()

    def second() -> None:
        held.wait()
        with open_store(settings, clock=clock) as other, other.alone("job"):
            order.append("second")
        done.set()

    waiting = threading.Thread(target=second)
    waiting.start()
    with store.alone("job"):
        held.set()
        assert not done.wait(0.5)
        order.append("first")
        with administrator(_name(settings)) as conn:  # as if the holder's machine were unplugged
            conn.execute(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()"
            )
        assert done.wait(20)
    waiting.join()
    assert order == ["first", "second"]


def test_a_wrong_password_or_database_is_named_and_never_shown(settings: Settings) -> None:
    secret = service("postgresql")["passwords"]["rasoat_app"]
    for url in (settings.database_url.replace(secret, "wrong"), settings.database_url.replace(_name(settings), "nowhere")):
        with pytest.raises(ConfigError, match="RASOAT_DATABASE_URL") as caught:
            open_store(settings.model_copy(update={"database_url": url}))
        assert "wrong" not in str(caught.value)
        assert secret not in str(caught.value)
    for wrong in ("mysql://x/y", "nothing", ""):
        with pytest.raises(ConfigError, match="RASOAT_DATABASE_URL"):
            address(wrong, "")


def test_a_server_that_is_away_is_tried_again_later(settings: Settings) -> None:
    with pytest.raises(RetryLater, match="cannot be used now"):
        open_store(settings.model_copy(update={"database_url": "postgresql://rasoat_app:x@127.0.0.1:9/rasoat"}))


def test_a_page_of_the_index_is_planned_with_its_values_however_often_it_was_asked_for(store: Store, settings: Settings) -> None:
    """A sentence planned without them once walked through a million items for each two thousand."""
    with store._db.reading() as conn:
        for _ in range(12):  # the driver prepares a sentence that comes again and again, the server drops its values after five more
            list(outbox.documents(conn, after="", limit=37))
        plans = conn.execute(text("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements")).all()
    pages = [plan for plan in plans if "case_items" in plan.statement]
    assert [(plan.generic_plans, plan.custom_plans > 5) for plan in pages] == [(0, True)]


def test_what_a_backup_brought_back_is_erased_again(store: Store, settings: Settings, clock: FixedClock, tmp_path: Path) -> None:
    """Retention looks at what is there and at the date, never at what it did before: after a restore it does it again."""
    case_id = open_case(store)
    people = hire(store)
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, Outcome.OOS)), people["an"])
    bin_ = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    pg, name = service("postgresql"), _name(settings)
    env = {"PGPASSWORD": pg["passwords"]["postgres"], "PGSSLMODE": "verify-ca", "PGSSLROOTCERT": pg["ca"]}
    place = ["-h", "127.0.0.1", "-p", str(pg["port"]), "-U", "postgres"]
    dump = tmp_path / "backup.dump"
    subprocess.run([bin_ / "pg_dump", *place, "-Fc", "-f", dump, name], env=env, check=True, timeout=60)
    due = clock.now() + timedelta(days=2)
    assert store.purge(due).purged == {"oos_24h": 1}
    store.close()
    subprocess.run([bin_ / "pg_restore", *place, "--clean", "--if-exists", "-d", name, dump], env=env, check=True, timeout=60)
    with open_store(settings) as restored:
        assert all("evidence" in problem for problem in restored.check())  # the bytes are gone for good; the words are back
        assert restored.cases.view(case_id).items
        assert restored.rebuild_index() == 1
        assert restored.purge(due).purged == {"oos_24h": 1}
        assert not restored.cases.view(case_id).items
        assert restored.check() == []
        assert restored.search.search(SearchQuery()).total == 0
