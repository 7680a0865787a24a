"""The global audit log: append-only, one hash chain. Never holds item text, names or numbers of people."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from rasoat import __version__
from rasoat.canonical import GENESIS, canonical_json, chain_hash
from rasoat.clock import Clock, rfc3339
from rasoat.store.database import Database
from rasoat.store.records import Tombstone
from rasoat.store.tables import AuditRow

_REMOVALS = ("case.purged", "case.masked", "rows.purged", "log.pruned", "backup.purged")
Field = str | int | bool | list[str] | None


def append(
    conn: Connection, now: datetime, action: str, actor: str, object_type: str, object_id: str, fields: dict[str, Field] | None = None
) -> str:
    """Add one entry inside the caller's transaction; returns its hash."""
    last = conn.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
    seq, prev = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    entry: dict[str, Any] = {
        "seq": seq,
        "at": rfc3339(now),
        "actor": actor,
        "action": action,
        "object_type": object_type,
        "object_id": object_id,
        "software": __version__,
        "fields": fields or {},
    }
    digest = chain_hash(entry, prev)
    row = {"seq": seq, "at": now, "action": action, "entry": canonical_json(entry).decode(), "prev_hash": prev, "hash": digest}
    conn.execute(insert(AuditRow), row)
    return digest


def tombstones(conn: Connection, since: datetime) -> list[Tombstone]:
    """What was removed since then, oldest first; entries that were themselves pruned after 24 months are left out."""
    query = select(AuditRow.at, AuditRow.entry).where(AuditRow.action.in_(_REMOVALS), AuditRow.at >= since, AuditRow.entry.is_not(None))
    found = []
    for at, text in conn.execute(query.order_by(AuditRow.seq)):
        entry = json.loads(text or "{}")
        fields = entry["fields"]
        named = (entry["action"], entry["object_type"], entry["object_id"])
        found.append(Tombstone(at, *named, rule=str(fields.get("rule", "")), count=int(fields.get("count", 1))))
    return found


def broken(conn: Connection) -> list[str]:
    """Every problem of the chain, in order. A pruned entry is known by its hash alone, and links like any other."""
    problems, prev, expected = [], GENESIS, 1
    for row in conn.execute(select(AuditRow.__table__).order_by(AuditRow.seq).execution_options(yield_per=1000)):
        where = f"audit entry {row.seq}"
        if row.seq != expected:
            problems.append(f"{where}: entry {expected} is missing")
        if row.prev_hash != prev:
            problems.append(f"{where}: does not follow the entry before it")
        if row.entry is not None and not _intact(row):
            problems.append(f"{where}: was changed after it was written")
        prev, expected = row.hash, row.seq + 1
    return problems


def _intact(row: Any) -> bool:
    try:
        entry = json.loads(row.entry)
        same = (entry["seq"], entry["at"], entry["action"]) == (row.seq, rfc3339(row.at), row.action)
        return bool(same and chain_hash(entry, row.prev_hash) == row.hash)
    except (ValueError, KeyError, TypeError):
        return False


class AuditLog:
    """What `store.audit` offers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._db, self._clock = database, clock

    def log(self, action: str, actor: str, object_type: str, object_id: str, **fields: Field) -> str:
        """Write one entry (`action` like `login.failed`, `case.viewed`, `dossier.exported`); returns its hash. Waits for the disk."""
        with self._db.writing(durable=True) as conn:
            return append(conn, self._clock.now(), action, actor, object_type, object_id, fields)

    def verify(self) -> list[str]:
        """Problems of the chain; empty when it holds."""
        with self._db.reading() as conn:
            return broken(conn)

    def head(self) -> str:
        """Hash of the newest entry: what is printed for the auditor every day."""
        with self._db.reading() as conn:
            return conn.execute(select(AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).scalar() or GENESIS
