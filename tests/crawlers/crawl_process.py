"""A crawl in a process of its own, for being killed: `python -m tests.crawlers.crawl_process URL HOME RUN_ID`."""

from __future__ import annotations

import sys
from pathlib import Path

from crawlers.run import crawl
from crawlers.sources import SourceSpec
from rasoat.settings import Settings
from tests.crawlers.fakes import FileInbox


def spec_for(base: str) -> SourceSpec:
    """Four at once, so that several pages are in flight when the process dies."""
    return SourceSpec.model_validate(
        {
            "name": "thu",
            "title": "Trang thử",
            "seeds": [f"{base}/"],
            "politeness": {"delay": 0, "concurrency": 4},
            "network": {"allow_private": True},
            "limits": {"max_pages": 1000, "max_depth": 50},
        }
    )


def main() -> None:
    """Crawl, print the report's counts."""
    base, home, run_id = sys.argv[1:]
    store = FileInbox(Path(home) / "fake.sqlite3")
    settings = Settings(home=Path(home))
    (report,) = crawl([spec_for(base)], inbox=store, evidence=store.evidence, settings=settings, run_ids={"thu": run_id}, workers=1)
    print(report.pages, int(report.resumed), int(report.ok), flush=True)


if __name__ == "__main__":
    main()
