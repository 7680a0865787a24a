"""Numbers for whoever watches the system: how much waits and how long, what each stage has done, how each source's last run went.

Only codes, states, names of sources and counts: no word of an item and no person leaves this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from rasoat.cases.states import CLOSED_STATES, CaseState
from rasoat.clock import Clock
from rasoat.harms import Harm
from rasoat.store import outbox
from rasoat.store.counters import counts
from rasoat.store.database import Database
from rasoat.store.records import RunRecord
from rasoat.store.runs import run_of
from rasoat.store.subject_requests import Standing, standing
from rasoat.store.tables import CaseRow, ItemRow, RunRow

SUCCESS: Final = ("finished", "ok")
"""Words of the stages for a run that did what it should."""
RUNNING: Final = "running"
CRAWL: Final = "crawl"
"""The stage whose runs tell how a source is."""
_ENDED: Final = tuple(state.value for state in CLOSED_STATES | {CaseState.PURGED})


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many wait, and since when the one that waits longest."""

    waiting: int
    oldest: datetime | None = None

    def age(self, now: datetime) -> float:
        """Seconds; 0 when nothing waits, and never below: clocks of two machines differ."""
        return 0.0 if self.oldest is None else max(0.0, (now - self.oldest).total_seconds())


@dataclass(frozen=True, slots=True)
class SourceRuns:
    """The last run of a stage on a source, the end of the last one that went well, and how many ended how."""

    kind: str
    source: str
    last: RunRecord
    last_success: datetime | None
    ended: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One reading of everything, in one snapshot."""

    at: datetime
    queue: Mapping[tuple[CaseState, Harm], Backlog]
    inbox: Backlog
    totals: Mapping[str, int]
    index: Backlog
    runs: tuple[SourceRuns, ...]
    requests: Standing  # of people whose posts are kept

    @property
    def crawls(self) -> dict[str, SourceRuns]:
        """Of all runs those that crawled, by source."""
        return {found.source: found for found in self.runs if found.kind == CRAWL}


class Measures:
    """What `store.measures` offers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    def read(self) -> Measurement:
        """Everything at once. Counts whole tables: ask every few seconds, not on every page."""
        with self._db.reading() as conn:
            now = self._clock.now()
            return Measurement(
                at=now,
                queue=_queue(conn),
                inbox=_inbox(conn),
                totals=counts(conn),
                index=outbox_lag(conn),
                runs=_runs(conn),
                requests=standing(conn, now),
            )

    def crawls(self) -> dict[str, SourceRuns]:
        """By source, how its crawls went: cheap, for a page."""
        with self._db.reading() as conn:
            return {found.source: found for found in _runs(conn, RunRow.kind == CRAWL)}


def outbox_lag(conn: Connection) -> Backlog:
    """Changes that the search index does not show yet."""
    return Backlog(*outbox.backlog(conn))


def _queue(conn: Connection) -> dict[tuple[CaseState, Harm], Backlog]:
    """Cases that are not closed, by state and by the harm that was suggested; age since they came into that state."""
    query = (
        select(CaseRow.state, CaseRow.suggested, func.count(), func.min(CaseRow.since))
        .where(CaseRow.state.not_in(_ENDED))
        .group_by(CaseRow.state, CaseRow.suggested)
    )
    return {(CaseState(state), Harm(harm)): Backlog(n, oldest) for state, harm, n, oldest in conn.execute(query) if state}


def _inbox(conn: Connection) -> Backlog:
    query = select(func.count(), func.min(ItemRow.first_seen)).where(ItemRow.status == "pending")
    waiting, oldest = conn.execute(query).one()
    return Backlog(waiting, oldest)


def _runs(conn: Connection, only: ColumnElement[bool] | None = None) -> tuple[SourceRuns, ...]:
    """One reading of the diary for all, and the newest row of each."""
    well = case((RunRow.state.in_(SUCCESS), RunRow.finished_at))
    tally = select(RunRow.kind, RunRow.source, RunRow.state, func.count(), func.max(RunRow.started_at), func.max(well))
    tally = tally.group_by(RunRow.kind, RunRow.source, RunRow.state)
    tally = tally if only is None else tally.where(only)
    ended: dict[tuple[str, str], dict[str, int]] = {}
    newest: dict[tuple[str, str], datetime] = {}
    success: dict[tuple[str, str], datetime] = {}
    for kind, source, state, n, started, finished in conn.execute(tally):
        key = (kind, source)
        ended.setdefault(key, {})[state] = n
        newest[key] = max(started, newest.get(key, started))
        if finished is not None:
            success[key] = max(finished, success.get(key, finished))
    return tuple(SourceRuns(*key, last, success.get(key), ended[key]) for key, last in _newest(conn, newest).items())


def _newest(conn: Connection, newest: Mapping[tuple[str, str], datetime]) -> dict[tuple[str, str], RunRecord]:
    found = {}
    for (kind, source), started in sorted(newest.items()):
        where = and_(RunRow.kind == kind, RunRow.source == source, RunRow.started_at == started)
        found[kind, source] = run_of(conn.execute(select(RunRow.__table__).where(where).order_by(RunRow.id).limit(1)).one())
    return found
