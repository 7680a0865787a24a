"""The worker pool: a page that hangs or kills its worker fails alone."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers import pool as pool_module
from crawlers import work as work_module
from crawlers.pool import Pool
from crawlers.targets import Kind
from crawlers.warc import Exchange
from crawlers.work import Failed, Job, ListingDone, PageDone, work
from rasoat.errors import RetryLater
from tests.crawlers.web import LONG, html


def job(body: str, kind: Kind = Kind.PAGE, content_type: str = "text/html") -> Job:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    exchange = Exchange("http://tin.example/a", at, 200, body.encode(), (), (), "0" * 36, "1" * 36)
    return Job(kind, exchange, content_type, "", 1_000_000)


@pytest.fixture
def odd_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that hang, die or raise when the page says so."""
    code = """
import os, sys, time
import crawlers.work as w
real = w.work
def work(job):
    body = job.exchange.body
    if b"HANG" in body: time.sleep(60)
    if b"DIE" in body: os._exit(3)
    if b"RAISE" in body: raise KeyError("lạ")
    if b"PRINT" in body: print("noise among the replies", flush=True)
    return real(job)
w.work = work
"""
    (tmp_path / "sitecustomize.py").write_text("import crawlers.worker\n" + code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(1, hard_seconds=3.0)
    yield made
    made.close()


def test_pages_and_listings(pool: Pool) -> None:
    done = pool.do_now(job(html("Chợ", LONG)))
    assert isinstance(done, PageDone)
    assert done.page.title == "Chợ"
    listing = pool.do_now(job("<urlset><url><loc>http://tin.example/b</loc></url></urlset>", Kind.SITEMAP))
    assert isinstance(listing, ListingDone)
    assert listing.listing.pages == ("http://tin.example/b",)


@pytest.mark.usefixtures("odd_worker")
@pytest.mark.parametrize(
    ("body", "words"),
    [("HANG", "more than 3 seconds"), ("DIE", "the page ended the extraction process"), ("RAISE", "KeyError"), ("PRINT", "")],
)
def test_a_bad_page_fails_alone(pool: Pool, body: str, words: str) -> None:
    good = job(html("Chợ", LONG))
    reply = pool.do_now(job(html("Chợ", f"{LONG} {body}")))
    if words:
        assert isinstance(reply, Failed)
        assert reply.kind == "extraction"
        assert words in reply.words
    else:
        assert isinstance(reply, PageDone)
    assert isinstance(pool.do_now(good), PageDone)


def test_a_worker_that_cannot_start_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    broken = Pool(1)
    with pytest.raises(RetryLater, match="does not start"):
        broken.do_now(job(html("Chợ", LONG)))
    broken.close()


def test_main_text_that_takes_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(tree: object) -> str:
        while True:
            pass

    monkeypatch.setattr("crawlers.extract.main_text", endless)
    begun = time.monotonic()
    done = work(job(html("Chợ", LONG)), soft_seconds=0.2)
    assert isinstance(done, PageDone)
    assert (done.page.title, done.page.main_found) == ("Chợ", False)
    assert "Chợ quê họp" in done.page.text
    assert time.monotonic() - begun < 5
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_close_is_quick_and_leaves_no_process(pool: Pool) -> None:
    pool.do_now(job(html("Chợ", LONG)))
    process = pool._workers[0]._process
    assert process is not None
    begun = time.monotonic()
    pool.close()
    assert time.monotonic() - begun < 3
    assert process.poll() is not None
    assert pool_module.HARD_SECONDS > work_module.SOFT_SECONDS


def test_a_worker_whose_crawl_was_killed_before_it_was_ready_ends_without_a_word() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", "crawlers.worker"], stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        said = child.stderr.read()
    assert (child.returncode, said) == (0, b"")
