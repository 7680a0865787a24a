"""The crawl against the real store and the bundled demo web: what the first five minutes of a newcomer rest on."""

from __future__ import annotations

from pathlib import Path

from crawlers.demo_web import DemoWeb
from crawlers.report import CrawlReport
from crawlers.run import crawl
from crawlers.sources import load_sources
from crawlers.warc import read_capture
from rasoat.missing import given
from rasoat.ports import Arrival
from rasoat.settings import Settings
from rasoat.store import open_store


def crawl_demo(settings: Settings, data_dir: Path) -> list[CrawlReport]:
    specs = [spec for spec in load_sources(data_dir).values() if spec.network.proxy == "demo"]
    with DemoWeb(data_dir) as web, open_store(settings) as store:
        run_ids = {spec.name: store.runs.start("crawl", spec.name) for spec in specs}
        return crawl(
            specs,
            inbox=store.inbox,
            evidence=store.evidence,
            settings=settings,
            run_ids=run_ids,
            demo_proxy=web.url,
            workers=1,
        )


def test_the_demo_web_comes_in_whole_and_only_once(settings: Settings, data_dir: Path) -> None:
    first = crawl_demo(settings, data_dir)
    assert first
    for report in first:
        assert (report.ok, report.errors, report.resumed) == (True, {}, False), report
    assert {report.source for report in first} == {path.name for path in (data_dir / "sources").glob("demo-*")}
    with open_store(settings) as store:
        pending = store.inbox.pending(1000)
        assert len(pending) == sum(report.items[Arrival.NEW] for report in first) == sum(report.pages for report in first)
        for item in pending:
            (capture,) = item.captures
            content = read_capture(store.evidence.get(capture.blob))
            assert (content.url, content.payload_sha256) == (given(capture.final_url, ""), capture.payload_sha256)
            assert item.text
            assert item.verbatim
        assert store.check() == []
    second = crawl_demo(settings, data_dir)
    assert {arrival: sum(report.items[arrival] for report in second) for arrival in Arrival} == {
        Arrival.NEW: 0,
        Arrival.CHANGED: 0,
        Arrival.SEEN_AGAIN: len(pending),
        Arrival.KNOWN_DROPPED: 0,
    }
    with open_store(settings) as store:
        assert len(store.inbox.pending(1000)) == len(pending)
