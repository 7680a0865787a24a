"""The diary of the machines: which run of which stage went how. And the list of sealed packs, which is as plain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select, update

from rasoat.clock import Clock, Ids
from rasoat.errors import Conflict, UsageError
from rasoat.store.database import Database
from rasoat.store.records import DossierRecord, RunRecord
from rasoat.store.tables import DossierRow, RunRow

_COLUMNS = ("id", "case_id", "version", "path", "sha256", "built_at")


class Runs:
    """What `store.runs` offers."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._db, self._clock, self._ids = database, clock, ids

    def start(self, kind: str, source: str) -> str:
        """A run begins; returns its id."""
        run_id = self._ids.new()
        row = {
            "id": run_id,
            "kind": kind,
            "source": source,
            "state": "running",
            "started_at": self._clock.now(),
            "counts": {},
            "problem": "",
        }
        with self._db.writing() as conn:
            conn.execute(insert(RunRow), row)
        return run_id

    def finish(self, run_id: str, state: str, counts: Mapping[str, int], problem: str = "") -> None:
        """A run has ended: `state` is `ok`, `failed` or another word of the stage.

        Waits for the disk, and with it for all that the run wrote: what is told as done is not done again, so that a crash of the
        server must not take its last moments back.

        Raises:
            UsageError: there is no such run.
        """
        values = {"state": state, "counts": dict(counts), "problem": problem[:2000], "finished_at": self._clock.now()}
        with self._db.writing(durable=True) as conn:
            if conn.execute(update(RunRow).where(RunRow.id == run_id).values(**values)).rowcount == 0:
                raise UsageError(f"there is no run {run_id}")

    def last(self, kind: str, source: str) -> RunRecord | None:
        """The newest run of a stage on a source."""
        query = select(RunRow.__table__).where(RunRow.kind == kind, RunRow.source == source)
        with self._db.reading() as conn:
            row = conn.execute(query.order_by(RunRow.started_at.desc(), RunRow.id).limit(1)).first()
        return None if row is None else run_of(row)

    def unfinished(self) -> tuple[RunRecord, ...]:
        """Runs that began and did not end, oldest first: under way, or left behind by a process that died."""
        query = select(RunRow.__table__).where(RunRow.state == "running").order_by(RunRow.started_at, RunRow.id)
        with self._db.reading() as conn:
            return tuple(run_of(row) for row in conn.execute(query))


class Dossiers:
    """What `store.dossiers` offers."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, record: DossierRecord) -> None:
        """Note a pack that lies on disk; the same record twice is one row.

        Raises:
            UsageError: there is no such case.
            Conflict: another pack has this id, or the case has another pack of this version.
        """
        with self._db.writing(durable=True) as conn:
            known = conn.execute(select(DossierRow.__table__).where(DossierRow.id == record.id)).first()
            if known is not None:
                if _dossier(known) != record:
                    raise Conflict(f"another pack has the id {record.id}")
                return
            taken = select(DossierRow.id).where(DossierRow.case_id == record.case_id, DossierRow.version == record.version)
            if conn.execute(taken).first() is not None:
                raise Conflict(f"the case has a pack of version {record.version} already")
            conn.execute(insert(DossierRow), {name: getattr(record, name) for name in _COLUMNS})

    def of(self, case_id: str) -> tuple[DossierRecord, ...]:
        """The packs of a case, oldest first."""
        query = select(DossierRow.__table__).where(DossierRow.case_id == case_id).order_by(DossierRow.version)
        with self._db.reading() as conn:
            return tuple(_dossier(row) for row in conn.execute(query))


def run_of(row: Any) -> RunRecord:
    """A row of the diary."""
    return RunRecord(row.id, row.kind, row.source, row.state, row.started_at, row.finished_at, row.counts, row.problem)


def _dossier(row: Any) -> DossierRecord:
    return DossierRecord(row.id, row.case_id, row.version, row.path, row.sha256, row.built_at)
