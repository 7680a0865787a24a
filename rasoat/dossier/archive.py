"""A ZIP in exactly one form: entries stored, sorted, dated by one moment, mode 0644. The same files give the same bytes everywhere.

Owns bytes only; knows nothing of manifests or signatures. Reading never touches the disk and is bounded.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

MAX_PACK: Final = 1 << 30
"""A larger pack is not read: a dossier of ten captures is 2 MB."""
MAX_ENTRIES: Final = 10_000
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_VERSION: Final = 20
_UTF8: Final = 0x800
_MODE: Final = (stat.S_IFREG | 0o644) << 16
_UNIX: Final = 3 << 8


class ArchiveError(Exception):
    """The file is no ZIP that we would read. `code` is a verify problem; `subject` names the entry."""

    def __init__(self, code: str, subject: str = "") -> None:
        self.code, self.subject = code, subject
        super().__init__(f"{code}: {subject}")


def write_archive(files: Mapping[str, bytes], at: datetime) -> bytes:
    """The ZIP of `files` (path to bytes), in the order of their names. Raises ValueError when it would need ZIP64."""
    day, time = _dos(at)
    body, directory = bytearray(), bytearray()
    for name in sorted(files):
        data, path = files[name], name.encode()
        crc = zlib.crc32(data)
        offset = len(body)
        body += _LOCAL.pack(b"PK\3\4", _VERSION, _UTF8, 0, time, day, crc, len(data), len(data), len(path), 0)
        body += path
        body += data
        directory += _CENTRAL.pack(
            b"PK\1\2", _UNIX | _VERSION, _VERSION, _UTF8, 0, time, day, crc, len(data), len(data), len(path), 0, 0, 0, 0, _MODE, offset
        )
        directory += path
    if len(body) > MAX_PACK or len(files) > MAX_ENTRIES:
        raise ValueError(f"{len(body):,} bytes in {len(files)} files are too much for one pack")
    end = _END.pack(b"PK\5\6", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + end)


def _dos(at: datetime) -> tuple[int, int]:
    moment = max(at.astimezone(UTC), datetime(1980, 1, 1, tzinfo=UTC))
    return (moment.year - 1980) << 9 | moment.month << 5 | moment.day, moment.hour << 11 | moment.minute << 5 | moment.second // 2


def read_archive(data: bytes) -> tuple[dict[str, bytes], list[str]]:
    """The files of a ZIP, and the names of those whose bytes are damaged (their bytes are left out).

    Raises:
        ArchiveError: not a ZIP, too large when unpacked, an encrypted entry, a dangerous or a doubled name.
    """
    files: dict[str, bytes] = {}
    damaged: list[str] = []
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(data))
            for entry in entries:
                content = _read_entry(archive, entry)
                if content is None:
                    damaged.append(entry.filename)
                else:
                    files[entry.filename] = content
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, struct.error, UnicodeDecodeError, NotImplementedError) as error:
        raise ArchiveError("not_a_zip", str(error)) from error
    return files, damaged


def _check_entries(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > max(MAX_PACK // 8, 4 * size):
        raise ArchiveError("too_large")
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        if entry.flag_bits & 0x1:
            raise ArchiveError("encrypted", name)
        if name in seen:
            raise ArchiveError("doubled_name", name)
        seen.add(name)
        if not safe_name(name) or stat.S_ISLNK(entry.external_attr >> 16):
            raise ArchiveError("dangerous_name", name)


def safe_name(name: str) -> bool:
    """A relative path of plain parts: no `..`, no drive, no backslash, no control character."""
    parts = name.split("/")
    return name.isprintable() and "\\" not in name and ":" not in name and all(part not in ("", ".", "..") for part in parts)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """The bytes, or None when they differ from the entry's own check sum. Never more than the entry promises."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others ask for memory by the gigabyte, or fail in words of
        return None  # their own; ours are stored
    try:
        with archive.open(entry) as stream:
            return stream.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, struct.error, ValueError):
        return None
