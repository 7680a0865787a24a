"""The sources as whoever runs the system sees them: their plans from the files, their next runs, their health from the diary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import structlog

from crawlers.sources import SourceSpec, load_source
from rasoat.errors import ConfigError
from rasoat.health import SourceHealth, SourcePlan, health_of
from rasoat.settings import Settings
from rasoat.store.measuring import SourceRuns

log = structlog.get_logger(__name__)
VIETNAM: Final = timezone(timedelta(hours=7))
"""Cron lines of sources are in Vietnamese time (data/sources/README.md), which is UTC+7 all year."""


def plans(settings: Settings) -> tuple[SourcePlan, ...]:
    """Every source that has a file, by name. A wrong file is passed over and logged: `rasoat doctor` says what is wrong with it."""
    return tuple(_plan(spec) for spec in _readable(settings.data / "sources"))


def _readable(folder: Path) -> Iterator[SourceSpec]:
    for path in sorted(folder.glob("*/source.yml")):
        try:
            yield load_source(path)
        except ConfigError as error:
            log.warning("source.unreadable", source=path.parent.name, problem=str(error))


def _plan(spec: SourceSpec) -> SourcePlan:
    wanted = spec.assertions
    return SourcePlan(spec.name, spec.title, spec.schedule, wanted.min_items, wanted.min_share_with_text, wanted.min_share_with_date)


def next_run(schedule: str | None, after: datetime) -> datetime | None:
    """The first time of a cron line after a moment, UTC; None without a schedule, or where no library can read one."""
    if schedule is None:
        return None
    try:
        from cronsim import CronSim  # of the extra `flows`: without Prefect nothing keeps to the schedule either
    except ImportError:
        return None
    return next(CronSim(schedule, after.astimezone(VIETNAM)), after).astimezone(after.tzinfo)


def healths(known: Sequence[SourcePlan], runs: Mapping[str, SourceRuns], now: datetime) -> tuple[SourceHealth, ...]:
    """Each source's health; sources without a file are left out: nobody promised anything of them."""
    return tuple(_health(plan, runs.get(plan.name), now) for plan in known)


def _health(plan: SourcePlan, runs: SourceRuns | None, now: datetime) -> SourceHealth:
    return health_of(plan, runs, next_run(plan.schedule, runs.last.started_at if runs else now), now)
