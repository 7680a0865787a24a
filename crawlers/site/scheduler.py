"""Scrapy's scheduler, standing before our frontier. Nothing is kept here: what Scrapy loses in a crash, the frontier has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler

if TYPE_CHECKING:
    from crawlers.site.spider import SiteSpider

CLAIMED = "rasoat_claimed"
"""Key in a request's meta: the frontier's row that it stands for."""


class FrontierScheduler(BaseScheduler):
    """Hands out the frontier's requests. What comes in by `enqueue_request` is only a call to look again (see `SiteSpider.wake`)."""

    _spider: SiteSpider

    def open(self, spider: Spider) -> None:
        """Scrapy's start signal."""
        self._spider = spider  # type: ignore[assignment]  # run.py starts no other spider

    def has_pending_requests(self) -> bool:
        """Whether the run has more to do, now or after a wait."""
        return self._spider.job.has_more()

    def enqueue_request(self, request: Request) -> bool:
        """Requests live in the frontier before they are Scrapy's: nothing to keep."""
        return True

    def next_request(self) -> Request | None:
        """Claim the next request, if one may be made now."""
        claimed = self._spider.job.claim()
        if claimed is None:
            return None
        return Request(
            claimed.target.url,
            callback=self._spider.got,
            errback=self._spider.failed,
            meta={CLAIMED: claimed},
            dont_filter=True,
        )
