"""The store as one object: opened once a process, handed to flows and pages. Wires the parts of this room; holds no rule itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from rasoat.cases.workflow import SYSTEM, Staffing
from rasoat.clock import Clock, Ids, SystemClock
from rasoat.errors import DISK_FULL, ConfigError, RasoatError, RetryLater
from rasoat.ports import SearchIndex, SearchQuery
from rasoat.settings import Settings
from rasoat.store import accounts, audit, backup, blobs, dead_letters, ledger, packs
from rasoat.store.audit import AuditLog
from rasoat.store.backup import Backup
from rasoat.store.cases import SqlCases
from rasoat.store.counters import counts
from rasoat.store.database import Database
from rasoat.store.dialect_sqlite import Sqlite
from rasoat.store.dialects import Dialect
from rasoat.store.evidence_opening import open_evidence, open_packs
from rasoat.store.examining import Examiner
from rasoat.store.holds import Holds
from rasoat.store.inbox import SqlInbox
from rasoat.store.integrity import check
from rasoat.store.leasing import Leases
from rasoat.store.measuring import Backlog, Measures, outbox_lag
from rasoat.store.migrating import migrate
from rasoat.store.projecting import Backoff, Projector
from rasoat.store.records import PurgeReport, Tombstone
from rasoat.store.retention import purge
from rasoat.store.runs import Dossiers, Runs
from rasoat.store.search_fts5 import Fts5Index
from rasoat.store.subject_requests import SubjectRequests

log = structlog.get_logger(__name__)


class Store:
    """Everything that is kept. Safe to use from several threads; several processes may open the same home."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, ids: Ids, backoff: Backoff | None = None) -> None:
        self._settings, self._db, self._clock, self._ids = settings, database, clock, ids
        self.evidence = open_evidence(settings)
        self.packs = open_packs(settings)
        self.inbox = SqlInbox(database, self.evidence, clock)
        self.leases = Leases(database, self.evidence, clock, ids)
        self.cases = SqlCases(
            database, clock, ids, claim_minutes=settings.claim_minutes, staffing=accounts.staffing, after_erasure=self._after_erasure
        )
        self.accounts = accounts.Accounts(database, clock, ids, pepper=settings.secret("accounts.key"))
        self.holds = Holds(database, clock, ids, self._note_beside)
        self.requests = SubjectRequests(database, clock, ids, self._after_request)
        self.audit = AuditLog(database, clock)
        self.runs = Runs(database, clock, ids)
        self.dossiers = Dossiers(database)
        self.measures = Measures(database, clock)
        self.examiner = Examiner(database, self.evidence, self.packs)
        self._index = _search_index(settings)
        self._projector = Projector(database, self._index, clock, backoff)

    @property
    def search(self) -> SearchIndex:
        """The index of flagged items: a projection, in a file of its own or in Elasticsearch."""
        return self._index

    def project(self, limit: int = 1000) -> int:
        """Bring up to `limit` noted changes into the index; returns how many notes were carried out. 0 means that the index is fresh.

        Idempotent: the documents are read anew from SQL, and a note is struck out only after the index has taken them. What the index
        refuses for good is a dead letter then and stops nothing else.

        Raises:
            RetryLater: the index cannot be written now; every note is still there.
        """
        return self._projector.step(limit)

    def dead_letters(self) -> list[dead_letters.DeadLetter]:
        """Documents that the index refuses for good, the one that waits longest first."""
        with self._db.reading() as conn:
            return dead_letters.load(conn)

    def retry_dead_letters(self) -> int:
        """Note them all again: the next `project` tries them. Returns how many."""
        return self._projector.retry_dead_letters()

    def rebuild_index(self) -> int:
        """Build the index anew from SQL while readers go on with the old one; returns how many items it holds."""
        return self._projector.rebuild()

    def counts(self) -> dict[str, int]:
        """Flat numbers for people and scripts; `rasoat.store.counters.counts` says how they add up."""
        with self._db.reading() as conn:
            numbers = counts(conn)
        numbers["indexed"] = self.search.search(SearchQuery(limit=1)).total
        return numbers

    def outbox_lag(self) -> Backlog:
        """How many changes the index does not show yet."""
        with self._db.reading() as conn:
            return outbox_lag(conn)

    def staffing(self) -> Staffing:
        """Who could act now."""
        with self._db.reading() as conn:
            return accounts.staffing(conn)

    def purge(self, now: datetime) -> PurgeReport:
        """Retention (docs/retention.md): remove what is due at `now`, and say what went."""
        run_id = self.runs.start("purge", "retention")
        try:
            report = purge(self._db, self._ids, now)
            self.accounts.sessions.expire()
            packs.sweep(self._db, self.packs)
            removed = blobs.sweep(self._db, self.evidence)
            told = 0
            while step := self.project(1000):
                told += step
            self._index.compact()
            self._db.checkpoint()
            if (folder := self._settings.backups) is not None:
                self.write_ledger(folder, now)
                if gone := self.purge_backups(folder, now):
                    report = replace(report, purged={**report.purged, "backup_expired": len(gone)})
        except RasoatError as error:
            self.runs.finish(run_id, "failed", {}, problem=str(error))
            raise
        report = replace(report, blobs=removed, documents=told)
        also = {"held": len(report.held), "blobs": report.blobs, "documents": report.documents}
        self.runs.finish(run_id, "finished", {**report.purged, **also})
        return report

    @property
    def ids(self) -> Ids:
        """Where new ids come from."""
        return self._ids

    def write_ledger(self, folder: Path | None = None, now: datetime | None = None) -> int:
        """Note outside the database what was erased and what is held, beside the backups; returns how many lines were new.

        Raises:
            RetryLater: the folder of the backups is not there now; the next call writes it.
        """
        where = folder or self._settings.backups
        return 0 if where is None else ledger.sync(self._db, where, now or self._clock.now())

    def backup(self, folder: Path) -> Backup:
        """Write a backup below a folder, and the ledger beside it."""
        self.write_ledger(folder)
        self.packs.gather()
        made = backup.make(self._settings, self._db, self.packs, folder, self._clock.now(), ledger.read(folder).seq)
        self.runs.finish(self.runs.start("backup", made.name), "finished", {"blobs": made.blobs, "files": len(made.files)})
        return made

    def purge_backups(self, folder: Path, now: datetime) -> list[str]:
        """Remove the backups of a folder whose day has come, each with a tombstone; returns their names."""
        gone = backup.remove_expired(folder, now)
        if gone:
            with self._db.writing(durable=True) as conn:
                for name in gone:
                    audit.append(conn, now, "backup.purged", SYSTEM.pseudonym, "backup", name, {"rule": "backup_expired"})
        return gone

    def tombstones(self, since: datetime) -> list[Tombstone]:
        """What was purged since then: what, when, by which rule."""
        with self._db.reading() as conn:
            return audit.tombstones(conn, since)

    def check(self, *, deep: bool = False) -> list[str]:
        """Problems of database, chains, index and evidence; empty when all is well. `deep` re-hashes every blob.

        Reads much: for `doctor`, not for a page.
        """
        return check(self._db, self.evidence, self._index, deep=deep)

    @contextmanager
    def alone(self, job: str) -> Iterator[None]:
        """One at a time across processes and machines that share this store; waits. Falls when the holder dies, however it dies."""
        with self._db.alone(job):
            yield

    def close(self) -> None:
        """Give connections back."""
        self._index.close()
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _note_beside(self) -> None:
        try:
            self.write_ledger()
        except RetryLater as error:  # what was decided stands; the next purge writes it down
            log.warning("ledger.waits", problem=str(error))

    def _after_erasure(self) -> None:
        self._note_beside()
        try:
            packs.sweep(self._db, self.packs)
            blobs.collect(self._db, self.evidence)
        except RetryLater as error:  # what was decided stands; the next purge takes the bytes
            log.warning("evidence.erasure_waits", problem=str(error))

    def _after_request(self) -> None:
        """Somebody asked for it, so it goes now: packs, evidence, index, the database's files. The purge takes what waits."""
        self._after_erasure()
        try:
            while self.project(1000):
                pass
            self._index.compact()
        except (RetryLater, ConfigError) as error:  # it is noted for the index: the next projection takes it out
            log.warning("index.erasure_waits", problem=str(error))
        self._db.checkpoint()


