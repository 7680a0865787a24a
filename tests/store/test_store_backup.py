"""Backup and restore on both databases: what was purged after the backup stays purged, what is held stays, nobody gets in before."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock, Ids
from rasoat.errors import ConfigError, EvidenceError, RetryLater, UsageError
from rasoat.harms import Outcome
from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store, backup, dumping, ledger, open_store, restoring
from rasoat.store.migrating import RESTORING
from rasoat.store.records import DossierRecord
from tests.services import administrator, made_bucket, owners, service
from tests.store.makers import decide, hire, make_item, open_case


@pytest.fixture
def safe(settings: Settings, tmp_path: Path) -> Settings:
    """As the owner of the database, who makes and restores backups; these lie elsewhere than the home."""
    changes: dict[str, object] = {"backups": tmp_path / "other-disk"}
    if settings.database_url:
        changes["database_url"] = owners(settings.database_url)
    return settings.model_copy(update=changes)


@pytest.fixture
def at(safe: Settings) -> Path:
    assert safe.backups is not None
    return safe.backups


@pytest.fixture
def home(safe: Settings, clock: FixedClock) -> Iterator[Store]:
    with open_store(safe, clock=clock, ids=Ids(seed=1)) as store:
        yield store


def close(store: Store, case_id: str, people: dict[str, Actor], outcome: Outcome) -> None:
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, outcome)), people["an"])


def three_cases(store: Store) -> tuple[dict[str, Actor], list[str]]:
    people = hire(store)
    return people, [open_case(store, str(n), f"Lời thứ {n}, tặng quà cho người gửi mã OTP", seed=n) for n in range(1, 4)]


def words(store: Store, case_id: str) -> list[str]:
    return [one.item.text for one in store.cases.view(case_id).items]


def test_what_was_erased_after_the_backup_does_not_come_back(home: Store, safe: Settings, at: Path, clock: FixedClock) -> None:
    people, (closed, escalated, untouched) = three_cases(home)
    close(home, closed, people, Outcome.OOS)
    made = home.backup(at)
    home.cases.apply(escalated, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    clock.advance(days=2)
    assert home.purge(clock.now()).purged == {"oos_24h": 1}
    home.close()

    done = restoring.restore(safe, at / made.name, clock, replace=True)

    assert done.erased == 2
    assert done.wordless == (escalated,)
    assert done.missing == 0
    with open_store(safe, clock=clock) as store:
        assert words(store, closed) == words(store, escalated) == []
        assert words(store, untouched) == ["Lời thứ 3, tặng quà cho người gửi mã OTP"]
        assert store.cases.facts(closed).state is CaseState.PURGED
        assert store.check(deep=True) == []
        assert store.search.search(SearchQuery()).total == 1
        assert len(list(store.evidence.all())) == 1


def test_after_the_loss_of_the_disk_the_ledger_knows_what_was_erased(home: Store, safe: Settings, at: Path, clock: FixedClock) -> None:
    """No database, no evidence, no index: a new home with the keys, the backup and the ledger beside it."""
    people, (first, second, third) = three_cases(home)
    made = home.backup(at)
    home.cases.apply(first, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    home.close()
    fresh = _lost(safe)
    done = restoring.restore(fresh, at / made.name, clock)
    assert done.erased == 1
    with open_store(fresh, clock=clock) as store:
        assert words(store, first) == []
        assert words(store, second)
        assert words(store, third)
        assert store.check(deep=True) == []
        assert [stone.action for stone in store.tombstones(clock.now() - timedelta(days=1))].count("case.masked") == 1


def test_a_hold_that_was_placed_after_the_backup_holds_in_the_purge_of_the_restore(
    home: Store, safe: Settings, at: Path, clock: FixedClock
) -> None:
    people, (held, ended, _) = three_cases(home)
    for name, roles in (("lan", {Role.SENDER}), ("minh", {Role.DATA_PROTECTION})):
        home.accounts.add(name, "mật khẩu đủ dài", name, frozenset(roles))
    for case_id in (held, ended):
        close(home, case_id, people, Outcome.OOS)
    made = home.backup(at)
    until = clock.now() + timedelta(days=60)
    home.holds.place(held, "QĐ 12/2026", until, by="lan", approved_by="minh")
    over = home.holds.place(ended, "QĐ 13/2026", until, by="lan", approved_by="minh")
    home.holds.release(over.id, by="lan")
    clock.advance(days=2)
    home.close()
    fresh = _lost(safe)
    done = restoring.restore(fresh, at / made.name, clock)
    assert done.holds == 1
    assert done.purge.held == (held,)
    assert done.purge.purged["oos_24h"] == 1
    with open_store(fresh, clock=clock) as store:
        assert words(store, held)
        assert [(hold.case_id, hold.until) for hold in store.holds.all()] == [(held, until)]


def test_nobody_gets_in_before_the_purge_has_ended(
    home: Store, safe: Settings, at: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_cases(home)
    made = home.backup(at)
    home.close()

    def die(*_: object) -> None:
        with pytest.raises(ConfigError, match=r"closed.*db restore"):
            open_store(safe)
        raise KeyboardInterrupt

    monkeypatch.setattr(restoring, "_erase_again", die)
    with pytest.raises(KeyboardInterrupt):
        restoring.restore(safe, at / made.name, clock, replace=True)
    monkeypatch.undo()
    with pytest.raises(ConfigError, match="closed"):
        open_store(safe)
    restoring.restore(safe, at / made.name, clock)
    with open_store(safe, clock=clock) as store:
        assert store.counts()["cases"] == 3
        assert store.check(deep=True) == []


def test_a_database_with_something_in_it_or_in_use_is_not_replaced(home: Store, safe: Settings, at: Path, clock: FixedClock) -> None:
    three_cases(home)
    made = home.backup(at)
    with pytest.raises(UsageError, match=r"stop the site|--replace"):
        restoring.restore(safe, at / made.name, clock)
    with pytest.raises(UsageError, match="stop the site"):
        restoring.restore(safe, at / made.name, clock, replace=True)
    assert home.counts()["cases"] == 3


def test_a_backup_goes_on_its_day_and_leaves_a_tombstone(home: Store, safe: Settings, at: Path, clock: FixedClock) -> None:
    three_cases(home)
    first = home.backup(at)
    clock.advance(days=3)
    second = home.backup(at)
    blob = next(name for name in second.files if name.endswith(".sealed"))
    assert os.stat(at / first.name / blob).st_ino == os.stat(at / second.name / blob).st_ino  # written once, for both
    clock.advance(days=4)
    report = home.purge(clock.now())
    assert report.purged == {"backup_expired": 1}
    assert [one.name for one in backup.all_of(at)] == [second.name]
    assert not (at / first.name).exists()
    assert backup.verify(at / second.name) == second
    (stone,) = [one for one in home.tombstones(clock.now() - timedelta(days=1)) if one.object_type == "backup"]
    assert (stone.object_id, stone.rule) == (first.name, "backup_expired")
    clock.advance(days=7)
    home.close()
    with pytest.raises(UsageError, match="--expired"):
        restoring.restore(safe, at / second.name, clock, replace=True)
    restoring.restore(safe, at / second.name, clock, replace=True, expired=True)


def test_a_damaged_backup_a_strange_key_and_a_changed_ledger_are_refused(home: Store, safe: Settings, at: Path, clock: FixedClock) -> None:
    people, (first, second, _) = three_cases(home)
    made = home.backup(at)
    for case_id in (first, second):
        home.cases.apply(case_id, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    home.close()
    (safe.keys_dir / "evidence.key").rename(safe.keys_dir / "kept")
    with pytest.raises(ConfigError, match="put keys/ back"):
        restoring.restore(safe, at / made.name, clock, replace=True)
    (safe.keys_dir / "kept").rename(safe.keys_dir / "evidence.key")
    lines = (at / ledger.NAME).read_bytes().splitlines(keepends=True)
    (at / ledger.NAME).write_bytes(b"".join(lines[1:]))  # somebody took an erasure out
    with pytest.raises(ConfigError, match="changed or lost"):
        ledger.read(at)
    (at / ledger.NAME).write_bytes(b"".join(lines) + b'{"seq": 9, "what"')  # a crash in mid-line
    assert len(ledger.read(at).erased) == 2
    blob = next(name for name in made.files if name.startswith("evidence/"))
    path = at / made.name / blob
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(EvidenceError, match="damaged"):
        restoring.restore(safe, at / made.name, clock, replace=True)
    with open_store(safe, clock=clock) as store:
        assert store.counts()["escalated"] == 2  # nothing was touched


def test_an_old_ledger_in_the_place_of_the_newest_is_refused(home: Store, safe: Settings, at: Path, clock: FixedClock) -> None:
    people, (first, second, _) = three_cases(home)
    home.cases.apply(first, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    old = (at / ledger.NAME).read_bytes()
    home.cases.apply(second, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    made = home.backup(at)
    home.close()
    fresh = _lost(safe)
    (at / ledger.NAME).write_bytes(old)
    with pytest.raises(ConfigError, match=r"2 lines were there.*--without-ledger"):
        restoring.restore(fresh, at / made.name, clock)
    restoring.restore(fresh, at / made.name, clock, without_ledger=True)
    with open_store(fresh, clock=clock) as store:
        assert store.counts()["escalated"] == 2


def test_the_ledger_holds_hashes_alone_and_grows_once(home: Store, at: Path, clock: FixedClock) -> None:
    people, (first, _, _) = three_cases(home)
    home.cases.apply(first, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    text = (at / ledger.NAME).read_text("utf-8")
    assert first not in text
    assert "trẻ em" not in text
    assert [json.loads(line)["what"] for line in text.splitlines()] == ["erased"]
    assert home.write_ledger() == 0
    home.purge(clock.now())
    assert (at / ledger.NAME).read_text("utf-8") == text
    assert oct((at / ledger.NAME).stat().st_mode & 0o777) == "0o600"


def test_without_the_disk_of_the_backups_an_escalation_stands_and_the_purge_says_so(
    home: Store, safe: Settings, at: Path, clock: FixedClock
) -> None:
    people, (first, _, _) = three_cases(home)
    at.write_text("not a folder", encoding="utf-8")
    home.cases.apply(first, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    assert words(home, first) == []
    with pytest.raises(RetryLater, match="disk of the backups"):
        home.purge(clock.now())
    with pytest.raises(RetryLater, match="disk of the backups"):
        home.backup(at)
    at.unlink()
    home.purge(clock.now())
    assert len(ledger.read(at).erased) == 1


def test_evidence_in_a_bucket_is_named_and_not_copied(home: Store, safe: Settings, at: Path, clock: FixedClock) -> None:
    home.close()
    with made_bucket() as values:
        remote = safe.model_copy(update=values)
        with open_store(remote, clock=clock) as store:
            items = [make_item(store, str(n), f"lời {n}") for n in range(2)]
            for item in items:
                store.inbox.put(item, run_id="r")
            made = store.backup(at)
            assert made.evidence == values["evidence_url"]
            assert [name for name in made.files if name.startswith("evidence/")] == []
            assert len(list(backup.evidence_of(at / made.name))) == 2
            store.evidence.delete(items[0].captures[0].blob)
        assert restoring.restore(remote, at / made.name, clock, replace=True).missing == 1


@pytest.mark.parametrize("where", ["home", "bucket"])
def test_packs_come_back_where_they_lay_but_not_those_of_cases_that_were_erased(
    home: Store, safe: Settings, at: Path, clock: FixedClock, where: str
) -> None:
    home.close()
    with ExitStack() as stack:
        kept = safe if where == "home" else safe.model_copy(update=stack.enter_context(made_bucket()))
        with open_store(kept, clock=clock, ids=Ids(seed=2)) as store:
            people, (closed, alive, escalated) = three_cases(store)
            close(store, closed, people, Outcome.OOS)
            for number, case_id in enumerate((closed, alive, escalated)):
                store.packs.put(f"{number}.zip", pack := f"PK {number}".encode())
                store.dossiers.add(DossierRecord(str(number), case_id, 1, f"{number}.zip", sha256_hex(pack), clock.now()))
            first, made = store.backup(at), _next(clock, store, at)
            assert os.stat(at / first.name / "dossiers/1.zip").st_ino == os.stat(at / made.name / "dossiers/1.zip").st_ino
            store.cases.apply(escalated, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
            clock.advance(days=2)
            store.purge(clock.now())
            store.packs.put("1.zip", b"PK damaged")
            assert sorted(name for name, _ in store.packs.all()) == ["1.zip"]
        restoring.restore(kept, at / made.name, clock, replace=True)
        with open_store(kept, clock=clock) as store:
            assert {name: store.packs.read(name) for name, _ in store.packs.all()} == {"1.zip": b"PK 1"}
        assert list(kept.home.rglob("*.zip")) == ([] if where == "bucket" else [kept.dossier_dir / "1.zip"])


def _next(clock: FixedClock, store: Store, at: Path) -> backup.Backup:
    clock.advance(hours=1)
    return store.backup(at)


@pytest.mark.postgresql_only
def test_the_password_is_on_no_command_line_and_the_application_cannot_restore(
    home: Store, safe: Settings, settings: Settings, at: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_cases(home)
    home.close()
    commands: list[list[str]] = []
    run = dumping._run
    monkeypatch.setattr(dumping, "_run", lambda command, env: commands.append(list(command)) or run(command, env))
    with open_store(safe, clock=clock) as store:
        made = store.backup(at)
    restoring.restore(safe, at / made.name, clock, replace=True)
    said = " ".join(word for command in commands for word in command)
    assert "pg_dump" in said
    assert RESTORING in said
    assert all(secret not in said for secret in service("postgresql")["passwords"].values())
    with pytest.raises(ConfigError, match="as the owner"):
        restoring.restore(settings, at / made.name, clock, replace=True)
    with open_store(settings, clock=clock) as store:  # the rights of the application came back with the tables
        assert store.counts()["cases"] == 3
        assert store.examiner.excess_rights() == []


def _lost(safe: Settings) -> Settings:
    """The disk is gone: a new home that has only the keys, and on PostgreSQL a database that was just made."""
    fresh = safe.home.parent / "new-home"
    fresh.mkdir()
    (safe.keys_dir).rename(fresh / "keys")
    lost = safe.model_copy(update={"home": fresh})
    if safe.database_url:
        name = safe.database_url.partition("?")[0].rpartition("/")[2]
        with administrator() as conn:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
            conn.execute(f"CREATE DATABASE {name} OWNER rasoat_owner".encode())
    return lost
