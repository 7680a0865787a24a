"""Whether a source is well: its plan (schedule and assertions, from its file) held against the diary of its runs. Pure: no store, no clock.

A source that yields too little fails loudly in its own run; here the same is told afterwards, with what nobody runs any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rasoat.store.measuring import RUNNING, SourceRuns

GRACE: Final = timedelta(hours=1)
"""How far behind its schedule a source may be before it is late: a run takes its time, and runs of other sources stand before it."""
ERROR: Final = "error:"
"""How the diary's counts mark an error by its kind."""


class Health(StrEnum):
    """One word for the operator."""

    NEVER = "never"  # has not run yet
    RUNNING = "running"  # under way, or left behind by a worker that died: running it again resumes
    FAILED = "failed"  # the last run kept a promise of the source's file not
    LATE = "late"  # was due and did not start
    WELL = "well"


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What the source's file promises. `schedule` is a cron line in Vietnamese time, None where it runs only when asked for."""

    name: str
    title: str
    schedule: str | None
    min_items: int
    min_share_with_text: float
    min_share_with_date: float


@dataclass(frozen=True, slots=True)
class Yield:
    """What came in the last finished run, beside what was promised; shares are None where nothing came or nobody counted."""

    items: int
    least_items: int
    share_with_text: float | None
    least_with_text: float
    share_with_date: float | None
    least_with_date: float

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        text, date = self.share_with_text, self.share_with_date
        return (
            self.items >= self.least_items
            and (text is None or text >= self.least_with_text)
            and (date is None or date >= self.least_with_date)
        )


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source as the operator and the metrics see it. `due` is when its next run should start."""

    plan: SourcePlan
    health: Health
    last_run: datetime | None
    last_end: datetime | None
    last_success: datetime | None
    due: datetime | None
    came: Yield | None
    errors: dict[str, int]
    problem: str


def health_of(plan: SourcePlan, runs: SourceRuns | None, due: datetime | None, now: datetime) -> SourceHealth:
    """`due`: the first time of its schedule after its last start, or after `now` where it never ran; None without a schedule."""
    if runs is None:
        return SourceHealth(plan, Health.NEVER, None, None, None, due, None, {}, "")
    last = runs.last
    return SourceHealth(
        plan=plan,
        health=_word(runs, due, now),
        last_run=last.started_at,
        last_end=last.finished_at,
        last_success=runs.last_success,
        due=due,
        came=None if last.state == RUNNING else yield_of(plan, last.counts),
        errors={kind.removeprefix(ERROR): n for kind, n in sorted(last.counts.items()) if kind.startswith(ERROR) and n},
        problem=last.problem,
    )


def _word(runs: SourceRuns, due: datetime | None, now: datetime) -> Health:
    if due is not None and now > due + GRACE:
        return Health.LATE  # also one that seems to run: a run does not outlast its own schedule by an hour
    if runs.last.state == RUNNING:
        return Health.RUNNING
    return Health.FAILED if runs.last.state == "failed" else Health.WELL


def yield_of(plan: SourcePlan, counts: dict[str, int]) -> Yield:
    """The counts of a run against the plan."""
    items = counts.get("pages", 0)

    def share(name: str) -> float | None:
        return counts[name] / items if items and name in counts else None

    return Yield(items, plan.min_items, share("with_text"), plan.min_share_with_text, share("with_date"), plan.min_share_with_date)
