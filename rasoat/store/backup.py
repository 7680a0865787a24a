"""Backups: database, evidence and packs in a folder of their own with checksums and a day on which they go. Restoring: `restoring.py`.

Keys are not in it: whoever has a backup must not have what opens it. A blob that the backup before has too is a hard link to it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from rasoat import __version__
from rasoat.canonical import canonical_json, sha256_hex
from rasoat.clock import rfc3339
from rasoat.errors import DISK_FULL, ConfigError, EvidenceError, RetryLater
from rasoat.items import BlobRef
from rasoat.settings import Settings
from rasoat.store import dumping
from rasoat.store.database import Database
from rasoat.store.encoding import blob_from_json
from rasoat.store.evidence import blob_name
from rasoat.store.migrating import REVISIONS
from rasoat.store.packs import Packs
from rasoat.store.tables import CaptureRow, ItemRow, UnmappedRow

FORMAT: Final = 1
MANIFEST, DATABASE, EVIDENCE, PACKS = "manifest.json", "database.dump", "evidence.jsonl", "dossiers"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, as its manifest describes it. `files`: path below its folder to SHA-256."""

    name: str
    made_at: str
    expires_at: str
    database: str  # "sqlite" or "postgresql"
    schema: str
    evidence: str  # "copied", or where it lies
    evidence_key: str  # SHA-256 of the key that opens sealed evidence
    blobs: int
    ledger: int  # how many lines the ledger beside it had: one with fewer is not the newest
    files: dict[str, str]
    software: str = __version__
    format: int = FORMAT

    def expired(self, now: datetime) -> bool:
        """Whether it may no longer be kept."""
        return datetime.fromisoformat(self.expires_at) <= now


def make(settings: Settings, database: Database, packs: Packs, folder: Path, now: datetime, ledger: int) -> Backup:
    """Write a backup into a new folder below `folder`. Whole or absent: it gets its name last.

    Raises:
        RetryLater: the disk is full, or away.
        ConfigError: the database cannot be dumped.
    """
    name = f"{now:%Y%m%dT%H%M%SZ}"
    work = folder / f".{name}.{os.getpid()}.partial"
    before = max((path for path in folder.glob("*T*Z") if (path / MANIFEST).is_file()), default=None) if folder.is_dir() else None
    try:
        work.mkdir(parents=True, mode=0o700)
        with _private():
            dumping.dump(settings, work / DATABASE)
            refs = references(database)
            files = {DATABASE: digest(work / DATABASE)}
            files |= _copy_evidence(settings, refs, work, before)
            files |= _copy_packs(packs, work, before)
            manifest = Backup(
                name,
                rfc3339(now),
                rfc3339(now + timedelta(days=settings.backup_days)),
                dumping.kind(settings),
                REVISIONS[-1],
                settings.evidence_url or "copied",
                sha256_hex(settings.secret("evidence.key")),
                len(refs),
                ledger,
                files,
            )
            (work / MANIFEST).write_bytes(canonical_json(asdict(manifest)))
        work.rename(folder / name)
    except OSError as error:
        hint = "free some space" if error.errno in DISK_FULL else "is the disk of the backups there?"
        raise RetryLater(f"the backup cannot be written to {folder}: {error.strerror or error}; {hint}") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def load_manifest(folder: Path) -> Backup:
    """What one backup says of itself.

    Raises:
        ConfigError: there is none, or one of another format.
    """
    try:
        body: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        found = Backup(**body)
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(f"{folder} holds no backup that can be read", hint="`rasoat db backups` lists them") from error
    if found.format != FORMAT:
        raise ConfigError(f"{folder} has format {found.format}; this program reads {FORMAT}", hint="update Rà Soát")
    return found


def verify(folder: Path) -> Backup:
    """The manifest, after every file was compared with it.

    Raises:
        EvidenceError: a file is missing or was changed.
        ConfigError: no backup.
    """
    found = load_manifest(folder)
    for name, wanted in found.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file() or digest(path) != wanted:
            raise EvidenceError(f"{path} is missing or differs from the manifest: this backup is damaged, take another one")
    return found


