"""The crawl of one or more sources in one reactor: takes the locks, runs, reports. The door of this room.

May be called again in the same process, from the same thread. Stops on Ctrl-C like any Python function; the next call resumes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import FrameType

from scrapy.crawler import Crawler
from scrapy.settings import Settings as ScrapySettings
from scrapy.utils.reactor import install_reactor, is_asyncio_reactor_installed, is_reactor_installed

from crawlers.frontier_seam import BEAT_SECONDS, AnyFrontier, frontier_of
from crawlers.guard import PinnedResolver
from crawlers.pool import Pool
from crawlers.report import CrawlProgress, CrawlReport, build_report
from crawlers.site.config import scrapy_settings
from crawlers.site.job import SourceJob
from crawlers.site.spider import SiteSpider
from crawlers.sources import Assertions, Limits, Network, Politeness, SourceSpec
from crawlers.urls import BadUrl, canonical, host_port
from rasoat.clock import Clock, Ids, SystemClock
from rasoat.errors import RetryLater, UsageError
from rasoat.ports import EvidenceStore, Inbox
from rasoat.settings import Settings

_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_QUIET = ("scrapy", "twisted", "filelock", "protego", "asyncio")


def spec_for_url(url: str, max_pages: int, allow_private: bool) -> SourceSpec:
    """A source for any site, without writing one: `rasoat crawl URL`. The same URL gives the same name, so a cut-off crawl resumes.

    Raises:
        UsageError: not an address that can be crawled.
    """
    address = url if "://" in url else f"https://{url}"
    try:
        host, _ = host_port(address)
        digest = hashlib.sha256(canonical(address).encode()).hexdigest()[:8]
    except BadUrl as error:
        raise UsageError(f"cannot crawl '{url}': {error}") from error
    if max_pages < 1:
        raise UsageError(f"--max-pages {max_pages}: at least 1")
    label = "".join(char if char.isalnum() and char.isascii() else "-" for char in host.lower()).strip("-")[:40].strip("-")
    return SourceSpec(
        name=f"url-{label}-{digest}",
        title=address,
        seeds=(address,),
        limits=Limits(max_pages=max_pages),
        politeness=Politeness(delay=0.0, concurrency=8) if allow_private else Politeness(),
        network=Network(allow_private=allow_private),
        assertions=Assertions(),
    )


def crawl(
    specs: Iterable[SourceSpec],
    *,
    inbox: Inbox,
    evidence: EvidenceStore,
    settings: Settings,
    run_ids: dict[str, str],
    demo_proxy: str | None = None,
    progress: Callable[[CrawlProgress], None] | None = None,
    clock: Clock | None = None,
    ids: Ids | None = None,
    workers: int = 0,
) -> list[CrawlReport]:
    """Crawl the sources side by side; one report each, in their order.

    `run_ids` maps a source's name to the run that its items are put under. `demo_proxy` (`http://127.0.0.1:8081`) serves the sources
    with `network.proxy: demo`. `workers` is the number of extraction processes (0: one per core, at most 4).

    Raises:
        UsageError: a source is being crawled by another process, or lacks its run id or its demo web.
        RetryLater: what was crawled could not be kept (full disk, broken store): calling again resumes.
    """
    chosen = list(specs)
    _check(chosen, run_ids, demo_proxy)
    if not chosen:
        return []
    loop, resolver = _reactor_loop()
    with contextlib.ExitStack() as stack:
        frontiers = [stack.enter_context(frontier_of(settings, spec.name)) for spec in chosen]
        pool = Pool(workers or min(4, os.cpu_count() or 1))
        stack.callback(pool.close)
        run = _Run(loop)
        resumed, jobs = [], []
        for spec, frontier in zip(chosen, frontiers, strict=True):
            resumed.append(frontier.open_run(run_ids[spec.name], SourceJob.starts(spec)))
            jobs.append(
                SourceJob(
                    spec,
                    frontier=frontier,
                    inbox=inbox,
                    evidence=evidence,
                    pool=pool,
                    resolver=resolver,
                    clock=clock or SystemClock(),
                    ids=ids or Ids(),
                    run_id=run_ids[spec.name],
                    demo_proxy=demo_proxy,
                    progress=progress,
                    on_fatal=run.stop,
                )
            )
        if demo_proxy:
            loop.run_until_complete(resolver.addresses(host_port(demo_proxy)[0]))
        seconds = run.crawl(jobs)
        _raise_fatal(jobs)
        return [
            _close(spec, frontier, run_ids[spec.name], seconds[spec.name], was)
            for spec, frontier, was in zip(chosen, frontiers, resumed, strict=True)
        ]


def _check(specs: list[SourceSpec], run_ids: dict[str, str], demo_proxy: str | None) -> None:
    for spec in specs:
        if spec.name not in run_ids:
            raise UsageError(f"the source '{spec.name}' has no run id")
        if spec.network.proxy == "demo" and not demo_proxy:
            raise UsageError(f"the source '{spec.name}' belongs to the demo web, which does not run; `make run` starts it")
    if len({spec.name for spec in specs}) != len(specs):
        raise UsageError("a source is named twice")


def _close(spec: SourceSpec, frontier: AnyFrontier, run_id: str, seconds: float, resumed: bool) -> CrawlReport:
    total = frontier.add_seconds(seconds)
    report = build_report(spec, frontier, run_id=run_id, seconds=total, resumed=resumed)
    return replace(report, last_out=frontier.close_run())


def _raise_fatal(jobs: list[SourceJob]) -> None:
    for job in jobs:
        if job.fatal is not None:
            words = f"the crawl of '{job.spec.name}' stopped: what it read could not be kept ({job.fatal})"
            raise RetryLater(f"{words}; mend that and run the same command again, it goes on where it stopped") from job.fatal


class _Run:
    """The crawlers of one call."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._crawlers: list[Crawler] = []
        self._interrupted = False
        self._stopping: set[asyncio.Task[None]] = set()

    def crawl(self, jobs: list[SourceJob]) -> dict[str, float]:
        """Run all jobs to their end; seconds by source."""
        task = self._loop.create_task(self._all(jobs))
        try:
            with self._ctrl_c(task):
                return self._loop.run_until_complete(task)
        except BaseException as error:
            self._cancel()
            if self._interrupted and isinstance(error, asyncio.CancelledError):
                raise KeyboardInterrupt from None
            raise

    @contextlib.contextmanager
    def _ctrl_c(self, task: asyncio.Task[dict[str, float]]) -> Iterator[None]:
        # Python's own handler raises wherever the program stands; inside a Twisted callback that is caught and lost. So the first Ctrl-C
        # cancels the run, from which KeyboardInterrupt is raised; a second one raises at once. (asyncio.run does the same.)
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or before is not signal.default_int_handler:
            yield
            return

        def ring(_number: int, _frame: FrameType | None) -> None:
            self._interrupted = True
            signal.signal(signal.SIGINT, before)
            self._loop.call_soon_threadsafe(task.cancel)

        signal.signal(signal.SIGINT, ring)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    async def _all(self, jobs: list[SourceJob]) -> dict[str, float]:
        return dict(await asyncio.gather(*(self._one(job) for job in jobs)))

    async def _one(self, job: SourceJob) -> tuple[str, float]:
        begun = time.monotonic()
        crawler = Crawler(SiteSpider, ScrapySettings(scrapy_settings(job.spec)))
        self._crawlers.append(crawler)
        alive = asyncio.ensure_future(_keep_alive(job))
        try:
            await crawler.crawl_async(job=job)
        finally:
            alive.cancel()
        job.show_last()
        return job.spec.name, time.monotonic() - begun

    def stop(self) -> None:
        """End every crawl as soon as its open requests are through."""
        for crawler in self._crawlers:
            task = asyncio.ensure_future(crawler.stop_async())
            self._stopping.add(task)
            task.add_done_callback(self._stopping.discard)

    def _cancel(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


async def _keep_alive(job: SourceJob) -> None:
    while job.fatal is None:
        await asyncio.sleep(BEAT_SECONDS)
        job.beat()


def _reactor_loop() -> tuple[asyncio.AbstractEventLoop, PinnedResolver]:
    """The event loop under Twisted's reactor, started once for the process, with our resolver in it.

    The reactor is never run or stopped, only its loop is driven: so a second crawl is possible, and no signal handler is installed.
    """
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("scrapy.core.downloader.handlers.http11").setLevel(logging.ERROR)  # sizes past the limit are in the report
    if is_reactor_installed() and not is_asyncio_reactor_installed():
        raise UsageError("another Twisted reactor is installed in this process: crawl in a process of its own")
    if not is_reactor_installed():
        install_reactor(_REACTOR)
    from twisted.internet import reactor

    if not isinstance(reactor.nameResolver, PinnedResolver):
        reactor.installNameResolver(PinnedResolver())
    if not reactor.running:
        reactor.startRunning(installSignalHandlers=False)
    reactor.nameResolver.forget()
    return reactor._asyncioEventloop, reactor.nameResolver
