"""What may go wrong around the store: killed writers, several processes, full disks, damaged and newer files. Nothing is lost."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from rasoat.cases import commands as c
from rasoat.cases.states import EventKind
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock
from rasoat.errors import ConfigError, Conflict, RetryLater
from rasoat.settings import ROOT, Settings
from rasoat.store import Store, open_store
from tests.store.makers import TEXT, hire, make_assessment, make_item, open_case

pytestmark = pytest.mark.sqlite_only  # its processes open a home, and know no address of a server


@pytest.mark.parametrize("after", [7, 60])
def test_a_writer_killed_in_mid_put_loses_nothing_that_it_acknowledged(settings: Settings, after: int) -> None:
    open_store(settings).close()
    command = [sys.executable, "-m", "tests.store.crash_writer", str(settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().split() for _ in range(after)]
        writer.kill()
        acknowledged += [line.split() for line in writer.stdout if line.endswith("\n")]
    with open_store(settings) as store:
        assert store.check(deep=True) == []
        counts = store.counts()
        assert counts["items"] - 1 <= len(acknowledged) <= counts["items"]
        assert counts["items"] == counts["pending"] + counts["assessed"]
        assert counts["cases"] - 1 <= sum(kind == "0" for _, kind in acknowledged) <= counts["cases"]
        while store.project():
            pass
        assert store.check() == []
        assert store.counts()["indexed"] == counts["cases"]


def test_a_crash_between_commit_and_file_removal_is_made_good(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")

    def die(_ref: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store.evidence, "delete_many", die)
    with pytest.raises(KeyboardInterrupt):
        store.inbox.drop(item, make_assessment(), audit=False)
    monkeypatch.undo()
    assert store.evidence.has(item.captures[0].blob)
    assert store.counts()["blobs_to_remove"] == 1
    store.purge(FixedClock().now())
    assert not store.evidence.has(item.captures[0].blob)
    assert store.counts()["blobs_to_remove"] == 0


def test_a_crash_in_mid_transaction_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    people = hire(store)
    case_id = open_case(store)
    before = store.cases.view(case_id)
    monkeypatch.setattr("rasoat.store.applying.mark_case", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.cases.apply(case_id, c.Claim(), people["an"])
    monkeypatch.undo()
    assert store.cases.view(case_id) == before
    store.cases.apply(case_id, c.Claim(), people["an"])


def _claim(home: Path, case_id: str, actor: Actor, start: Any, answers: Any) -> None:
    with open_store(Settings(home=home)) as store:
        start.wait()
        try:
            store.cases.apply(case_id, c.Claim(), actor)
            answers.put(actor.pseudonym)
        except Conflict:
            answers.put("")


def test_of_several_processes_one_gets_the_claim(settings: Settings) -> None:
    with open_store(settings) as store:
        case_id = open_case(store)
        reviewers = [Actor(f"p-{n}", hire(store)["an"].roles) if n == 0 else Actor(f"p-{n}", frozenset({"reviewer"})) for n in range(4)]  # type: ignore[arg-type]
    context = get_context("spawn")
    start, answers = context.Event(), context.Queue()
    workers = [context.Process(target=_claim, args=(settings.home, case_id, actor, start, answers)) for actor in reviewers]
    for worker in workers:
        worker.start()
    start.set()
    got = [answers.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join()
    winners = [name for name in got if name]
    assert len(winners) == 1
    with open_store(settings) as store:
        assert store.cases.facts(case_id).claimed_by == winners[0]
        assert [event.kind for event in store.cases.view(case_id).events] == [EventKind.OPENED, EventKind.CLAIMED]


def test_threads_put_and_read_at_once(store: Store) -> None:
    errors: list[BaseException] = []

    def put(start: int) -> None:
        try:
            for n in range(start, start + 25):
                store.inbox.put(make_item(store, str(n), f"{TEXT} {n}"), run_id="r")
                store.counts()
        except BaseException as error:  # noqa: BLE001  (a thread has nobody else to tell)
            errors.append(error)

    threads = [threading.Thread(target=put, args=(n * 20,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.counts()["items"] == 85


def test_two_processes_may_make_the_same_new_home(settings: Settings) -> None:
    opening = f"open_store(Settings(home={str(settings.home)!r})).close()"
    script = f"from rasoat.store import open_store; from rasoat.settings import Settings; {opening}"
    makers = [subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(maker.communicate()[1], maker.returncode) for maker in makers] == [("", 0)] * 3
    with open_store(settings) as store:
        assert store.check() == []


def test_a_writer_that_hangs_makes_others_come_back_later(store: Store, raw: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    item = make_item(store)
    raw.execute("BEGIN IMMEDIATE")
    with store._db.engine.connect() as conn:  # the patience of the one connection in the pool
        conn.exec_driver_sql("PRAGMA busy_timeout=50")
    with pytest.raises(RetryLater, match="locked"):
        store.inbox.put(item, run_id="r")
    assert store.counts()["items"] == 0
    raw.execute("ROLLBACK")
    store.inbox.put(item, run_id="r")


def test_a_full_database_says_so_and_keeps_what_it_has(store: Store, raw: sqlite3.Connection) -> None:
    kept = make_item(store)
    store.inbox.put(kept, run_id="r")
    with store._db.engine.connect() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    big = make_item(store, "x", "dài " * 50_000)
    with pytest.raises(RetryLater, match="full"):
        store.inbox.put(big, run_id="r")
    with store._db.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert kept in store.inbox.pending(100)
    assert store.check() == []
    store.inbox.put(make_item(store, "y"), run_id="r")


def test_a_full_disk_leaves_no_half_written_evidence(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(RetryLater, match="No space left"):
        store.evidence.put(b"bytes", "text/plain")
    monkeypatch.undo()
    assert [path for path in settings.evidence_dir.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("damage", [b"this is no database, it is a letter" * 200, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_database_is_reported_and_not_overwritten(settings: Settings, damage: bytes) -> None:
    open_store(settings).close()
    path = settings.home / "rasoat.sqlite3"
    path.write_bytes(damage)
    with pytest.raises(ConfigError, match="damaged"):
        open_store(settings)
    assert path.read_bytes() == damage


def test_damage_in_the_middle_is_found_by_check(settings: Settings) -> None:
    with open_store(settings) as store:
        for n in range(30):
            open_case(store, str(n), f"{TEXT} {n}")
    path = settings.home / "rasoat.sqlite3"
    whole = bytearray(path.read_bytes())
    for page in range(len(whole) // 4096 - 4, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 200] = b"\xee" * 200
    path.write_bytes(bytes(whole))
    with open_store(settings) as store:
        assert store.check()


def test_a_database_of_a_newer_version_is_left_alone(settings: Settings) -> None:
    open_store(settings).close()
    with closing(sqlite3.connect(settings.home / "rasoat.sqlite3")) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.commit()
    with pytest.raises(ConfigError, match="newer version"):
        open_store(settings)


def test_the_database_of_another_program_is_left_alone(settings: Settings) -> None:
    settings.home.mkdir()
    with closing(sqlite3.connect(settings.home / "rasoat.sqlite3")) as conn:
        conn.execute("CREATE TABLE recipes (name)")
        conn.commit()
    with pytest.raises(ConfigError, match="another program"):
        open_store(settings)


def test_a_home_that_is_a_file_is_a_clear_error(settings: Settings) -> None:
    settings.home.write_text("x")
    with pytest.raises(ConfigError, match="cannot use"):
        open_store(settings)
