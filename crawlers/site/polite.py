"""The last door before the wire: each request waits for its host's turn, which all crawlers of that host share."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Final, cast

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.urls import host_port

if TYPE_CHECKING:
    from crawlers.site.spider import SiteSpider

_SLACK: Final = 0.02  # seconds: not every request leaves equally soon after its turn, and a pause is a least pause
_LONGEST_SLEEP: Final = 1.0  # seconds, so that a crawl that is stopping ends soon


class PoliteHandler(HTTP11DownloadHandler):
    """Scrapy's handler, asked after Scrapy's own queue of the host has let a request through.

    So the pause that AutoThrottle and robots.txt have come to is the one that is kept here, between processes. What waits here counts as
    under way, and no time-out runs yet.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._doors: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def download_request(self, request: Request) -> Response:
        """Wait for the turn, then ask. Those of this process stand in one line, and one asks for all."""
        slot = self._crawler.engine.downloader.slots.get(str(request.meta.get("download_slot")))
        job = cast("SiteSpider", self._crawler.spider).job
        host, _ = host_port(request.url)
        delay = slot.delay if slot else job.spec.politeness.delay
        async with self._doors[host]:
            while wait := job.turn(host, delay + min(_SLACK, delay)):
                await asyncio.sleep(min(wait, _LONGEST_SLEEP))
        return await super().download_request(request)
