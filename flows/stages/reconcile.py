"""What a dead worker left behind is put in order before a job begins: leases that nobody holds, runs that nobody is at any more.

Asks our own locks, never Prefect: a run is alive as long as somebody crawls its source. Repeated without harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from crawlers.frontier_seam import is_crawled
from flows.runtime import Runtime
from flows.stages.crawl import KIND as CRAWL
from rasoat.store.records import RunRecord

log = structlog.get_logger(__name__)
JUST_BEGUN: Final = timedelta(minutes=1)
"""A crawl stands in the diary a moment before it takes its lock."""
A_DAY: Final = timedelta(days=1)
"""Runs of stages without a lock of their own are taken for dead after so long."""
LEFT: Final = "left behind by a process that died; the next run goes on where it stopped"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many items wait again, and how many runs were closed that nobody would have ended."""

    freed: int = 0
    closed: int = 0


def reconcile(rt: Runtime, *, resuming: str = "") -> Reconciled:
    """Put in order what the dead left. The crawl of `resuming` is left as it is: whoever asks is about to go on with it."""
    freed = rt.store.leases.reconcile()
    dead = [run for run in rt.store.runs.unfinished() if not (run.kind == CRAWL and run.source == resuming) and _dead(rt, run)]
    for run in dead:
        rt.store.runs.finish(run.id, "failed", run.counts, problem=LEFT)
        log.warning("run.left_behind", run_id=run.id, stage=run.kind)
    return Reconciled(freed, len(dead))


def _dead(rt: Runtime, run: RunRecord) -> bool:
    age = rt.clock.now() - run.started_at
    if run.kind != CRAWL:
        return age > A_DAY
    return age > JUST_BEGUN and not is_crawled(rt.settings, run.source)
