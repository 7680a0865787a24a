"""Looks whether what is kept hangs together: file, foreign keys, chains, state machine, evidence, index. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from rasoat.errors import RasoatError
from rasoat.items import BlobRef
from rasoat.ports import SearchIndex, SearchQuery
from rasoat.store import audit, chain, dead_letters, outbox
from rasoat.store.database import Database
from rasoat.store.encoding import blob_from_json
from rasoat.store.evidence import Evidence
from rasoat.store.tables import CaptureRow, CaseRow, ItemRow, OutboxRow, TransitionRow, UnmappedRow
from rasoat.store.triggers import transition_rows


def check(database: Database, evidence: Evidence, index: SearchIndex, *, deep: bool = False) -> list[str]:
    """Problems in plain words. `deep` re-hashes every blob instead of only looking whether it is there."""
    try:
        with database.reading() as conn:
            return [*_file(conn), *_machine(conn), *_chains(conn), *_evidence(conn, evidence, deep), *_index(conn, index)]
    except RasoatError as error:
        return [str(error)]


def _file(conn: Connection) -> Iterator[str]:
    if conn.dialect.name != "sqlite":
        return
    for (line,) in conn.exec_driver_sql("PRAGMA integrity_check(10)"):
        if line != "ok":
            yield f"the database file: {line}"
    for table, rowid, parent, _ in conn.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"row {rowid} of {table} names a row of {parent} that does not exist"


def _machine(conn: Connection) -> Iterator[str]:
    stored = {(row.kind, row.from_state, row.to_state) for row in conn.execute(select(TransitionRow.__table__))}
    if stored != {(row["kind"], row["from_state"], row["to_state"]) for row in transition_rows()}:
        yield "the state machine in the database differs from the program's: a migration is missing"
    unopened = conn.execute(select(func.count()).select_from(CaseRow).where(CaseRow.state.is_(None))).scalar_one()
    if unopened:
        yield f"{unopened} cases were never opened"


def _chains(conn: Connection) -> Iterator[str]:
    for case_id in conn.execute(select(CaseRow.id).order_by(CaseRow.id)).scalars().all():
        for problem in chain.verify(conn, case_id):
            yield f"case {case_id}: {problem}"
    yield from audit.broken(conn)


def _evidence(conn: Connection, evidence: Evidence, deep: bool) -> Iterator[str]:
    seen: set[tuple[str, bool]] = set()
    for query in (select(CaptureRow.blob), select(ItemRow.raw).where(ItemRow.raw_sha256.is_not(None)), select(UnmappedRow.raw)):
        for body in conn.execute(query).scalars():
            ref = blob_from_json(body)
            if (ref.sha256, ref.sealed) not in seen:
                seen.add((ref.sha256, ref.sealed))
                yield from _blob(evidence, ref, deep)


def _blob(evidence: Evidence, ref: BlobRef, deep: bool) -> Iterator[str]:
    if not deep:
        if not evidence.has(ref):
            yield f"evidence {ref.sha256[:12]}… is missing"
        return
    try:
        evidence.get(ref)
    except RasoatError as error:
        yield str(error)


def _index(conn: Connection, index: SearchIndex) -> Iterator[str]:
    try:
        indexed = index.search(SearchQuery(limit=0)).total
    except RasoatError as error:
        yield str(error)
        return
    refused = dead_letters.count(conn)
    if refused:
        yield f"the search index refuses {refused} items: `rasoat db dead-letters` lists them"
    wanted = outbox.count_documents(conn) - refused
    waiting = conn.execute(select(func.count()).select_from(OutboxRow)).scalar_one()
    if indexed != wanted and not waiting:
        yield f"the search index holds {indexed} items, SQL has {wanted}: run `rasoat db rebuild-index`"