def _search_index(settings: Settings) -> SearchIndex:
    if not settings.search_url:
        return Fts5Index(settings.home / "search.sqlite3")
    from rasoat.store.search_elastic import ElasticIndex, connect  # the embedded index needs no client

    key = settings.search_api_key.get_secret_value()
    user, secret = settings.search_user, "" if key else settings.search_secret
    client = connect(settings.search_url, user=user, password=secret, api_key=key, ca=settings.search_ca)
    return ElasticIndex(client, settings.search_index)


def _dialect(settings: Settings) -> Dialect:
    if not settings.database_url:
        return Sqlite(settings.home / "rasoat.sqlite3")
    from rasoat.store.dialect_postgresql import PostgreSql, address  # a newcomer's machine needs no driver

    return PostgreSql(address(settings.database_url, settings.database_secret))


def open_store(settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None) -> Store:
    """Open the store of this home; create or upgrade it first when needed (one SELECT when not).

    Raises:
        ConfigError: the home cannot be written, the database is damaged, or a newer version wrote it.
        RetryLater: the disk is full, or another process holds the database.
    """
    home = settings.home
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not settings.evidence_url:
            settings.evidence_dir.mkdir(exist_ok=True)
    except OSError as error:
        problem = f"cannot use {home}: {error.strerror or error}"
        if error.errno in DISK_FULL:
            raise RetryLater(f"{problem}; free disk space and run again") from error
        raise ConfigError(problem, hint="set RASOAT_HOME to a folder that you may write to") from error
    database = Database(_dialect(settings))
    try:
        migrate(database)
        return Store(settings, database, clock or SystemClock(), ids or Ids())
    except BaseException:
        database.close()
        raise


@contextmanager
def restored_store(settings: Settings, clock: Clock) -> Iterator[tuple[Store, Database]]:
    """The store that a backup was just loaded into: closed to everybody else (`migrating.RESTORING`)."""
    database = Database(_dialect(settings))
    with Store(settings, database, clock, Ids()) as store:
        yield store, database
