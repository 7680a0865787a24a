"""`kill -9` in mid-crawl, then the same command: only what was in flight is fetched again, nothing is lost or doubled."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from crawlers.frontier import unfinished_run
from crawlers.run import crawl
from rasoat.settings import ROOT, Settings
from tests.crawlers.conftest import make_spec
from tests.crawlers.fakes import FileInbox, MemoryEvidence, MemoryInbox
from tests.crawlers.web import LONG, Answer, Site, html

PAGES = 40
pytestmark = pytest.mark.serial


def start(site: Site, home: Path, run_id: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crawlers.crawl_process", site.base, str(home), run_id]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def children_of(pid: int) -> list[int]:
    """The workers, where the system tells (Linux)."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def assert_gone(pids: list[int]) -> None:
    """No worker outlives its crawl: each ends when its input ends."""
    deadline = time.monotonic() + 15
    while alive := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < deadline, f"workers outlive the crawl: {alive}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def done_in_frontier(home: Path) -> set[str]:
    path = home / "crawl" / "thu.sqlite3"
    if not path.exists():
        return set()
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {row[0] for row in db.execute("SELECT url FROM requests WHERE state = 'done'")}


def linked_pages(site: Site) -> None:
    """A tree of pages: each links to two deeper ones and to the start."""

    def page(_: Site, path: str) -> str:
        number = int(path.strip("/") or 0)
        links = [f"/{child}" for child in (2 * number + 1, 2 * number + 2) if child < PAGES]
        return html(f"Trang {number}", f"{LONG} {number}", "/", *links)

    site.fallback = page


@pytest.mark.parametrize("after", [1, 3, 11, 27, PAGES])
def test_a_killed_crawl_resumes(site: Site, tmp_path: Path, after: int) -> None:
    linked_pages(site)
    reached, served = threading.Event(), Counter[str]()

    def count(path: str) -> None:
        served[path] += 1
        if sum(served.values()) - served["/robots.txt"] >= after:
            reached.set()

    site.on_hit = count
    with start(site, tmp_path, "run-1") as first:
        assert reached.wait(30)
        workers = children_of(first.pid)
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert_gone(workers)
    done_before = done_in_frontier(tmp_path)
    finished_before = unfinished_run(tmp_path / "crawl", "thu") is None
    before = Counter(site.hits)

    site.on_hit = lambda path: None
    with start(site, tmp_path, "run-2") as second:
        assert second.stdout
        words = second.stdout.read().split()
    assert second.returncode == 0
    assert words == [str(PAGES), str(int(not finished_before)), "1"]

    with contextlib.closing(FileInbox(tmp_path / "fake.sqlite3")) as store:
        locators = [row[0] for row in store.db.execute("SELECT locator FROM items")]
        assert sorted(locators) == sorted({site.url("/" if n == 0 else f"/{n}") for n in range(PAGES)})
        assert store.one("SELECT count(*) FROM captures WHERE blob NOT IN (SELECT sha256 FROM blobs)") == 0
    if finished_before:
        return  # the kill came too late: the second command was a new run
    again = {path for path, hits in site.hits.items() if hits > before[path] and before[path] and path != "/robots.txt"}
    assert len(again) <= 8, again  # at most what two requests per slot hold in flight
    assert not {site.url(path) for path in again} & done_before
    assert all(site.hits[path] <= before[path] + 1 for path in site.hits)


def test_three_kills_in_a_row(site: Site, tmp_path: Path) -> None:
    linked_pages(site)
    for number in range(3):
        reached = threading.Event()
        target = sum(site.hits.values()) + 9
        site.on_hit = lambda path, event=reached, target=target: event.set() if sum(site.hits.values()) >= target else None  # type: ignore[misc]
        with start(site, tmp_path, f"run-{number}") as process:
            assert reached.wait(30)
            process.kill()
            process.wait()
    site.on_hit = lambda path: None
    with start(site, tmp_path, "run-last") as process:
        assert process.stdout
        words = process.stdout.read().split()
    assert words[0] == str(PAGES)
    with contextlib.closing(FileInbox(tmp_path / "fake.sqlite3")) as store:
        assert store.one("SELECT count(*) FROM items") == PAGES


@pytest.mark.parametrize("after", [3, 8, 14, 20])
def test_ctrl_c_ends_the_crawl_and_the_next_one_resumes(site: Site, tmp_path: Path, after: int) -> None:
    linked_pages(site)
    quick = site.fallback
    assert callable(quick)
    site.fallback = lambda own, path: Answer(str(quick(own, path)).encode(), pause=0.1)
    reached = threading.Event()
    site.on_hit = lambda path: reached.set() if sum(site.hits.values()) > after else None
    with start(site, tmp_path, "run-1") as process:
        assert reached.wait(30)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (-signal.SIGINT, 130, 1)
    assert unfinished_run(tmp_path / "crawl", "thu") == "run-1"
    site.on_hit = lambda path: None
    settings, inbox, evidence = Settings(home=tmp_path), MemoryInbox(), MemoryEvidence()
    spec = make_spec(site, limits__max_depth=50)
    (report,) = crawl([spec], inbox=inbox, evidence=evidence, settings=settings, run_ids={"thu": "run-2"}, workers=1)
    assert (report.pages, report.resumed, report.run_id) == (PAGES, True, "run-2")
