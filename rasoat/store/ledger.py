"""The tombstone ledger: hashes of what was erased and what is held, one line each, in the folder of the backups and outside the database.

After the loss of a disk it is all that knows what was erased since the last backup. Only grows; a chain of hashes shows a changed line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from rasoat.canonical import GENESIS, canonical_json, chain_hash, sha256_hex
from rasoat.clock import rfc3339
from rasoat.errors import ConfigError, RetryLater
from rasoat.store.database import Database
from rasoat.store.tables import CaseRow
from rasoat.store.tables_work import HoldRow

NAME: Final = "tombstones.jsonl"
ERASED, HELD, RELEASED = "erased", "held", "released"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the file says. Keys are SHA-256 of ids: they say nothing to whoever has no database."""

    erased: frozenset[str] = frozenset()
    held: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # hash of the hold's id → its line
    released: frozenset[str] = frozenset()
    seq: int = 0
    head: str = GENESIS


def hashed(id_: str) -> str:
    """How an id stands in the ledger."""
    return sha256_hex(id_.encode())


def read(folder: Path) -> Ledger:
    """The ledger of a folder; empty where there is none. A last line that a crash cut off is left out: it is written again.

    Raises:
        ConfigError: a line was changed or taken out.
        RetryLater: the folder cannot be read.
    """
    path = folder / NAME
    try:
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    except OSError as error:
        raise RetryLater(f"cannot read {path}: {error.strerror}; is the disk of the backups there?") from error
    seen: dict[str, dict[str, dict[str, Any]]] = {ERASED: {}, HELD: {}, RELEASED: {}}
    seq, head = 0, GENESIS
    for line in lines[:-1]:  # what follows the last line break was cut off
        try:
            entry = json.loads(line)
            digest = entry.pop("hash")
            whole = entry["seq"] == seq + 1 and digest == chain_hash(entry, head)
            seen[entry["what"]][entry["of"]] = entry
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            raise ConfigError(f"{path}: line {seq + 1} was changed or lost", hint="restore this file from where you copy the backups to")
        seq, head = seq + 1, digest
    return Ledger(frozenset(seen[ERASED]), seen[HELD], frozenset(seen[RELEASED]), seq, head)


def sync(database: Database, folder: Path, now: datetime) -> int:
    """Write down what the database erased, and which holds it placed and ended, since the last time; returns how many lines that are.

    Raises:
        ConfigError: the ledger was changed.
        RetryLater: it cannot be written.
    """
    with database.alone("ledger"):
        known = read(folder)
        with database.reading() as conn:
            new = [*_erased(conn, known), *_holds(conn, known)]
        if new:
            _append(folder, known, new, now)
    return len(new)


def _erased(conn: Connection, known: Ledger) -> list[dict[str, Any]]:
    ids = conn.execute(select(CaseRow.id).where(CaseRow.erased.is_(True)).order_by(CaseRow.id)).scalars()
    return [{"what": ERASED, "of": key} for key in map(hashed, ids) if key not in known.erased]


def _holds(conn: Connection, known: Ledger) -> list[dict[str, Any]]:
    new: list[dict[str, Any]] = []
    for row in conn.execute(select(HoldRow.__table__).order_by(HoldRow.placed_at, HoldRow.id)):
        key = hashed(row.id)
        if key not in known.held:
            people = {"ordered_by": row.ordered_by, "approved_by": row.approved_by, "reference": hashed(row.reference)}
            times = {"placed_at": rfc3339(row.placed_at), "until": rfc3339(row.until)}
            new.append({"what": HELD, "of": key, "case": hashed(row.case_id), **people, **times})
        if row.released_at is not None and key not in known.released:
            new.append({"what": RELEASED, "of": key})
    return new


def _append(folder: Path, known: Ledger, new: list[dict[str, Any]], now: datetime) -> None:
    seq, head, lines = known.seq, known.head, []
    for fields in new:
        entry = {"seq": seq + 1, "at": rfc3339(now), **fields}
        seq, head = seq + 1, chain_hash(entry, head)
        lines.append(canonical_json({**entry, "hash": head}) + b"\n")
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            whole = file.read()
            file.seek(whole.rfind(b"\n") + 1)  # over what a crash cut off
            file.truncate()
            file.write(b"".join(lines))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RetryLater(f"cannot write {path}: {error.strerror}; is the disk of the backups there?") from error
