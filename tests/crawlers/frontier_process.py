"""A crawl with the real store in a process of its own, for being killed: one machine of several, with a home of its own.

`python -m tests.crawlers.frontier_process URL HOME DATABASE_URL RUN_ID DIE_AFTER`. DIE_AFTER: `kill -9` itself as soon as so many items
lie in the inbox, before the frontier hears of the last; 0: never.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from crawlers.run import crawl
from rasoat.items import Item
from rasoat.ports import Arrival, Inbox, Unmapped
from rasoat.settings import Settings
from rasoat.store import open_store
from tests.crawlers.crawl_process import spec_for


class Deadly:
    """An inbox after whose n-th item the process is gone."""

    def __init__(self, inbox: Inbox, after: int) -> None:
        self._inbox, self._left = inbox, after

    def put(self, item: Item, *, run_id: str) -> Arrival:
        arrival = self._inbox.put(item, run_id=run_id)
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return arrival

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None:
        raise AssertionError("a crawl maps everything")


def main() -> None:
    """Crawl; print pages, items that were new, and whether this was the last one out."""
    base, home, database, run_id, die_after = sys.argv[1:]
    settings = Settings(home=Path(home), database_url=database)
    with open_store(settings) as store:
        inbox = Deadly(store.inbox, int(die_after))
        (report,) = crawl([spec_for(base)], inbox=inbox, evidence=store.evidence, settings=settings, run_ids={"thu": run_id}, workers=1)
    print(report.pages, report.items[Arrival.NEW], int(report.last_out), flush=True)


if __name__ == "__main__":
    main()
