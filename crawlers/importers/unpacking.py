"""From a path to streams of bytes: plain files, gzip and zip, with limits on what an archive may grow to.

Nothing is ever unpacked onto the disk, so a member's name can do no harm; it only names a place in messages.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final, Protocol

from crawlers.importers.limits import MIB, Limits
from rasoat.errors import InputError, Place, UsageError

GZIP_MAGIC: Final = b"\x1f\x8b"
ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
READABLE: Final = frozenset({".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt"})
"""What we look at inside a zip. Outside of one the content decides, not the name."""


class ByteStream(Protocol):
    """Anything to read bytes from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...


@dataclass(slots=True)
class Bounded:
    """A byte stream that stops with an error when it grows past what `Limits` allow. `spent` is shared by an archive's members."""

    stream: ByteStream
    name: str
    packed_bytes: int
    limits: Limits
    spent: list[int] = field(default_factory=lambda: [0])
    packed: bool = True

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end.

        Raises:
            InputError: a damaged archive, or one that grows too far.
        """
        try:
            data = self.stream.read(size)
        except EOFError as error:
            raise InputError("the archive ends too early", place=Place(self.name), hint="copy the file again") from error
        except (zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise InputError(f"the archive is damaged: {error}", place=Place(self.name), hint="copy the file again") from error
        self.spent[0] += len(data)
        if self.packed:
            self._check_growth()
        return data

    def _check_growth(self) -> None:
        spent = self.spent[0]
        if spent > self.limits.unpacked_bytes:
            raise InputError(
                f"the archive unpacks to more than {self.limits.unpacked_bytes // MIB} MiB",
                place=Place(self.name),
                hint="split it, or unpack it and import the parts",
            )
        if spent > self.limits.ratio_after and spent > self.limits.ratio * max(self.packed_bytes, 1):
            raise InputError(
                f"the archive grows to over {self.limits.ratio} times its size: this looks like a decompression bomb",
                place=Place(self.name),
                hint="unpack it by hand if you trust it",
            )


@dataclass(frozen=True, slots=True)
class Member:
    """One file to read: the path itself, or a file within it. `name` is empty for the path itself."""

    name: str
    stream: Bounded


@dataclass(slots=True)
class Opened:
    """An opened path: its members, what was left out, and how far reading has come."""

    members: Iterator[Member]
    skipped: list[str]
    packed: IO[bytes]
    size: int

    @property
    def read_bytes(self) -> int:
        """Bytes of the (packed) file read so far."""
        return self.size if self.packed.closed else min(self.packed.tell(), self.size)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Opened]:
    """Open a file of any of the kinds that we read.

    Raises:
        UsageError: no such file, or a folder.
        InputError: an archive that cannot be read, or holds nothing readable.
    """
    if not path.exists():
        raise UsageError(f"there is no file {path}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name the files in it")
    skipped: list[str] = []
    with path.open("rb") as packed:
        size = path.stat().st_size
        magic = packed.read(4)
        packed.seek(0)
        if magic.startswith(GZIP_MAGIC):
            with gzip.open(packed) as stream:
                yield Opened(iter([Member("", Bounded(stream, path.name, size, limits))]), skipped, packed, size)
        elif magic.startswith(ZIP_MAGIC):
            with _zip(packed, path) as archive:
                yield Opened(_members(archive, path, size, limits, skipped), skipped, packed, size)
        else:
            yield Opened(iter([Member("", Bounded(packed, path.name, size, limits, packed=False))]), skipped, packed, size)


def _zip(packed: IO[bytes], path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(packed)
    except zipfile.BadZipFile as error:
        raise InputError(f"the zip file is damaged: {error}", place=Place(path.name), hint="copy the file again") from error
    if "[Content_Types].xml" in archive.namelist():
        archive.close()
        raise InputError("this is an Office document", place=Place(path.name), hint="save the sheet as 'CSV UTF-8' and import that")
    return archive


def _members(archive: zipfile.ZipFile, path: Path, size: int, limits: Limits, skipped: list[str]) -> Iterator[Member]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > limits.members:
        raise InputError(f"the zip file holds more than {limits.members} files", place=Place(path.name))
    readable = [info for info in infos if _wanted(info.filename)]
    skipped.extend(info.filename for info in infos if info not in readable)
    if not readable:
        raise InputError("the zip file holds nothing to import", place=Place(path.name), hint=f"looked for {', '.join(sorted(READABLE))}")
    spent = [0]
    for info in readable:
        if info.flag_bits & 1:
            raise InputError("the zip file is locked with a password", place=Place(f"{path.name}/{info.filename}"))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # a dictionary of LZMA may ask for gigabytes
            words, hint = "packed in a way that is not read here", "pack it anew as a plain zip, or unpack it"
            raise InputError(words, place=Place(f"{path.name}/{info.filename}"), hint=hint)
        try:
            stream = archive.open(info)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise InputError(f"cannot unpack: {error}", place=Place(f"{path.name}/{info.filename}")) from error
        with stream:
            yield Member(info.filename, Bounded(stream, f"{path.name}/{info.filename}", size, limits, spent))


def _wanted(name: str) -> bool:
    place = PurePosixPath(name)
    return place.suffix.lower() in READABLE and not place.name.startswith(".") and "__MACOSX" not in place.parts
