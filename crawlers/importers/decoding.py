"""From bytes to text and lines: UTF-8 and UTF-16, one chunk at a time. What cannot be decoded names the byte and a way out."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from crawlers.importers.limits import MIB, Limits
from rasoat.errors import InputError, Place

CHUNK: Final = 64 * 1024
HEAD_KEPT: Final = 4096
"""Characters kept of a record that is too long to keep."""
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_KNOWN_BINARY: Final = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"(\xb5/\xfd", "a Zstandard archive"),
)


class ByteSource(Protocol):
    """Anything that gives bytes."""

    name: str

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. With a `problem` the text is only the beginning of what stood there."""

    number: int
    text: str
    problem: str = ""


@dataclass(slots=True)
class TextSource:
    """The text of a byte source. `head` is the first chunk, for guessing the format; reading starts with it."""

    source: ByteSource
    limits: Limits
    encoding: str = field(init=False, default="utf-8")
    head: str = field(init=False, default="")
    truncated: bool = field(init=False, default=False)
    _chunks: Iterator[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        first = self.source.read(CHUNK)
        while 0 < len(first) < 4 and (more := self.source.read(CHUNK)):
            first += more
        if not first:
            raise InputError("the file is empty", place=Place(self.source.name))
        self.encoding = next((name for bom, name in _BOMS if first.startswith(bom)), "utf-8")
        self._refuse_binary(first)
        self._chunks = self._decode(first)
        self.head = next(self._chunks, "")

    def chunks(self) -> Iterator[str]:
        """The text, piece by piece."""
        yield self.head
        yield from self._chunks

    def lines(self) -> Iterator[Line]:
        """The text, line by line; `\\n` and `\\r\\n` end a line and nothing else does."""
        number, parts, length, limit = 1, [""], 0, self.limits.record_bytes
        for chunk in self.chunks():
            pieces = chunk.split("\n")
            for piece in pieces[:-1]:
                yield _line(number, parts, piece, length + len(piece) > limit)
                number, parts, length = number + 1, [], 0
            length += len(pieces[-1])
            if length <= limit or len(parts) < 2:
                parts.append(pieces[-1])
        if length:
            line = _line(number, parts, "", length > limit)
            yield Line(number, line.text, line.problem or "the file ends in the middle of a character") if self.truncated else line

    def _decode(self, first: bytes) -> Iterator[str]:
        skip = {"utf-16-le": 2, "utf-16-be": 2}.get(self.encoding, 0)
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        data, start = first[skip:], skip
        while data:
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(data)
            except UnicodeDecodeError as error:
                raise self._undecodable(start - pending + error.start, error) from error
            if "\0" in text:
                raise self._binary(start)
            if text:
                yield text
            start += len(data)
            data = self.source.read(CHUNK)
        self.truncated = bool(decoder.getstate()[0])

    def _undecodable(self, byte: int, error: UnicodeDecodeError) -> InputError:
        return InputError(
            f"not {self.encoding}: byte {byte} cannot be read ({error.reason}); what stood before it was read",
            place=Place(self.source.name),
            hint="save the file as UTF-8, or convert it: iconv -f WINDOWS-1258 -t UTF-8",
        )

    def _refuse_binary(self, first: bytes) -> None:
        for magic, name in _KNOWN_BINARY:
            if first.startswith(magic):
                raise InputError(f"this is {name}, not text", place=Place(self.source.name), hint="export it as CSV or JSON Lines")
        if self.encoding.startswith("utf-8") and b"\0" in first[:CHUNK]:
            raise self._binary(first.index(b"\0"))

    def _binary(self, byte: int) -> InputError:
        hint = "UTF-16 needs a byte order mark; other files are not text: export them as CSV or JSON Lines"
        return InputError(f"a binary file: zero bytes from byte {byte} on", place=Place(self.source.name), hint=hint)


def _line(number: int, parts: list[str], last: str, too_long: bool) -> Line:
    if too_long:
        return Line(number, ("".join(parts) + last)[:HEAD_KEPT], "the record is too long")
    text = "".join([*parts, last])
    return Line(number, text.removesuffix("\r"))


def too_long(limits: Limits) -> str:
    """The problem of a record over the limit, in words."""
    return f"longer than {limits.record_bytes / MIB:g} MiB, the most that one record may have; only its beginning is kept"
