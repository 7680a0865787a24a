"""Crawlers that share a source are killed: the others, or whoever comes next, finish it, and nothing is lost or doubled."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from crawlers.frontier_seam import unfinished_run
from rasoat.settings import ROOT, Settings
from rasoat.store import open_store
from tests.crawlers.test_crawl_kill import PAGES, linked_pages
from tests.crawlers.web import Answer, Site

pytestmark = pytest.mark.serial
IN_FLIGHT = 8  # the most that one crawler of `spec_for` holds


def start(site: Site, home: Path, database: str, run_id: str = "run-1", die_after: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crawlers.frontier_process", site.base, str(home), database, run_id, str(die_after)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def said(process: subprocess.Popen[str]) -> list[int]:
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return [int(word) for word in out.split()]


def assert_whole(site: Site, settings: Settings) -> Counter[str]:
    """Every page is an item, once; returns how often each was captured."""
    with open_store(settings) as store:
        items = store.inbox.pending(1000)
        wanted = sorted(site.url("/" if n == 0 else f"/{n}") for n in range(PAGES))
        assert sorted(str(item.url) for item in items) == wanted
        assert not unfinished_run(settings, "thu")
        return Counter({str(item.url).removeprefix(site.base): len(item.captures) for item in items})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_killed_between_the_inbox_and_the_frontier(site: Site, tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    linked_pages(site)
    database = "" if kind == "sqlite" else request.getfixturevalue("frontier_store")
    with start(site, tmp_path, database, die_after=9) as killed:
        killed.communicate(timeout=60)
        assert killed.returncode == -9
    settings = Settings(home=tmp_path, database_url=database)
    with open_store(settings) as store:
        assert store.inbox.count_pending() == 9
    with start(site, tmp_path, database) as process:
        pages, new, last_out = said(process)
    assert (pages, new, last_out) == (PAGES, PAGES - 1, 1)  # the ninth is seen again: it was fetched again, and is no second item
    captures = assert_whole(site, settings)
    assert sorted(captures.values()) == [1] * (PAGES - 1) + [2]
    assert site.hits[captures.most_common(1)[0][0]] == 2


@pytest.mark.parametrize("victims", [1, 3])
def test_crawlers_of_one_source_are_killed(site: Site, tmp_path: Path, frontier_store: str, victims: int) -> None:
    linked_pages(site)
    quick = site.fallback
    assert callable(quick)
    site.fallback = lambda own, path: Answer(str(quick(own, path)).encode(), pause=0.1)
    reached = threading.Event()
    site.on_hit = lambda path: reached.set() if sum(site.hits.values()) - site.hits["/robots.txt"] >= PAGES // 2 else None
    crowd = [start(site, tmp_path / str(n), frontier_store) for n in range(3)]
    try:
        assert reached.wait(60)
        for process in crowd[:victims]:
            process.kill()
            process.wait()
        if victims == len(crowd):
            crowd.append(start(site, tmp_path / "sau", frontier_store))
        told = [said(process) for process in crowd[victims:]]
    finally:
        for process in crowd:
            process.kill()
            process.communicate()
    assert 1 in [last_out for _, _, last_out in told]
    assert [pages for pages, _, _ in told] == [PAGES] * len(told)
    assert_whole(site, Settings(home=tmp_path / "xem", database_url=frontier_store))
    twice = {path for path, hits in site.hits.items() if hits > 1 and path != "/robots.txt"}
    assert len(twice) <= IN_FLIGHT * victims
    assert all(site.hits[path] == 2 for path in twice)
