"""What is done with one answer away from the reactor: unpack, read, extract, write the capture. Plain functions and frozen messages.

Runs in a worker process (see `crawlers.worker`), so that a hostile page can cost a worker and never the crawl.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from crawlers import decode, extract, listings, warc
from crawlers.targets import Kind
from rasoat.canonical import sha256_hex

SOFT_SECONDS = 10.0  # main-text extraction of a 145 kB page takes 10 ms; after this the page goes on without it


@dataclass(frozen=True, slots=True)
class Job:
    """One answer to work on."""

    kind: Kind
    exchange: warc.Exchange
    content_type: str
    content_encoding: str
    max_bytes: int


@dataclass(frozen=True, slots=True)
class PageDone:
    """A page was read."""

    page: extract.Page
    capture: bytes  # the WARC
    payload_sha256: str


@dataclass(frozen=True, slots=True)
class ListingDone:
    """A sitemap or feed was read."""

    listing: listings.Listing


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing could be made of it. `kind` is counted, `words` are shown."""

    kind: str
    words: str


Reply = PageDone | ListingDone | Failed


class _TooSlow(Exception):
    pass


def work(job: Job, *, soft_seconds: float = SOFT_SECONDS) -> Reply:
    """Do one job. A page's own faults come back as `Failed`."""
    try:
        if job.kind is not Kind.PAGE:
            data = decode.unpack(job.exchange.body, job.content_encoding, job.max_bytes)
            return ListingDone(listings.read_listing(data, job.exchange.url, limit=job.max_bytes))
        return PageDone(_page(job, soft_seconds), warc.write_capture(job.exchange), sha256_hex(job.exchange.body))
    except decode.PageProblem as problem:
        return Failed(problem.kind, str(problem))
    except (MemoryError, RecursionError):
        return Failed("extraction", "the page needs more memory or depth than a page may take")


def _page(job: Job, soft_seconds: float) -> extract.Page:
    text = decode.to_text(decode.unpack(job.exchange.body, job.content_encoding, job.max_bytes), job.content_type)
    if job.content_type.lower().startswith("text/plain"):
        return extract.plain_page(text)
    try:
        with _time_limit(soft_seconds):
            return extract.extract(text, job.exchange.url)
    except _TooSlow:
        return extract.extract_lightly(text, job.exchange.url)


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    # Python code is interrupted here; what hangs inside C is ended by the pool, from outside.
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
