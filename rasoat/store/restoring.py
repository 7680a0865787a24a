"""Restoring: load a backup closed, put back its files, erase again what was erased after it, run retention, then open the house.

What was erased since is known from the database that is replaced, where it still stands, and from the ledger beside the backups.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, insert, select

from rasoat.canonical import sha256_hex
from rasoat.cases.commands import Purge
from rasoat.cases.states import CLOSED_STATES, CaseState
from rasoat.cases.workflow import SYSTEM
from rasoat.clock import Clock
from rasoat.errors import ConfigError, EvidenceError, RasoatError, UsageError
from rasoat.settings import Settings
from rasoat.store import audit, backup, dumping, ledger
from rasoat.store.backup import Backup
from rasoat.store.database import Database
from rasoat.store.erasing import erase_case
from rasoat.store.migrating import open_house, upgrade_closed
from rasoat.store.packs import Packs, is_pack
from rasoat.store.records import PurgeReport
from rasoat.store.retention import command
from rasoat.store.store import Store, open_store, restored_store
from rasoat.store.tables import CaseRow
from rasoat.store.tables_work import HoldRow

RULE = "restored_tombstone"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did. `erased`: cases that the backup brought back and that went again; `wordless`: those of them that stand open."""

    backup: Backup
    erased: int
    wordless: tuple[str, ...]
    holds: int
    missing: int  # pieces of evidence that the database names and nobody has
    purge: PurgeReport
    indexed: int


def restore(
    settings: Settings, folder: Path, clock: Clock, *, replace: bool = False, expired: bool = False, without_ledger: bool = False
) -> Restored:
    """Replace the database by a backup. Until this returns nobody can open it; after a crash, call it again.

    Raises:
        UsageError: there is a database that may not be replaced, somebody works with it, or the backup's day is over.
        EvidenceError: the backup is damaged.
        ConfigError: it is of another kind of database, or its evidence was sealed with another key than this home's.
    """
    found = backup.verify(folder)
    _refuse(settings, found, clock.now(), expired)
    ledgers = list(dict.fromkeys(path for path in (settings.backups, folder.resolve().parent) if path is not None))
    _remember(settings, ledgers[0], clock.now(), replace)
    known = [ledger.read(path) for path in ledgers]
    if max(one.seq for one in known) < found.ledger and not without_ledger:
        raise ConfigError(
            f"the ledger beside the backup is older than the backup, or gone: {found.ledger} lines were there",
            hint=f"put the newest {ledger.NAME} into {ledgers[0]}; where there is none any more: --without-ledger",
        )
    dumping.load(settings, folder / backup.DATABASE)
    with restored_store(settings, clock) as (store, database):
        with database.writing(durable=True) as conn:
            upgrade_closed(conn, found.schema)
        _put_back(settings, store.packs, folder, found)
        holds = sum(_hold_again(database, one, clock.now()) for one in known)
        erased, wordless = _erase_again(database, frozenset().union(*(one.erased for one in known)), store, clock.now())
        report = store.purge(clock.now())
        indexed = store.rebuild_index()
        missing = sum(not store.evidence.has(ref) for ref in backup.references(database))
        with database.writing(durable=True) as conn:
            fields: dict[str, audit.Field] = {"made_at": found.made_at, "erased_again": erased, "holds": holds, "missing": missing}
            audit.append(conn, clock.now(), "backup.restored", SYSTEM.pseudonym, "backup", found.name, fields)
            open_house(conn)
    return Restored(found, erased, wordless, holds, missing, report, indexed)


def _refuse(settings: Settings, found: Backup, now: datetime, expired: bool) -> None:
    if found.expired(now) and not expired:
        raise UsageError(f"the backup {found.name} should be gone since {found.expires_at}: it is restored only with --expired")
    if found.database != dumping.kind(settings):
        raise ConfigError(f"the backup {found.name} is of {found.database}", hint="set or unset RASOAT_DATABASE_URL")
    if sha256_hex(settings.secret("evidence.key")) != found.evidence_key:
        raise ConfigError("the evidence of this backup was sealed with another key than this home's", hint="put keys/ back first")


def _remember(settings: Settings, folder: Path, now: datetime, replace: bool) -> None:
    """What the database that goes still knows about erasures. One that cannot be opened knows nothing any more: the ledger must."""
    if dumping.kind(settings) == dumping.SQLITE and not (settings.home / "rasoat.sqlite3").exists():
        return
    try:
        store = open_store(settings)
    except RasoatError:
        return
    with store:
        if not replace and (store.counts()["items"] or store.counts()["cases"]):
            raise UsageError("there is a database with something in it: --replace replaces it by the backup")
        store.write_ledger(folder, now)


def _put_back(settings: Settings, packs: Packs, folder: Path, found: Backup) -> None:
    """Packs to where they lie now, which may be elsewhere than where they lay."""
    for name, sha256 in found.files.items():
        below, _, rest = name.partition("/")
        target = settings.evidence_dir / rest
        if below == backup.PACKS and is_pack(rest) and not _whole(packs, rest, sha256):
            packs.put(rest, (folder / name).read_bytes())
        elif below == "evidence" and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)


def _whole(packs: Packs, name: str, sha256: str) -> bool:
    try:
        packs.get(name, sha256)
    except EvidenceError:
        return False
    return True


def _hold_again(database: Database, known: ledger.Ledger, now: datetime) -> int:
    """Holds that were placed after the backup. Of the order's reference only the hash is known; a person may place it anew by its name."""
    placed = 0
    with database.writing(durable=True) as conn:
        there = {ledger.hashed(id_) for id_ in conn.execute(select(HoldRow.id)).scalars()}
        cases = {ledger.hashed(id_): id_ for id_ in conn.execute(select(CaseRow.id)).scalars()}
        for key, line in known.held.items():
            until = datetime.fromisoformat(line["until"])
            if key in there or key in known.released or until <= now or line["case"] not in cases:
                continue
            values = {"id": f"restored-{key[:24]}", "case_id": cases[line["case"]], "reference": f"sha256:{line['reference']}"}
            values |= {"ordered_by": line["ordered_by"], "approved_by": line["approved_by"]}
            if conn.execute(select(func.count()).select_from(HoldRow).where(HoldRow.id == values["id"])).scalar_one():
                continue
            times = {"placed_at": datetime.fromisoformat(line["placed_at"]), "until": until}
            conn.execute(insert(HoldRow), {**values, **times, "released_at": None, "released_by": None})
            placed += 1
    return placed


def _erase_again(database: Database, erased: frozenset[str], store: Store, now: datetime) -> tuple[int, tuple[str, ...]]:
    """Words go; captures and packs go with the purge that follows."""
    with database.reading() as conn:
        rows = conn.execute(select(CaseRow.id, CaseRow.state).where(CaseRow.erased.is_(False)).order_by(CaseRow.id)).all()
    again = [(row.id, CaseState(row.state)) for row in rows if ledger.hashed(row.id) in erased]
    wordless = []
    for case_id, state in again:
        if state in CLOSED_STATES:
            command(database, case_id, Purge(rule=RULE), store.ids, now)
        else:  # its later history is lost with the old database: the words go, a person closes it
            with database.writing() as conn:
                erase_case(conn, case_id, now, purge=False)
                audit.append(conn, now, "case.masked", SYSTEM.pseudonym, "case", case_id, {"rule": RULE})
            wordless.append(case_id)
    return len(again), tuple(wordless)
