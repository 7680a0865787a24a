"""What every request passes before it leaves: robots.txt, then the network guard. Redirects pass again, since each hop is a request."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.decode import unpack
from crawlers.guard import NoAddress, is_public
from crawlers.urls import BadUrl, host_port, join

if TYPE_CHECKING:
    from crawlers.site.job import SourceJob

ROBOTS_TOKEN = "RaSoat"  # noqa: S105  (the name that robots.txt files address)
_ROBOTS_REQUEST = "rasoat_robots"
_ROBOTS_BYTES = 512 * 1024  # RFC 9309 §2.5 asks for at least 500 KiB
_ROBOTS_HOPS = 5  # RFC 9309 §2.3.1.2
_MAX_CRAWL_DELAY = 60.0
_FORBID_ALL = "User-agent: *\nDisallow: /"
log = logging.getLogger("rasoat.crawl")


class Refused(IgnoreRequest):
    """We do not make this request. `reason` is counted: robots robots_unreachable private network."""

    def __init__(self, reason: str, words: str = "") -> None:
        self.reason = reason
        super().__init__(words or reason)


def _job(crawler: Crawler) -> SourceJob:
    from crawlers.site.spider import SiteSpider

    assert isinstance(crawler.spider, SiteSpider)
    return crawler.spider.job


class NetworkMiddleware:
    """Only public addresses, unless the source may reach private ones; a demo source only reaches `.example`, through the demo web."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> NetworkMiddleware:
        """Scrapy's way to make one."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Check, and pin the address that will be connected to.

        Raises:
            Refused: `private` or `network`.
            NoAddress: the name does not resolve.
        """
        job = _job(self._crawler)
        try:
            host, _ = host_port(request.url)
        except BadUrl as error:
            raise Refused("network", str(error)) from error
        if job.spec.network.proxy == "demo":
            if not host.endswith(".example"):
                raise Refused("network", f"{host} is not part of the demo web")
            request.meta["proxy"] = job.demo_proxy
            return
        addresses = await job.resolver.addresses(host)
        if not job.spec.network.allow_private and not all(map(is_public, addresses)):
            raise Refused("private", f"{host} is in a private network ({', '.join(map(str, addresses))})")


class RobotsMiddleware:
    """robots.txt as RFC 9309 has it: absent (4xx) allows all; unreachable (5xx, no answer) forbids all."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._rules: dict[str, asyncio.Task[tuple[Protego, bool]]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Scrapy's way to make one."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Ask the site's rules.

        Raises:
            Refused: `robots` or `robots_unreachable`.
        """
        if request.meta.get(_ROBOTS_REQUEST):
            return
        site = "/".join(request.url.split("/", 3)[:3])
        if site not in self._rules:
            self._rules[site] = asyncio.ensure_future(self._load(site))
        rules, reachable = await self._rules[site]
        if not reachable:
            raise Refused("robots_unreachable", f"{site}/robots.txt cannot be read")
        if not rules.can_fetch(request.url, ROBOTS_TOKEN):
            raise Refused("robots", f"{site}/robots.txt forbids {request.url}")

    async def _load(self, site: str) -> tuple[Protego, bool]:
        job = _job(self._crawler)
        known = job.known_robots(site)
        try:
            text = await self._text(f"{site}/robots.txt") if known is None else known
        except Refused:  # nothing was read; the request itself will be refused for the same reason, in clearer words
            return Protego.parse(""), True
        rules = Protego.parse(_FORBID_ALL if text is None else text)
        if text is not None:
            delay = min(float(rules.crawl_delay(ROBOTS_TOKEN) or 0), _MAX_CRAWL_DELAY)
            self._slow_down(site, delay)
            if known is None:
                job.robots_read(site, text, delay)
            job.offer_sitemaps(list(rules.sitemaps))
        return rules, text is not None

    async def _text(self, url: str) -> str | None:
        """The rules' text: empty when there are none, None when the site cannot say."""
        job = _job(self._crawler)
        for attempt in range(job.spec.limits.retries + 1):
            if attempt:
                await asyncio.sleep(job.retry_delay(attempt))
            try:
                response = await self._follow(url)
                if response.status < 500 and response.status != 429:
                    return _body(response) if response.status == 200 else ""
            except Refused:
                raise
            except Exception as error:  # noqa: BLE001  Scrapy's and Twisted's many download errors have no common base; each means
                # "unreachable", and what cannot be read forbids all: a fault of our own errs on the site's side too.
                log.info("robots.txt of %s: %s: %s", url, type(error).__name__, error)
        return None

    async def _follow(self, url: str) -> Response:
        for _ in range(_ROBOTS_HOPS):
            request = Request(url, callback=NO_CALLBACK, meta={_ROBOTS_REQUEST: True}, dont_filter=True)
            response = await self._crawler.engine.download_async(request)
            location = (response.headers.get("Location") or b"").decode("latin-1")
            target = join(url, location) if 300 <= response.status < 400 and location else None
            if target is None:
                return response
            url = target
        return response

    def _slow_down(self, site: str, delay: float) -> None:
        if not delay:
            return
        throttle = self._crawler.get_extension(AutoThrottle)
        if throttle is not None:
            throttle.mindelay = max(throttle.mindelay, delay)
        slot = self._crawler.engine.downloader.slots.get(host_port(site)[0])
        if slot is not None:
            slot.delay = max(slot.delay, delay)


def _body(response: Response) -> str:
    encoding = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
    return unpack(response.body, encoding, 10 * _ROBOTS_BYTES)[:_ROBOTS_BYTES].decode("utf-8", "replace")


__all__ = ["NetworkMiddleware", "NoAddress", "Refused", "RobotsMiddleware"]
