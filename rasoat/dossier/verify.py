"""Is a pack what was sealed? Three answers: ok, broken (what), unverifiable (why). Absent proof never reads as ok.

Works offline, on one file, in memory: nothing is ever unpacked to disk. Trust in the key stays with the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from rasoat.canonical import sha256_hex
from rasoat.dossier import manifest as m
from rasoat.dossier.archive import MAX_PACK, ArchiveError, read_archive, write_archive
from rasoat.dossier.custody import chain_problems
from rasoat.dossier.notice import Notice
from rasoat.dossier.pdf import attachment
from rasoat.dossier.signing import PublicKey
from rasoat.errors import UsageError
from rasoat.messages import Messages

_OURS: Final = b'"format":"rasoat-pack/'
"""Stands uncompressed in every pack: a damaged ZIP that holds it is a broken pack, not just any file."""
_UNVERIFIABLE: Final = frozenset(
    {"not_a_zip", "unreadable", "too_large", "encrypted", "no_manifest", "no_signature", "no_key", "unknown_version"}
)


class Status(StrEnum):
    """The three answers."""

    OK = "ok"
    BROKEN = "broken"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `code` is stable; its words stand in the catalogues as `dossier.verify_<code>`."""

    code: str
    subject: str = ""

    def __str__(self) -> str:
        return self.code.replace("_", " ") + (f": {self.subject}" if self.subject else "")

    def text(self, messages: Messages) -> str:
        """In the reader's language."""
        return messages.t(f"dossier.verify_{self.code}", subject=self.subject)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with every problem, and what the pack says of itself."""

    status: Status
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For `rasoat verify --json`."""
        problems = [{"code": p.code, "subject": p.subject, "message": str(p)} for p in self.problems]
        return {"status": self.status.value, "problems": problems, "facts": dict(self.facts)}


def verify_pack(path: Path, *, key: bytes | None = None) -> Verdict:
    """Check one pack. `key` is a PEM that must have signed it; without it the answer says which key did, and no more.

    Raises:
        UsageError: `key` is no Ed25519 public key in PEM form.
    """
    wanted = _wanted(key)
    try:
        if path.stat().st_size > MAX_PACK:
            return _verdict([Problem("too_large")])
        data = path.read_bytes()
    except OSError as error:
        return _verdict([Problem("unreadable", error.strerror or str(error))])
    return verify_bytes(data, key=wanted)


def _wanted(key: bytes | None) -> PublicKey | None:
    try:
        return PublicKey.from_pem(key) if key is not None else None
    except ValueError as error:
        raise UsageError(f"this is not an Ed25519 public key in PEM form: {error}") from error


def verify_bytes(data: bytes, *, key: PublicKey | None = None) -> Verdict:
    """Check the bytes of a pack."""
    try:
        files, damaged = read_archive(data)
    except ArchiveError as error:
        code = "zip_damaged" if error.code == "not_a_zip" and _OURS in data else error.code
        return _verdict([Problem(code, error.subject)])
    problems = [Problem("file_changed", name) for name in damaged]
    if m.MANIFEST not in files:
        return _verdict(problems or [Problem("no_manifest")])
    manifest, unread = _manifest(files[m.MANIFEST])
    if manifest is None:
        return _verdict([*problems, unread])
    facts: dict[str, str | int | bool] = {"dossier_id": manifest.dossier_id, "created": manifest.created, "files": len(manifest.files)}
    facts |= {f"software_{name}": version for name, version in manifest.software.items()}
    problems += _signature(manifest, files, damaged, key, facts)
    problems += _files(manifest, files, damaged)
    problems += _contents(manifest, files, facts)
    if not problems and write_archive(files, _moment(manifest.created)) != data:
        problems.append(Problem("container_differs"))
    return _verdict(problems, facts)