def all_of(folder: Path) -> list[Backup]:
    """Every backup of a folder, oldest first."""
    return [load_manifest(path) for path in sorted(folder.glob("*T*Z")) if (path / MANIFEST).is_file()]


def remove_expired(folder: Path, now: datetime) -> list[str]:
    """Remove backups whose day has come, and what died half-made; returns the names of the former."""
    gone = [found.name for found in all_of(folder) if found.expired(now)]
    for name in gone:
        (folder / name / MANIFEST).unlink()  # first: what is being removed is no backup any more
        shutil.rmtree(folder / name)
    for path in (*folder.glob(".*.partial"), *folder.glob("*T*Z")):
        old = now.timestamp() - path.stat().st_mtime > timedelta(days=1).total_seconds()
        if old and not (path / MANIFEST).is_file():
            shutil.rmtree(path, ignore_errors=True)
    return gone


def evidence_of(folder: Path) -> Iterator[BlobRef]:
    """What the backup's database names, in order."""
    with (folder / EVIDENCE).open("rb") as lines:
        for line in lines:
            yield blob_from_json(json.loads(line))


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def references(database: Database) -> list[BlobRef]:
    """Every blob that the database names."""
    found: dict[tuple[str, bool], BlobRef] = {}
    with database.reading() as conn:
        for query in (select(CaptureRow.blob), select(ItemRow.raw).where(ItemRow.raw_sha256.is_not(None)), select(UnmappedRow.raw)):
            for body in conn.execute(query.execution_options(yield_per=1000)).scalars():
                ref = blob_from_json(body)
                found[ref.sha256, ref.sealed] = ref
    return [found[key] for key in sorted(found)]


def _copy_evidence(settings: Settings, refs: list[BlobRef], work: Path, before: Path | None) -> dict[str, str]:
    """What a bucket holds stays there. What a purge took meanwhile is not there, and not wanted."""
    with (work / EVIDENCE).open("wb") as out:
        for ref in refs:
            out.write(canonical_json({"sha256": ref.sha256, "size": ref.size, "media_type": ref.media_type, "sealed": ref.sealed}) + b"\n")
    files = {EVIDENCE: digest(work / EVIDENCE)}
    if not settings.evidence_url:
        names = (blob_name(ref) for ref in refs)
        files |= _copy_all(settings.evidence_dir, names, "evidence", work, before)
    return files


def _copy_packs(packs: Packs, work: Path, before: Path | None) -> dict[str, str]:
    """Also those that lie in a bucket: nobody can make them again. What a purge took meanwhile is not wanted."""
    known = load_manifest(before).files if before else {}
    files: dict[str, str] = {}
    (work / PACKS).mkdir()
    for name, lying in packs.all():
        path = f"{PACKS}/{name}"
        if before and path in known and _linked(before / path, work / path, lying.size):
            files[path] = known[path]
            continue
        with contextlib.suppress(FileNotFoundError):
            data = packs.read(name)
            (work / path).write_bytes(data)
            files[path] = sha256_hex(data)
    return files


def _copy_all(root: Path, names: Iterator[str], below: str, work: Path, before: Path | None) -> dict[str, str]:
    known = load_manifest(before).files if before else {}
    files: dict[str, str] = {}
    for name in names:
        path = f"{below}/{name}"
        target = work / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            if before and path in known and _linked(before / path, target, (root / name).stat().st_size):
                files[path] = known[path]
            else:
                shutil.copyfile(root / name, target)
                files[path] = digest(target)
    return files


def _linked(old: Path, target: Path, size: int) -> bool:
    """Named by its hash and as long: the same bytes. Where links cannot be made, it is copied."""
    try:
        if old.stat().st_size != size:
            return False
        os.link(old, target)
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _private() -> Iterator[None]:
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
