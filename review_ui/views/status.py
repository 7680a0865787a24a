"""The operator's page: sources against what their files assert, and what waits where. Numbers and names of sources, no text of an item."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from rasoat.cases.states import Role
from rasoat.health import Health, SourceHealth
from rasoat.store.measuring import Measurement
from review_ui.views.base import View


class Promise(View):
    """One assertion of a source's file beside what came. Shares are between 0 and 1; `came` is None where nothing was counted."""

    what: str  # items, text, date
    came: float | None
    least: float
    kept: bool


class ErrorCount(View):
    """Errors of one kind in the last run."""

    kind: str
    count: int


class SourceLine(View):
    """One source."""

    name: str
    title: str
    health: str
    started: bool  # from this page, and not ended
    last_run: datetime | None
    last_end: datetime | None
    last_success: datetime | None
    schedule: str | None
    next_run: datetime | None
    overdue: bool
    promises: tuple[Promise, ...]
    errors: tuple[ErrorCount, ...]
    problem: str


class Waiting(View):
    """What waits at one place, and since when the oldest does."""

    where: str  # inbox, queue, index, dead_letters, quarantined, unmapped, requests
    count: int
    oldest_since: datetime | None
    attention: bool


class StatusPage(View):
    """The page."""

    at: datetime
    may_run: bool
    busy: bool
    waiting: tuple[Waiting, ...]
    healths: dict[str, int]
    sources: tuple[SourceLine, ...]


_ORDER = (Health.FAILED, Health.LATE, Health.RUNNING, Health.NEVER, Health.WELL)


def status_page(
    sources: Sequence[SourceHealth], read: Measurement, under_way: Collection[str], roles: frozenset[Role], now: datetime
) -> StatusPage:
    """What needs a person stands first."""
    ordered = sorted(sources, key=lambda source: (_ORDER.index(source.health), source.plan.name))
    lines = tuple(_line(source, source.plan.name in under_way, now) for source in ordered)
    return StatusPage(
        at=now,
        may_run=Role.OPERATOR in roles,
        busy=any(line.started or line.health == Health.RUNNING for line in lines),
        waiting=_waiting(read),
        healths={health.value: n for health in _ORDER if (n := sum(source.health is health for source in sources))},
        sources=lines,
    )


def _line(source: SourceHealth, started: bool, now: datetime) -> SourceLine:
    return SourceLine(
        name=source.plan.name,
        title=source.plan.title,
        health=source.health.value,
        started=started,
        last_run=source.last_run,
        last_end=source.last_end,
        last_success=source.last_success,
        schedule=source.plan.schedule,
        next_run=source.due,
        overdue=source.due is not None and source.due < now,
        promises=_promises(source),
        errors=tuple(ErrorCount(kind=kind, count=n) for kind, n in source.errors.items()),
        problem=source.problem,
    )


def _promises(source: SourceHealth) -> tuple[Promise, ...]:
    came = source.came
    if came is None:
        return ()
    shares = (("text", came.share_with_text, came.least_with_text), ("date", came.share_with_date, came.least_with_date))
    items = Promise(what="items", came=came.items, least=came.least_items, kept=came.items >= came.least_items)
    return (items, *(Promise(what=what, came=share, least=least, kept=share is None or share >= least) for what, share, least in shares))


def _waiting(read: Measurement) -> tuple[Waiting, ...]:
    opened = [backlog.oldest for backlog in read.queue.values() if backlog.oldest]
    cases = sum(backlog.waiting for backlog in read.queue.values())
    asked = read.requests
    aside = {where: read.totals[where] for where in ("dead_letters", "quarantined", "unmapped")}
    return (
        Waiting(where="inbox", count=read.inbox.waiting, oldest_since=read.inbox.oldest, attention=False),
        Waiting(where="queue", count=cases, oldest_since=min(opened, default=None), attention=False),
        Waiting(where="index", count=read.index.waiting, oldest_since=read.index.oldest, attention=False),
        *(Waiting(where=where, count=count, oldest_since=None, attention=count > 0) for where, count in aside.items()),
        Waiting(where="requests", count=asked.open, oldest_since=asked.oldest, attention=asked.overdue > 0),
    )