def _verdict(problems: list[Problem], facts: Mapping[str, str | int | bool] | None = None) -> Verdict:
    if not problems:
        return Verdict(Status.OK, (), facts or {})
    status = Status.UNVERIFIABLE if all(problem.code in _UNVERIFIABLE for problem in problems) else Status.BROKEN
    return Verdict(status, tuple(problems), facts or {})


def _manifest(data: bytes) -> tuple[m.Manifest | None, Problem]:
    try:
        claimed = m.claimed_format(data)
        if claimed != m.FORMAT:
            return None, Problem("unknown_version", claimed[:60])
        manifest = m.Manifest.model_validate_json(data)
        _moment(manifest.created)
    except (ValueError, RecursionError) as error:
        return None, Problem("manifest_unreadable", str(error).split("\n", maxsplit=1)[0])
    return manifest, Problem("manifest_unreadable")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _signature(
    manifest: m.Manifest, files: Mapping[str, bytes], damaged: list[str], key: PublicKey | None, facts: dict[str, str | int | bool]
) -> Iterator[Problem]:
    if m.SIGNATURE not in files:
        if m.SIGNATURE not in damaged:
            yield Problem("no_signature")
        return
    signer = key
    if m.PUBLIC_KEY in files:
        try:
            signer = PublicKey.from_pem(files[m.PUBLIC_KEY])
        except ValueError as error:
            yield Problem("bad_key", str(error).split("\n", maxsplit=1)[0][:120])
    if signer is None:
        if m.PUBLIC_KEY not in damaged:
            yield Problem("no_key")
        return
    facts["key_id"] = signer.key_id
    facts["key_checked"] = key is not None
    if not signer.signed(files[m.MANIFEST], files[m.SIGNATURE]) or signer.key_id != manifest.signer.key_id:
        yield Problem("bad_signature")
    elif key is not None and signer != key:
        yield Problem("other_signer", signer.key_id)


def _files(manifest: m.Manifest, files: Mapping[str, bytes], damaged: list[str]) -> Iterator[Problem]:
    listed = {entry.path: entry for entry in manifest.files}
    for path, entry in listed.items():
        if path not in files:
            if path not in damaged:
                yield Problem("file_missing", path)
        elif len(files[path]) != entry.size or sha256_hex(files[path]) != entry.sha256:
            yield Problem("file_changed", path)
    for path in sorted(set(files) - set(listed) - {m.MANIFEST, m.SIGNATURE}):
        yield Problem("file_added", path)


def _contents(manifest: m.Manifest, files: Mapping[str, bytes], facts: dict[str, str | int | bool]) -> Iterator[Problem]:
    """What a signature cannot say: that the parts agree with one another."""
    for problem in chain_problems(files.get(m.CUSTODY, b"")):
        yield Problem("custody_broken", problem)
    listed = {path: data for path, data in files.items() if path not in (m.MANIFEST, m.SIGNATURE)}
    if files.get(m.SUMS) != m.sums(listed):
        yield Problem("sums_differ")
    core = files.get(m.NOTICE_JSON, b"")
    inside = attachment(files.get(m.NOTICE_PDF, b""))
    if inside is None:
        yield Problem("no_attachment")
    elif inside != core:
        yield Problem("attachment_differs")
    try:
        notice = Notice.from_bytes(core)
    except (ValidationError, ValueError) as error:
        yield Problem("notice_unreadable", str(error).split("\n", maxsplit=1)[0])
        return
    facts |= {"harm": notice.harm_code.value, "items": len(notice.items), "capacity": notice.requester_capacity.id}
    if notice.dossier_id != manifest.dossier_id or notice.built_at != manifest.created:
        yield Problem("notice_other_dossier")
    yield from _captures(notice, files)


def _captures(notice: Notice, files: Mapping[str, bytes]) -> Iterator[Problem]:
    for capture in (capture for item in notice.items for capture in item.captures if capture.file is not None):
        assert capture.file is not None
        if capture.file not in files:
            yield Problem("capture_missing", capture.file)
        elif sha256_hex(files[capture.file]) != capture.sha256:
            yield Problem("capture_differs", capture.file)
