"""The demo web through the real crawler: every page found, what robots.txt forbids left alone, every source healthy."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.demo_web import DemoWeb, load_sites
from crawlers.run import crawl
from crawlers.sources import load_sources
from rasoat.missing import Missing
from rasoat.settings import Settings
from tests.importers.fakes import MemoryEvidence, MemoryInbox


@pytest.mark.serial
def test_the_whole_demo_web_is_crawled(data_dir: Path, settings: Settings) -> None:
    specs = [spec for spec in load_sources(data_dir).values() if spec.network.proxy == "demo"]
    inbox = MemoryInbox()
    with DemoWeb(data_dir) as web:
        reports = crawl(
            specs,
            inbox=inbox,
            evidence=MemoryEvidence(),
            settings=settings,
            run_ids={spec.name: f"run-{spec.name}" for spec in specs},
            demo_proxy=web.url,
            workers=2,
        )
    assert [(report.source, report.assertion_failures, report.errors) for report in reports if not report.ok] == []
    asked = set(web.requests)
    assert {host for host, _ in asked} == set(web.hosts)
    found = {str(item.url) for item in inbox.items.values() if item.url is not Missing}
    for host, site in load_sites(data_dir).items():
        for page in site.pages:
            forbidden = any(page.path.startswith(path) for path in site.disallow)
            assert ((host, page.path) in asked) is not forbidden
            assert (f"http://{host}{page.path}" in found) is not forbidden
