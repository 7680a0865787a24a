"""What the doctor asks the database, on either of the two."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rasoat.clock import FixedClock
from rasoat.settings import Settings
from rasoat.store import Store
from tests.services import administrator
from tests.store.conftest import Raw
from tests.store.makers import open_case


def test_a_sound_database_has_its_schema_its_triggers_and_whole_chains(store: Store) -> None:
    open_case(store, "1")
    found, wanted = store.examiner.schema()
    assert found == wanted
    assert store.examiner.missing_triggers() == []
    assert store.examiner.broken_chains(10) == (1, [])
    assert store.examiner.broken_evidence(10) == (1, [])


def test_a_trigger_that_is_gone_is_named(store: Store, raw: Raw) -> None:
    raw.execute("DROP TRIGGER events_no_delete")
    assert store.examiner.missing_triggers() == ["events_no_delete"]


def test_the_newest_moment_is_that_of_the_newest_entry(store: Store, clock: FixedClock) -> None:
    assert store.examiner.newest() is None
    open_case(store, "1")
    opened = clock.now()
    assert store.examiner.newest() == opened
    clock.advance(hours=1)
    store.audit.log("report.made", "someone", "report", "r")
    assert store.examiner.newest() == opened + timedelta(hours=1)


@pytest.mark.sqlite_only
def test_a_file_knows_no_roles_and_no_other_clock(store: Store) -> None:
    assert store.examiner.excess_rights() is None
    assert store.examiner.server_time() is None


@pytest.mark.postgresql_only
def test_a_right_to_change_history_is_found(store: Store, settings: Settings) -> None:
    assert store.examiner.excess_rights() == []
    with administrator(settings.database_url.partition("?")[0].rpartition("/")[2]) as server:
        server.execute("GRANT DELETE ON events TO rasoat_app")
        server.execute("ALTER TABLE events DISABLE TRIGGER events_no_delete")
    assert store.examiner.excess_rights() == ["DELETE on events"]
    assert store.examiner.missing_triggers() == ["events_no_delete"]
    assert store.examiner.server_time() is not None
