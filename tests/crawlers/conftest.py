"""Fixtures of the crawl tests: a site on loopback, fakes of the store, and a crawl in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from crawlers.frontier_schema import connect
from crawlers.report import CrawlReport
from crawlers.run import crawl
from crawlers.sources import SourceSpec
from rasoat.settings import Settings
from tests.crawlers.fakes import MemoryEvidence, MemoryInbox
from tests.crawlers.web import Site, running_site
from tests.services import copied_database


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def evidence() -> MemoryEvidence:
    return MemoryEvidence()


def make_spec(site: Site, **changes: Any) -> SourceSpec:
    """A source for the test site: fast, private addresses allowed; nested keys by double underscore (`limits__max_pages=3`)."""
    raw: dict[str, Any] = {
        "name": "thu",
        "title": "Trang thử",
        "seeds": [site.url("/")],
        "politeness": {"delay": 0, "concurrency": 4},
        "network": {"allow_private": True},
        "limits": {"timeout": 5, "retries": 0},
        "assertions": {"min_share_with_text": 0},
    }
    for key, value in changes.items():
        outer, _, inner = key.partition("__")
        if inner:
            raw.setdefault(outer, {})[inner] = value
        else:
            raw[outer] = value
    return SourceSpec.model_validate(raw)


@pytest.fixture(scope="session")
def copied_for_frontiers(migrated_database: str) -> Iterator[str]:
    """One copy for all tests of shared frontiers: a new one each took longer than they do."""
    with copied_database(migrated_database) as url:
        yield url


@pytest.fixture
def frontier_database(copied_for_frontiers: str) -> str:
    """The address of a database whose shared frontier is empty."""
    with connect(copied_for_frontiers, "") as conn:
        conn.execute("TRUNCATE frontier.runs, frontier.hosts CASCADE")
    return copied_for_frontiers


@pytest.fixture
def frontier_store(migrated_database: str) -> Iterator[str]:
    """The address of a database of its own: store and frontier."""
    with copied_database(migrated_database) as url:
        yield url


@pytest.fixture
def run(site: Site, settings: Settings, inbox: MemoryInbox, evidence: MemoryEvidence) -> Callable[..., CrawlReport]:
    """`run(limits__max_pages=3)`: crawl the test site once, return its report."""

    def go(spec: SourceSpec | None = None, *, run_id: str = "run-1", demo_proxy: str | None = None, **changes: Any) -> CrawlReport:
        chosen = spec or make_spec(site, **changes)
        return crawl(
            [chosen],
            inbox=inbox,
            evidence=evidence,
            settings=settings,
            run_ids={chosen.name: run_id},
            demo_proxy=demo_proxy,
            workers=1,
        )[0]

    return go
