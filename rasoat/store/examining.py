"""Questions of the doctor to the database: schema, triggers, rights, samples of chains, evidence and packs, and whose clock says what.

Reads only. The whole of it is `integrity.check`; samples are for systems on which that takes hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, func, select, text

from rasoat.errors import RasoatError
from rasoat.items import BlobRef
from rasoat.store import chain
from rasoat.store.columns import from_micros
from rasoat.store.database import Database
from rasoat.store.encoding import blob_from_json
from rasoat.store.evidence import Evidence
from rasoat.store.migrating import REVISIONS
from rasoat.store.packs import Packs
from rasoat.store.tables import AuditRow, CaptureRow, CaseRow, DossierRow, EventRow
from rasoat.store.triggers import create_statements

APPEND_ONLY: Final = (
    ("events", ("UPDATE", "DELETE", "TRUNCATE")),
    ("audit_log", ("DELETE", "TRUNCATE")),
    ("cases", ("DELETE", "TRUNCATE")),
    ("transitions", ("INSERT", "UPDATE", "DELETE")),
    ("alembic_version", ("INSERT", "UPDATE", "DELETE")),
)
"""What the application's role must not be allowed (`roles.sql`)."""
_TRIGGER: Final = re.compile(r"CREATE TRIGGER (\w+)")
_SQLITE_TRIGGERS: Final = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL_TRIGGERS: Final = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"


class Examiner:
    """What `store.examiner` offers."""

    def __init__(self, database: Database, evidence: Evidence, packs: Packs) -> None:
        self._db, self._evidence, self._packs = database, evidence, packs

    @property
    def where(self) -> str:
        """Which database it is; never with a password."""
        return self._db.where

    def schema(self) -> tuple[str, str]:
        """The version of the schema that is there, and the one that this program makes."""
        with self._db.reading() as conn:
            return conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one(), REVISIONS[-1]

    def missing_triggers(self) -> list[str]:
        """Triggers that are gone or switched off; empty when all stand."""
        with self._db.reading() as conn:
            wanted = {name for statement in create_statements(conn.dialect.name) for name in _TRIGGER.findall(statement)}
            query = _SQLITE_TRIGGERS if conn.dialect.name == "sqlite" else _POSTGRESQL_TRIGGERS
            return sorted(wanted - set(conn.execute(text(query)).scalars()))

    def excess_rights(self) -> list[str] | None:
        """Rights that the role has and should not; None where the database knows no roles."""
        with self._db.reading() as conn:
            if conn.dialect.name == "sqlite":
                return None
            return _excess(conn)

    def broken_chains(self, sample: int) -> tuple[int, list[str]]:
        """How many chains were looked at, drawn by lot, and what is wrong with them. The audit log's newest links are looked at too."""
        with self._db.reading() as conn:
            cases = conn.execute(select(CaseRow.id).order_by(func.random()).limit(sample)).scalars().all()
            problems = [f"case {case}: {problem}" for case in cases for problem in chain.verify(conn, case)]
            return len(cases), problems + _audit_links(conn, sample)

    def broken_evidence(self, sample: int) -> tuple[int, list[str]]:
        """How many captures were read again, drawn by lot, and which differ from their hash or are gone."""
        with self._db.reading() as conn:
            refs = _refs(conn, sample)
        return len(refs), [problem for ref in refs if (problem := _problem(partial(self._evidence.get, ref)))]

    def broken_packs(self, sample: int) -> tuple[int, list[str]]:
        """How many packs were read again, drawn by lot, and which differ from what was noted or are gone. Erased cases keep none."""
        kept = select(DossierRow.path, DossierRow.sha256).join(CaseRow, CaseRow.id == DossierRow.case_id).where(CaseRow.erased.is_(False))
        with self._db.reading() as conn:
            rows = conn.execute(kept.order_by(func.random()).limit(sample)).all()
        return len(rows), [problem for row in rows if (problem := _problem(partial(self._packs.get, row.path, row.sha256)))]

    def newest(self) -> datetime | None:
        """When the newest thing was written down that can never be changed: a clock that shows an earlier time was set back."""
        with self._db.reading() as conn:
            audit = conn.execute(select(AuditRow.at).order_by(AuditRow.seq.desc()).limit(1)).scalar()
            moved = select(EventRow.at).join(CaseRow, CaseRow.id == EventRow.case_id).order_by(CaseRow.since.desc(), EventRow.seq.desc())
            event = conn.execute(moved.limit(1)).scalar()
        return max((moment for moment in (audit, event) if moment is not None), default=None)

    def server_time(self) -> datetime | None:
        """What the database's machine thinks the time is; None where that is this machine."""
        with self._db.reading() as conn:
            if conn.dialect.name == "sqlite":
                return None
            micros = conn.execute(text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)")).scalar_one()
            return from_micros(int(micros))


def _problem(read: Callable[[], bytes]) -> str:
    """What is wrong with one thing, or nothing."""
    try:
        read()
    except RasoatError as error:
        return str(error)
    return ""


def _excess(conn: Connection) -> list[str]:
    if conn.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar_one():
        return ["it is a superuser"]
    asked = text("SELECT has_table_privilege(current_user, :table, :right)")
    return [
        f"{right} on {table}"
        for table, rights in APPEND_ONLY
        for right in rights
        if conn.execute(asked, {"table": table, "right": right}).scalar_one()
    ]


def _audit_links(conn: Connection, sample: int) -> list[str]:
    """Whether each of the newest entries follows the one before it."""
    rows = conn.execute(select(AuditRow.seq, AuditRow.prev_hash, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(sample)).all()
    return [
        f"audit entry {later.seq}: does not follow entry {earlier.seq}"
        for later, earlier in pairwise(rows)
        if later.prev_hash != earlier.hash or later.seq != earlier.seq + 1
    ]


def _refs(conn: Connection, sample: int) -> Sequence[BlobRef]:
    query = select(CaptureRow.blob).order_by(func.random()).limit(sample)
    return [blob_from_json(body) for body in conn.execute(query).scalars()]
