"""`rasoat doctor --deep`: each thing that goes wrong in a running system is a line of its own with a hint, and the exit code says so."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import checkup
from flows.checkup_deep import DEEP, PROBE, deep
from flows.checkup_lines import Finding, State
from flows.cli import app
from rasoat.canonical import sha256_hex
from rasoat.clock import FixedClock, Ids
from rasoat.errors import ConfigError
from rasoat.ports import SearchQuery
from rasoat.settings import ROOT, Settings
from rasoat.store import Store, open_store
from rasoat.store.records import DossierRecord
from tests.services import made_bucket
from tests.store.makers import open_case

Lines = list[tuple[str, tuple[str, str, str]]]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 2, 3, 0, tzinfo=UTC))


@pytest.fixture
def store(settings: Settings, clock: FixedClock) -> Iterator[Store]:
    """A home with two cases, projected."""
    with open_store(settings, clock=clock, ids=Ids(seed=1)) as opened:
        for name in ("1", "2"):
            open_case(opened, name, text=f"Tặng quà miễn phí lần {name}, gửi mã OTP cho chúng tôi để nhận thưởng")
        while opened.project():
            pass
        yield opened


@pytest.fixture
def look(settings: Settings, store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Lines]:
    """What one check says."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    def looked(what: str) -> Lines:
        monkeypatch.setattr("flows.checkup_deep.DEEP", {what: DEEP[what]})
        return list(deep(settings, store, clock))

    return looked


def states(lines: Lines) -> set[str]:
    return {told[0] for _, told in lines}


def failures(lines: Lines) -> list[str]:
    assert all(hint for _, (state, _, hint) in lines if state == "fail")
    return [says for _, (state, says, _) in lines if state == "fail"]


@pytest.mark.parametrize("what", [what for what in DEEP if what not in ("browser", "Prefect server", "space", "backups")])
def test_a_sound_home_is_found_sound(look: Callable[[str], Lines], what: str) -> None:
    assert states(look(what)) == {"ok"}


def test_a_trigger_that_is_gone_is_named(look: Callable[[str], Lines], settings: Settings) -> None:
    with closing(sqlite3.connect(settings.home / "rasoat.sqlite3")) as conn:
        conn.execute("DROP TRIGGER events_no_update")
    [says] = failures(look("database"))
    assert "events_no_update" in says


def test_an_event_that_was_changed_is_found(look: Callable[[str], Lines], settings: Settings) -> None:
    with closing(sqlite3.connect(settings.home / "rasoat.sqlite3", isolation_level=None)) as conn:
        [(trigger,)] = conn.execute("SELECT sql FROM sqlite_master WHERE name = 'events_no_update'")
        conn.execute("DROP TRIGGER events_no_update")
        conn.execute("UPDATE events SET actor = 'someone' WHERE seq = 1")
        conn.execute(trigger)
    [says] = failures(look("database"))
    assert "was changed after it was written" in says


def test_the_probe_of_the_index_leaves_nothing_behind(look: Callable[[str], Lines], store: Store) -> None:
    before = store.search.search(SearchQuery()).total
    assert any("written, found and removed" in told[1] for _, told in look("search"))
    found = store.search.search(SearchQuery(limit=50))
    assert found.total == before
    assert PROBE not in {hit.doc.id for hit in found.hits}


def test_an_index_that_is_behind_is_a_warning(look: Callable[[str], Lines], store: Store, clock: FixedClock) -> None:
    open_case(store, "3", text="Cá cược bóng đá, nạp 100 tặng 100, vào ngay cho kịp trận")
    clock.advance(minutes=20)
    assert "warn" in states(look("search"))


def test_a_capture_that_differs_from_its_hash_is_found(look: Callable[[str], Lines], settings: Settings) -> None:
    for blob in settings.evidence_dir.rglob("*.sealed"):
        blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    [says] = failures(look("evidence"))
    assert says.startswith("2 of 2 captures")
    assert any("written, read and removed" in told[1] for _, told in look("evidence"))


