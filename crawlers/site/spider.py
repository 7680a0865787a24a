"""The Scrapy side of a source: answers and failures come in here and go to the job, which decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request, Spider
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.guard import NoAddress
from crawlers.site.job import SourceJob
from crawlers.site.middleware import Refused
from crawlers.site.scheduler import CLAIMED

_KINDS: tuple[tuple[type[BaseException], str, bool], ...] = (
    (DownloadTimeoutError, "timeout", True),
    (NoAddress, "dns", True),
    (CannotResolveHostError, "dns", True),
    (ResponseDataLossError, "truncated", True),
    (DownloadCancelledError, "too_large", False),
)


class SiteSpider(Spider):
    """One source. Its requests come from the frontier, through the scheduler."""

    name = "site"

    def __init__(self, job: SourceJob, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.job = job
        job.wake = self.wake

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: the frontier holds the starting addresses."""
        nothing: tuple[Any, ...] = ()
        for none in nothing:
            yield none

    def wake(self) -> None:
        """Make the engine look into the frontier again: a retry has waited long enough."""
        if self.crawler.engine.running and self.crawler.engine.spider is not None:
            self.crawler.engine.crawl(Request("http://frontier.example/", dont_filter=True))

    async def got(self, response: Response) -> None:
        """An answer, whatever its status."""
        await self.job.answered(response.meta[CLAIMED], response)

    def failed(self, failure: Failure) -> None:
        """No answer."""
        claimed = failure.request.meta[CLAIMED]  # type: ignore[attr-defined]  # Scrapy sets it
        error = failure.value
        if isinstance(error, Refused):
            self.job.refused(claimed, error.reason)
            return
        kind, again = next(((kind, again) for types, kind, again in _KINDS if isinstance(error, types)), ("connection", True))
        self.job.lost(claimed, kind, again=again)
