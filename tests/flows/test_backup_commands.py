"""`db backup`, `db backups`, `db restore` as an operator meets them, and the doctor's line about them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.checkup_deep import DEEP
from flows.cli import app
from rasoat.clock import FixedClock, Ids
from rasoat.errors import UsageError
from rasoat.settings import Settings
from rasoat.store import ledger, open_store
from tests.store.makers import open_case

NOW = datetime.now(UTC)
"""The commands go by the clock of the machine."""


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RASOAT_HOME", str(settings.home))
    monkeypatch.setenv("RASOAT_BACKUPS", str(tmp_path / "backups"))
    with open_store(settings, clock=FixedClock(NOW), ids=Ids(seed=1)) as store:
        open_case(store)
    return tmp_path / "backups"


def ask(*words: str) -> str:
    done = CliRunner().invoke(app, ["db", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_there_and_back(folder: Path, settings: Settings) -> None:
    assert "1 pieces of evidence" in ask("backup")
    (made,) = json.loads(ask("backups", "--json"))["backups"]
    assert made["name"] in ask("backups")
    with pytest.raises(UsageError, match="--replace"):
        ask("restore", made["name"])
    assert "the database is open" in ask("restore", made["name"], "--replace")
    assert json.loads(ask("counts", "--json"))["cases"] == 1


def test_what_should_be_gone_goes_and_is_named(folder: Path, settings: Settings) -> None:
    long_ago = FixedClock(NOW - timedelta(days=9))
    with open_store(settings, clock=long_ago) as store:
        old = store.backup(folder).name
    told = settings.model_copy(update={"backups": folder})
    with open_store(told) as store:
        assert [line[0] for line in DEEP["backups"](told, store, FixedClock(NOW))] == ["ok", "fail", "warn"]
    assert json.loads(ask("backups", "--purge", "--json")) == {"removed": [old], "backups": []}
    ask("backup")
    with open_store(told) as store:
        assert [line[0] for line in DEEP["backups"](told, store, FixedClock(NOW))] == ["ok", "ok"]
        assert [stone.object_id for stone in store.tombstones(NOW - timedelta(days=1))] == [old]
    assert ledger.read(folder).seq == 0


def test_without_a_folder_it_says_what_to_set(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RASOAT_HOME", str(settings.home))
    with pytest.raises(UsageError, match="RASOAT_BACKUPS"):
        ask("backup")
    with open_store(settings) as store:
        assert [line[0] for line in DEEP["backups"](settings, store, FixedClock(NOW))] == ["warn"]
