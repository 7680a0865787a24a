"""Imports into the real store: nothing doubles after a kill, nothing stays of what was dropped, and sealed means sealed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crawlers.importers import import_file
from rasoat.assessments import Assessment, Versions
from rasoat.clock import FixedClock, Ids
from rasoat.harms import Harm
from rasoat.ports import Arrival
from rasoat.settings import ROOT, Settings
from rasoat.store import Store, open_store

CHILD = """
import sys
from pathlib import Path
from crawlers.importers import import_file
from rasoat.clock import Ids, SystemClock
from rasoat.settings import Settings
from rasoat.store import open_store

settings = Settings(home=Path(sys.argv[1]))
with open_store(settings) as store:
    run_id = store.runs.start("import", "a.csv")
    tell = lambda step: print(step.records, flush=True)
    import_file(Path(sys.argv[2]), inbox=store.inbox, evidence=store.evidence, settings=settings, clock=SystemClock(), ids=Ids(),
                run_id=run_id, progress=tell)
"""


def take(store: Store, path: Path, settings: Settings) -> dict[Arrival, int]:
    run_id = store.runs.start("import", path.name)
    report = import_file(
        path, inbox=store.inbox, evidence=store.evidence, settings=settings, clock=FixedClock(), ids=Ids(seed=2), run_id=run_id
    )
    return dict(report.arrivals)


def unflagged() -> Assessment:
    return Assessment(dict.fromkeys(Harm, 0.0), (), (), Versions("m", "r", "l", "p"))


@pytest.mark.serial
def test_killed_in_the_middle_and_run_again(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "".join(f"dòng số {number % 2900}\n" for number in range(3000)))
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(settings.home), str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    while int(child.stdout.readline() or 3000) < 500:
        pass
    child.send_signal(signal.SIGKILL)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    with open_store(settings) as store:
        before = store.inbox.count_pending()
        assert 0 < before < 3000
        started = time.monotonic()
        arrivals = take(store, path, settings)
        assert arrivals == {Arrival.SEEN_AGAIN: before, Arrival.NEW: 3000 - before}
        assert store.inbox.count_pending() == 3000
        assert time.monotonic() - started < 60
        items = store.inbox.pending(4000)
        assert sum(len(item.captures) for item in items) == 3000


def test_twice_into_the_store_adds_no_capture(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\nmột\nmột\nhai\n")
    with open_store(settings) as store:
        assert take(store, path, settings) == {Arrival.NEW: 3}
        assert take(store, path, settings) == {Arrival.SEEN_AGAIN: 3}
        assert [len(item.captures) for item in store.inbox.pending(10)] == [1, 1, 1]


def test_what_was_dropped_stays_dropped_and_leaves_no_bytes(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.csv"
    path.write_text("author,text\nlan_vd,bí mật của lan\nlan_vd,bí mật của lan\nminh_vd,điều khác\n")
    with open_store(settings) as store:
        take(store, path, settings)
        keep, *_ = [item for item in store.inbox.pending(10) if item.text == "điều khác"]
        for item in store.inbox.pending(10):
            if item.id != keep.id:
                store.inbox.drop(item, unflagged(), audit=False)
        assert take(store, path, settings) == {Arrival.KNOWN_DROPPED: 2, Arrival.SEEN_AGAIN: 1}
        assert len(list(store.evidence.all())) == 1
        assert keep.captures
        assert b"minh_vd" in store.evidence.get(keep.captures[0].blob)
        lines = path.read_text().replace("minh_vd,điều khác", "minh_vd,điều khác hẳn")
        path.write_text(lines)
        assert take(store, path, settings)[Arrival.KNOWN_DROPPED] == 2


def test_no_name_and_no_raw_word_lies_open_on_the_disk(tmp_path: Path, settings: Settings, clock: FixedClock) -> None:
    path = tmp_path / "a.csv"
    path.write_text("author,text,note\nlan_tran_vd,xin chào,ghichu77\n")
    with open_store(settings) as store:
        take(store, path, settings)
    for file in settings.home.rglob("*"):
        if file.is_file():
            assert b"lan_tran_vd" not in file.read_bytes(), file
            assert b"ghichu77" not in file.read_bytes(), file
