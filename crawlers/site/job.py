"""One source being crawled: what is asked for next, and what becomes of every answer.

A page counts as done only after its item lies in the inbox, in the same frontier transaction that queues its links. Knows the ports and
the frontier; of Scrapy it knows only a response's shape.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from crawlers import warc
from crawlers.frontier_seam import AnyFrontier
from crawlers.guard import PinnedResolver
from crawlers.items import build_item
from crawlers.pool import Pool
from crawlers.report import CrawlProgress
from crawlers.scope import ScopeFilter
from crawlers.site.answers import exchange_of, header, retry_after
from crawlers.sources import SourceSpec
from crawlers.targets import Claimed, Kind, Result, State, Target
from crawlers.urls import fetchable, host_port, join
from crawlers.work import Failed, Job, ListingDone, PageDone
from rasoat.clock import Clock, Ids
from rasoat.errors import Quarantine, RetryLater
from rasoat.ports import Arrival, EvidenceStore, Inbox

if TYPE_CHECKING:
    from scrapy.http import Response

MAX_HOPS = 10  # redirects in a row
MAX_SITEMAP_DEPTH = 3
MAX_SITEMAPS = 200
RETRY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_MAX_SEEN = 50_000  # addresses remembered; menus repeat on every page, and asking the frontier each time cost 10 ms a page
_PROGRESS_SECONDS = 0.1
_LOOK_AGAIN = 0.2  # seconds: a retry has waited long enough, or another crawler has found or given back something
log = logging.getLogger("rasoat.crawl")


class SourceJob:
    """The work on one source in this process."""

    def __init__(
        self,
        spec: SourceSpec,
        *,
        frontier: AnyFrontier,
        inbox: Inbox,
        evidence: EvidenceStore,
        pool: Pool,
        resolver: PinnedResolver,
        clock: Clock,
        ids: Ids,
        run_id: str,
        demo_proxy: str | None,
        progress: Callable[[CrawlProgress], None] | None,
        on_fatal: Callable[[], None],
    ) -> None:
        self.spec, self.resolver, self.demo_proxy = spec, resolver, demo_proxy
        self.fatal: Exception | None = None
        self.wake: Callable[[], None] = lambda: None
        self._frontier, self._inbox, self._evidence, self._pool = frontier, inbox, evidence, pool
        self._clock, self._ids, self._run_id, self._progress, self._on_fatal = clock, ids, run_id, progress, on_fatal
        self._scope = ScopeFilter(spec)
        self._looking: asyncio.TimerHandle | None = None
        self._seen: set[str] = set()
        self._sitemaps = 0
        self._begun = self._shown = time.monotonic()
        self._pages, self._errors = frontier.pages_done(), 0

    @staticmethod
    def starts(spec: SourceSpec) -> list[Target]:
        """The requests that a new run begins with."""
        named = ((Kind.SITEMAP, spec.sitemaps), (Kind.FEED, spec.feeds), (Kind.PAGE, spec.seeds))
        return [Target(fetchable(url), kind) for kind, urls in named for url in urls]

    def has_more(self) -> bool:
        """Whether anything waits in the frontier."""
        with self._boundary():
            return self.fatal is None and self._frontier.has_waiting()
        return False

    def claim(self) -> Claimed | None:
        """The next request, within the limits of the source."""
        with self._boundary():
            return self._claim() if self.fatal is None else None
        return None

    def _claim(self) -> Claimed | None:
        claimed = self._frontier.claim(max_pages=self.spec.limits.max_pages, per_host=self.spec.politeness.concurrency)
        if claimed is None and self._looking is None and self._frontier.has_waiting():
            self._looking = asyncio.get_running_loop().call_later(_LOOK_AGAIN, self._look_again)
        return claimed

    def _look_again(self) -> None:
        self._looking = None
        self.wake()

    def turn(self, host: str, delay: float) -> float:
        """Seconds until this host may be asked; 0: now. See `AnyFrontier.turn`.

        Raises:
            RetryLater: the crawl is stopping; nothing is asked any more.
        """
        with self._boundary():
            wait = self._frontier.turn(host, delay) if self.fatal is None else 0.0
        if self.fatal is not None:
            raise RetryLater("the crawl is stopping") from self.fatal
        return wait

    def known_robots(self, site: str) -> str | None:
        """What another crawler read in the site's robots.txt."""
        with self._boundary():
            return self._frontier.robots(site) if self.fatal is None else None
        return None

    def robots_read(self, site: str, text: str, delay: float) -> None:
        """Let the others know it, and the pause that it asks for between two requests; 0 where it asks for none."""
        with self._boundary():
            self._frontier.keep_robots(site, text)
            self._frontier.slow_down(host_port(site)[0], delay)

    def beat(self) -> None:
        """Renew what this crawler holds."""
        with self._boundary():
            self._frontier.beat()

    def offer_sitemaps(self, urls: Iterable[str]) -> None:
        """Sitemaps that robots.txt names."""
        with self._boundary():
            if self.spec.discover:
                self._frontier.add(self._sitemap_targets(urls, 0))

    def _sitemap_targets(self, urls: Iterable[str], depth: int) -> list[Target]:
        targets = []
        for url in urls:
            target = join(url, url)
            if target and depth <= MAX_SITEMAP_DEPTH and self._scope.has_host(target) and self._sitemaps < MAX_SITEMAPS:
                self._sitemaps += 1
                targets.append(Target(target, Kind.SITEMAP, depth))
        return targets

    async def answered(self, claimed: Claimed, response: Response) -> None:
        """An answer arrived: a page, a list, a redirect or an error status."""
        if self.fatal is not None:
            return
        with self._boundary():
            try:
                await self._answered(claimed, response)
            except Quarantine as error:
                self._fail(claimed, "quarantined", str(error))

    async def _answered(self, claimed: Claimed, response: Response) -> None:
        status = response.status
        if 300 <= status < 400 and response.headers.get("Location"):
            self._redirect(claimed, response)
        elif status in RETRY_STATUS:
            self.lost(claimed, f"http_{status}", again=True, wait=retry_after(response))
        elif not 200 <= status < 300:
            self._fail(claimed, f"http_{status}", f"HTTP {status}")
        else:
            await self._work(claimed, response)

    async def _work(self, claimed: Claimed, response: Response) -> None:
        exchange = exchange_of(response, at=self._clock.now(), ids=self._ids, proxied=self.spec.network.proxy is not None)
        reply = await self._pool.do(
            Job(
                kind=claimed.target.kind,
                exchange=exchange,
                content_type=header(response, "Content-Type"),
                content_encoding=header(response, "Content-Encoding"),
                max_bytes=self.spec.limits.max_bytes,
            )
        )
        if self.fatal is not None:
            return
        if isinstance(reply, Failed):
            self._fail(claimed, reply.kind, reply.words, size=len(exchange.body))
        elif isinstance(reply, ListingDone):
            self._take_listing(claimed, reply, len(exchange.body))
        else:
            self._take_page(claimed, exchange, reply)

    def _take_page(self, claimed: Claimed, exchange: warc.Exchange, done: PageDone) -> None:
        blob = self._evidence.put(done.capture, warc.MEDIA_TYPE)
        item = build_item(self.spec.name, exchange, done, blob, chain=claimed.target.chain, capture_id=self._ids.new())
        arrival = self._inbox.put(item, run_id=self._run_id)
        if arrival is Arrival.KNOWN_DROPPED:
            self._evidence.delete(blob)
        result = Result(State.DONE, arrival, len(exchange.body), has_text=bool(item.text), has_date=bool(done.page.published_at))
        found, outside, deep = self._found(claimed.target, done)
        # Only now: what is done here is never fetched again, so the item lies in the inbox before (and in one log, when both are shared).
        self._frontier.finish(claimed.id, result, found, refused=deep, outside=outside, max_variants=self.spec.limits.max_query_variants)
        self._pages += 1
        self._show(item.locator)

    def _found(self, target: Target, done: PageDone) -> tuple[list[Target], list[str], Counter[str]]:
        """What a page led to, the addresses outside the scope, and how many lie too deep."""
        found = [
            Target(url, Kind.FEED) for url in done.page.feeds if target.depth == 0 and self.spec.discover and self._scope.has_host(url)
        ]
        deep = target.depth >= self.spec.limits.max_depth
        outside: list[str] = []
        refused: Counter[str] = Counter()
        for url in done.page.links:
            if url in self._seen:
                continue
            if not self._scope.has(url):
                outside.append(url)
            elif deep:
                refused["limit"] += 1
                continue  # not seen for good: a page nearer to the start may link to it too
            else:
                found.append(Target(url, Kind.PAGE, target.depth + 1))
            if len(self._seen) < _MAX_SEEN:
                self._seen.add(url)
        return found, outside, refused

    def _take_listing(self, claimed: Claimed, done: ListingDone, size: int) -> None:
        room = self.spec.limits.max_pages
        inside = [url for url in done.listing.pages if self._scope.has(url)]
        refused = {k: n for k, n in (("scope", len(done.listing.pages) - len(inside)), ("limit", len(inside) - room)) if n > 0}
        found = [Target(url) for url in inside[:room]] + self._sitemap_targets(done.listing.sitemaps, claimed.target.depth + 1)
        self._frontier.finish(claimed.id, Result(State.DONE, "read", size), found, refused=refused)
        self._show(claimed.target.url)

    def _redirect(self, claimed: Claimed, response: Response) -> None:
        here = claimed.target
        target = join(here.url, header(response, "Location"))
        chain = (*here.chain, here.url)
        if target is None or len(chain) > MAX_HOPS or target in chain:
            self._fail(claimed, "redirect_loop" if target else "redirect", "redirects lead nowhere")
            return
        inside = self._scope.has(target) if here.kind is Kind.PAGE else self._scope.has_host(target)
        if not inside:
            self._frontier.finish(claimed.id, Result(State.SKIPPED, "scope"))
            return
        self._frontier.finish(claimed.id, Result(State.DONE, "redirect"), [Target(target, here.kind, here.depth, chain)])

    def refused(self, claimed: Claimed, reason: str) -> None:
        """We did not ask: robots.txt or the network guard says no. While stopping that may only seem so, and the next run asks again."""
        if self.fatal is not None:
            return
        with self._boundary():
            self._frontier.finish(claimed.id, Result(State.SKIPPED, reason))

    def lost(self, claimed: Claimed, kind: str, *, again: bool, wait: float = 0.0) -> None:
        """No useful answer. Tried again later while the source's `retries` last, then counted as an error."""
        if self.fatal is not None:
            return
        with self._boundary():
            if again and claimed.tries <= self.spec.limits.retries:
                self._retry(claimed, wait)
            else:
                self._fail(claimed, kind, kind)

    def _retry(self, claimed: Claimed, wait: float) -> None:
        delay = max(wait, self.retry_delay(claimed.tries))
        self._frontier.retry(claimed.id, wait=delay)  # `_look_again` finds it

    def retry_delay(self, tries: int) -> float:
        """Seconds before the next try: doubled each time, from the source's own delay."""
        return float(max(0.2, self.spec.politeness.delay) * 2 ** (tries - 1))

    def _fail(self, claimed: Claimed, kind: str, words: str, *, size: int = 0) -> None:
        name = self.spec.name
        log.info("%s: %s: %s", name, claimed.target.url, words, extra={"run_id": self._run_id, "source": name})
        self._errors += 1
        self._frontier.finish(claimed.id, Result(State.FAILED, kind, size))
        self._show(claimed.target.url)

    @contextlib.contextmanager
    def _boundary(self) -> Iterator[None]:
        # Every call from Scrapy passes here: what goes wrong with frontier, inbox or evidence stops the run, which stays resumable, and
        # crawl() raises from it. Left to Scrapy it would be a line in a log, and the page lost.
        try:
            yield
        except Exception as error:  # noqa: BLE001  the run boundary
            if self.fatal is None:
                self.fatal = error
                self._on_fatal()

    def _show(self, url: str) -> None:
        now = time.monotonic()
        if self._progress is None or now - self._shown < _PROGRESS_SECONDS:
            return
        self._shown = now
        seconds = now - self._begun
        self._progress(CrawlProgress(self.spec.name, self._pages, self._frontier.waiting(), self._errors, seconds, url))

    def show_last(self) -> None:
        """The progress of the end, however short the crawl."""
        self._shown = float("-inf")
        self._show("")
