"""What a crawl asks of a frontier, and which kind there is: SQLite in the home, or PostgreSQL, shared by crawlers on any machines.

One contract suite runs against both (`tests/crawlers/test_frontier.py`); nothing above this seam asks which it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Final, Protocol, Self

from crawlers import frontier as sqlite
from crawlers import frontier_queue as queue
from crawlers.frontier_postgresql import PostgresFrontier
from crawlers.frontier_schema import Connection, connect, translated
from crawlers.targets import Claimed, Kind, Result, Tally, Target
from rasoat.settings import Settings

BEAT_SECONDS: Final = 10.0
"""How often a crawler says that it lives."""


class AnyFrontier(Protocol):
    """The requests of one source. Entering joins the source's crawlers (or is refused), leaving gives back what was not finished."""

    source: str

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def open_run(self, run_id: str, starts: Iterable[Target]) -> bool:
        """Go on with the unfinished run, or start a new one from `starts`. True when it was resumed or joined.

        What was in flight at a crawler that died waits again. `run_id` names the run from here on, unless others are at it.
        """
        ...

    def close_run(self) -> bool:
        """Leave the run, and end it where nothing waits any more: the next `open_run` starts afresh.

        True for exactly one crawler of the run: the last one out, who writes down how it went.
        """
        ...

    def add_seconds(self, seconds: float) -> float:
        """Add working time to the run; returns its total, over resumes and crawlers."""
        ...

    def add(self, targets: Iterable[Target], *, max_variants: int = 0) -> int:
        """Queue what this run does not know yet; returns how many were new. `max_variants` bounds the queries of one path."""
        ...

    def claim(self, *, max_pages: int = 1_000_000, per_host: int = 1_000) -> Claimed | None:
        """The next request, now in flight here; None when nothing may be asked for at this moment.

        Once `max_pages` pages were started the pages that wait are given up. `per_host` bounds what all crawlers have in flight at one
        host; a frontier of one process leaves that to its process.
        """
        ...

    def finish(
        self,
        row_id: int,
        result: Result,
        found: Iterable[Target] = (),
        *,
        refused: Mapping[str, int] | None = None,
        outside: Iterable[str] = (),
        max_variants: int = 0,
    ) -> int:
        """Close a request, queue what it led to and count what it did not lead to, in one transaction; returns how many were new.

        `refused`: addresses that became no requests, by reason; `outside`: those outside the scope. A request that was taken from this
        crawler meanwhile is somebody else's: nothing is written.
        """
        ...

    def retry(self, row_id: int, *, wait: float) -> None:
        """Put a request back; it waits so many seconds."""
        ...

    def turn(self, host: str, delay: float) -> float:
        """Ask for the turn at a host: 0 gives it, and the next one comes `delay` seconds later; else the seconds to wait before asking."""
        ...

    def slow_down(self, host: str, delay: float) -> None:
        """The host itself asks for so many seconds between two requests (robots.txt); 0 takes that back."""
        ...

    def robots(self, site: str) -> str | None:
        """What another crawler of the run read in the site's robots.txt, at most a day ago (RFC 9309 §2.4); None: read it yourself."""
        ...

    def keep_robots(self, site: str, text: str) -> None:
        """Let the others know what a site's robots.txt says; empty: it has none."""
        ...

    def beat(self) -> None:
        """Say that this crawler lives; every `BEAT_SECONDS`."""
        ...

    def skip_queued(self, kind: Kind, reason: str) -> int:
        """Give up every waiting request of a kind."""
        ...

    def refuse(self, reason: str, count: int = 1) -> None:
        """Count addresses that never became requests."""
        ...

    def waiting(self) -> int:
        """How many requests are queued."""
        ...

    def has_waiting(self) -> bool:
        """Whether there is, or may yet be, something for this crawler to do."""
        ...

    def pages_done(self) -> int:
        """Pages read in this run, before and after a resume, by all crawlers."""
        ...

    def unsettled(self) -> int:
        """Requests that are neither done nor failed nor skipped."""
        ...

    def started_pages(self) -> int:
        """Pages asked for in this run; redirects and what was skipped do not count."""
        ...

    def tallies(self) -> list[Tally]:
        """The run's rows, grouped."""
        ...

    def refused(self) -> dict[str, int]:
        """Addresses that never became requests, by reason."""
        ...


def frontier_of(settings: Settings, source: str) -> AnyFrontier:
    """The frontier of a source: shared where the database is, else a file in the home."""
    if settings.database_url:
        return PostgresFrontier(settings.database_url, settings.database_secret, source)
    return sqlite.Frontier(settings.crawl_dir, source)


def is_crawled(settings: Settings, source: str) -> bool:
    """Whether somebody crawls this source now, this process included."""
    if settings.database_url:
        with _looking(settings) as db:
            return queue.is_crawled(db, source)
    return sqlite.Frontier(settings.crawl_dir, source).held()


def unfinished_run(settings: Settings, source: str) -> str | None:
    """The run id of a crawl of this source that was cut off or is under way, if there is one."""
    if settings.database_url:
        with _looking(settings) as db:
            run = queue.unfinished_run(db, source)
            return None if run is None else run[1]
    return sqlite.unfinished_run(settings.crawl_dir, source)


@contextmanager
def _looking(settings: Settings) -> Iterator[Connection]:
    with closing(connect(settings.database_url, settings.database_secret)) as db, translated(), db.transaction():
        yield db