def test_a_pack_that_is_gone_or_differs_from_what_was_noted_is_found(look: Callable[[str], Lines], store: Store) -> None:
    case_id = open_case(store, "3", text="Cá cược bóng đá, nạp 100 tặng 100, vào ngay cho kịp trận")
    for version, name in enumerate(("whole", "changed", "gone"), start=1):
        store.packs.put(f"{name}.zip", name.encode())
        store.dossiers.add(DossierRecord(name, case_id, version, f"{name}.zip", sha256_hex(name.encode()), datetime.now(UTC)))
    assert states(look("packs")) == {"ok"}
    store.packs.put("changed.zip", b"PK")
    store.packs.remove(["gone.zip"])
    [says] = failures(look("packs"))
    assert says.startswith("2 of 3 packs")


def test_evidence_in_a_bucket_is_probed_and_what_is_wrong_is_a_line(tmp_path: Path, clock: FixedClock) -> None:
    with made_bucket(versioned=True) as values:
        settings = Settings(home=tmp_path / "home", **values)
        with open_store(settings, clock=clock) as store:
            lines = list(DEEP["evidence"](settings, store, clock))
            assert [told[0] for told in lines] == ["ok", "warn", "ok"]
            assert "keeps versions" in lines[1][1]
            assert list(store.evidence.all()) == []
        refused = settings.model_copy(update={"evidence_key": "stranger"})
        with open_store(refused, clock=clock) as store, pytest.raises(ConfigError, match="RASOAT_EVIDENCE_KEY"):
            list(DEEP["evidence"](refused, store, clock))


def test_weights_that_were_altered_are_found(
    look: Callable[[str], Lines], settings: Settings, store: Store, clock: FixedClock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    models = tmp_path_factory.mktemp("models")
    shutil.copytree(ROOT / "models" / "spans-vi-1", models / "spans-vi-1")
    weights = models / "spans-vi-1" / "weights.npz"
    weights.write_bytes(weights.read_bytes() + b"x")
    [told] = DEEP["weights"](settings.model_copy(update={"models": models}), store, clock)
    assert told[0] == "fail"
    assert "spans-vi-1: weights.npz" in told[1]


def test_a_clock_that_was_set_back_is_found(look: Callable[[str], Lines], store: Store, clock: FixedClock) -> None:
    store.audit.log("report.made", "someone", "report", "r")
    clock.advance(hours=-1)
    [says] = failures(look("clock"))
    assert "3600 s behind" in says


def test_a_prefect_server_that_is_away_is_found_and_its_password_not_shown(
    look: Callable[[str], Lines], monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    assert states(look("Prefect server")) == {"warn"}
    monkeypatch.setenv("PREFECT_API_URL", f"http://van:mat-khau@127.0.0.1:{free_port}/api")
    [says] = failures(look("Prefect server"))
    assert "mat-khau" not in says
    assert f"127.0.0.1:{free_port}" in says


@pytest.mark.parametrize(("worst", "code"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_the_exit_code_is_not_zero_when_something_fails(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, worst: State, code: int
) -> None:
    monkeypatch.setenv("RASOAT_HOME", str(settings.home))
    monkeypatch.setattr("flows.commands.doctor.logged_settings", lambda: settings)
    asked = []

    def found(_: Settings, *, deep: bool) -> list[Finding]:
        asked.append(deep)
        return [Finding("disk", "ok", "đủ"), Finding("search", worst, "chậm", "chờ một chút")]

    monkeypatch.setattr(checkup, "checkup", found)
    told = CliRunner().invoke(app, ["doctor", "--deep"])
    assert told.exit_code == code
    assert worst in told.stdout
    assert "chờ một chút" in told.stdout
    as_json = CliRunner().invoke(app, ["doctor", "--deep", "--json"])
    assert as_json.exit_code == code
    assert json.loads(as_json.stdout)[1] == {"what": "search", "state": worst, "says": "chậm", "hint": "chờ một chút"}
    assert asked == [True, True]
