"""What a crawl says of itself: progress while it runs, a report with its health at the end. Counts come from the frontier's rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from crawlers.frontier_seam import AnyFrontier
from crawlers.sources import Assertions, SourceSpec
from crawlers.targets import Kind, State, Tally
from rasoat.ports import Arrival

_REASONS = {
    "robots": "robots.txt forbids {n} addresses",
    "robots_unreachable": "robots.txt could not be read, so {n} addresses were not asked for (RFC 9309)",
    "private": "{n} addresses point into a private network; `allow_private` (--allow-private) permits that for servers of your own",
    "network": "{n} addresses lie outside .example, where the demo web ends",
    "scope": "{n} addresses lie outside the source's scope",
}


@dataclass(frozen=True, slots=True)
class CrawlProgress:
    """A moment of a running crawl."""

    source: str
    pages: int
    waiting: int
    errors: int
    seconds: float
    url: str


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """One run of one source, over all its resumes and all its crawlers."""

    source: str
    run_id: str
    pages: int  # pages read
    captures: int  # kept: those of known, unflagged, unchanged pages are not
    items: Mapping[Arrival, int]
    bytes: int  # as received
    errors: Mapping[str, int]  # by kind: http_404 timeout connection dns too_large bomb …
    skipped: Mapping[str, int]  # by reason: robots scope limit private network redirect …
    seconds: float
    resumed: bool
    assertion_failures: tuple[str, ...]
    ok: bool
    with_text: int = 0  # of `pages`
    with_date: int = 0
    last_out: bool = True  # False: other crawlers are at the run, or one of them has ended it and written down how it went


def build_report(spec: SourceSpec, frontier: AnyFrontier, *, run_id: str, seconds: float, resumed: bool) -> CrawlReport:
    """Count the run and hold it against the source's assertions."""
    tallies = frontier.tallies()
    pages = [row for row in tallies if row.kind is Kind.PAGE and row.state is State.DONE and row.outcome in list(Arrival)]
    items = {arrival: sum(row.n for row in pages if row.outcome == arrival) for arrival in Arrival}
    errors = _counted(tallies, State.FAILED)
    skipped = _counted(tallies, State.SKIPPED) + Counter(frontier.refused())
    failures = _failures(spec.assertions, pages, errors, skipped)
    if left := frontier.unsettled():
        failures = (f"the run ended with {left} addresses open: the same command goes on with them", *failures)
    return CrawlReport(
        source=spec.name,
        run_id=run_id,
        pages=sum(row.n for row in pages),
        captures=sum(row.n for row in pages if row.outcome != Arrival.KNOWN_DROPPED),
        items=items,
        bytes=sum(row.bytes for row in tallies),
        errors=dict(errors),
        skipped=dict(skipped),
        seconds=seconds,
        resumed=resumed,
        assertion_failures=failures,
        ok=not failures,
        with_text=sum(row.has_text for row in pages),
        with_date=sum(row.has_date for row in pages),
    )


def _counted(tallies: list[Tally], state: State) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in tallies:
        if row.state is state:
            counted[row.outcome] += row.n
    return counted


def _failures(wanted: Assertions, pages: list[Tally], errors: Counter[str], skipped: Counter[str]) -> tuple[str, ...]:
    total = sum(row.n for row in pages)
    failures = []
    if total < wanted.min_items:
        failures.append(f"{total} items came in, at least {wanted.min_items} were expected{_because(errors, skipped)}")
    for name, least, got in (
        ("text", wanted.min_share_with_text, sum(row.has_text for row in pages)),
        ("a date", wanted.min_share_with_date, sum(row.has_date for row in pages)),
    ):
        if total and got / total < least:
            failures.append(f"{got} of {total} items have {name} ({got / total:.0%}), at least {least:.0%} were expected")
    return tuple(failures)


def _because(errors: Counter[str], skipped: Counter[str]) -> str:
    reasons = [words.format(n=skipped[reason]) for reason, words in _REASONS.items() if skipped[reason]]
    reasons += [f"{n} times {kind.replace('_', ' ')}" for kind, n in errors.most_common(5)]
    return f": {'; '.join(reasons)}" if reasons else ""
