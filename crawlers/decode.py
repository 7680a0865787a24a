"""Bytes from a stranger become text, within limits: unpacking that stops at a size, and the character set that is really there.

Pure functions. A page that cannot be used raises `PageProblem` with a kind to count and words to show.
"""

from __future__ import annotations

import re
import zlib

import brotli  # type: ignore[import-untyped]  # comes with Scrapy
from w3lib.encoding import html_to_unicode

_CHUNK = 64 * 1024
_TEXT_TYPES = re.compile(r"text/|application/(xhtml\+xml|xml|rss\+xml|atom\+xml|rdf\+xml|x-gzip|gzip)", re.IGNORECASE)
_CONTROL = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {0x7F: None}
GZIP_MAGIC = b"\x1f\x8b"
MAX_ENCODINGS = 4  # servers use one; a list is an attack
MAX_MEMBERS = (
    2_000  # bgzip makes one for each 64 KB of a page, 1,600 of the largest that may be; a hundred thousand empty ones are an attack
)


class PageProblem(ValueError):
    """This page gives nothing. `kind` is counted (`bomb binary empty type encoding`), the words are for people."""

    def __init__(self, kind: str, words: str) -> None:
        self.kind = kind
        super().__init__(words)

    def __reduce__(self) -> tuple[type[PageProblem], tuple[str, str]]:  # two arguments survive the way out of a worker
        return PageProblem, (self.kind, str(self))


def unpack(body: bytes, content_encoding: str, limit: int) -> bytes:
    """Take off the content encodings, never making more than `limit` bytes.

    Raises:
        PageProblem: `bomb` past the limit, `encoding` for a broken or unknown encoding.
    """
    names = [part.strip().lower() for part in content_encoding.split(",") if part.strip()]
    if len(names) > MAX_ENCODINGS:
        raise PageProblem("encoding", f"the page is packed {len(names)} times over")
    for name in reversed(names):
        if name == "identity":
            continue
        body = _unpack_one(body, name, limit)
    if len(body) > limit:
        raise PageProblem("too_large", f"the page has {len(body):,} bytes, more than the {limit:,} allowed")
    return body


def _unpack_one(body: bytes, name: str, limit: int) -> bytes:
    try:
        if name in ("gzip", "x-gzip"):
            return _inflate(body, 16 + zlib.MAX_WBITS, limit)
        if name == "deflate":
            try:
                return _inflate(body, zlib.MAX_WBITS, limit)
            except zlib.error:
                return _inflate(body, -zlib.MAX_WBITS, limit)  # raw deflate, as some servers send it
        if name == "br":
            return _unbrotli(body, limit)
    except (zlib.error, brotli.error) as error:
        raise PageProblem("encoding", f"the page says it is packed with {name} and cannot be unpacked: {error}") from error
    raise PageProblem("encoding", f"the page is packed with '{name}', which is not known")


def _inflate(body: bytes, wbits: int, limit: int) -> bytes:
    out, size, members, place = [], 0, 1, 0
    machine = zlib.decompressobj(wbits)
    while True:
        data = body[place : place + _CHUNK]  # a piece: zlib copies what it leaves, and would copy the whole page for each small member
        chunk = machine.decompress(data, _CHUNK)
        used = len(data) - len(machine.unused_data if machine.eof else machine.unconsumed_tail)
        place, size = place + used, size + len(chunk)
        _check(size, len(body), limit)
        out.append(chunk)
        if machine.eof:
            if not body.startswith(GZIP_MAGIC, place):  # a further gzip member is part of the page, anything else is padding
                break
            members += 1
            _check_members(members)
            machine = zlib.decompressobj(wbits)
        elif not chunk and not used:
            break
    return b"".join(out)  # a truncated stream gives what arrived


def _unbrotli(body: bytes, limit: int) -> bytes:
    machine = brotli.Decompressor()
    out = [machine.process(body, output_buffer_limit=_CHUNK)]
    size = len(out[0])
    while not machine.is_finished():
        chunk = machine.process(b"", output_buffer_limit=_CHUNK)
        if not chunk:
            break
        size += len(chunk)
        _check(size, len(body), limit)
        out.append(chunk)
    return b"".join(out)


def _check(size: int, packed: int, limit: int) -> None:
    if size > limit:
        raise PageProblem("bomb", f"{packed:,} packed bytes unpack to more than the {limit:,} allowed: taken for a compression bomb")


def _check_members(members: int) -> None:
    if members > MAX_MEMBERS:
        raise PageProblem("bomb", f"the page is packed in more than {MAX_MEMBERS:,} pieces: taken for a compression bomb")


def to_text(body: bytes, content_type: str) -> str:
    """The text of a page.

    Valid UTF-8 is UTF-8 whatever the headers say (other encodings hardly ever look like it); else byte order mark, header, meta tag.

    Raises:
        PageProblem: `type` for what is no text, `binary` for what only says that it is, `empty`.
    """
    if content_type and not _TEXT_TYPES.match(content_type):
        raise PageProblem("type", f"not a text page ({content_type.partition(';')[0].strip()[:60]})")
    if not body.strip():
        raise PageProblem("empty", "the page is empty")
    if b"\x00" in body[:4096] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise PageProblem("binary", "the page says it is text and holds binary data")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        _, text = html_to_unicode(content_type or None, body, default_encoding="utf-8")
    return text.translate(_CONTROL) if _has_control(text) else text


def _has_control(text: str) -> bool:
    return re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text) is not None
