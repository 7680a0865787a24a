"""Makes a pack a WACZ as well (webrecorder/specs 1.1.1): rename it to `.wacz` and a replay viewer opens its captures.

Owns the index, the page list and datapackage.json. What cannot be read as WARC is left out of the index, never out of the pack.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from rasoat import __version__
from rasoat.canonical import canonical_json, sha256_hex
from rasoat.dossier.notice import CaptureRef, Notice

ARCHIVE: Final = "archive/"
INDEX, PAGES, PACKAGE = "indexes/index.cdxj", "pages/pages.jsonl", "datapackage.json"
_GZIP: Final = 31  # zlib's number for "with a gzip header"
_CHUNK: Final = 1 << 16
_HEAD: Final = 1 << 16
_STATUS: Final = re.compile(rb"HTTP/[\d.]+ (\d{3})")


@dataclass(frozen=True, slots=True)
class Response:
    """Where the response stands in its WARC, and what it says of itself."""

    offset: int
    length: int
    url: str
    date: str  # RFC 3339
    status: str
    mime: str
    digest: str


def find_response(data: bytes) -> Response | None:
    """The first response of a WARC whose records are gzip members of their own; None when there is none."""
    offset = 0
    while offset < len(data):
        member = _member(data, offset)
        if member is None:
            return None
        head, length = member
        if response := _response(head, offset, length):
            return response
        offset += length
    return None


def _member(data: bytes, offset: int) -> tuple[bytes, int] | None:
    """The first bytes of one gzip member and its compressed length; reads it to its end without keeping it."""
    unpacker = zlib.decompressobj(_GZIP)
    head, position = b"", offset
    try:
        while not unpacker.eof and position < len(data):
            piece = data[position : position + _CHUNK]
            position += len(piece)
            while piece and not unpacker.eof:
                head = (head + unpacker.decompress(piece, _HEAD))[:_HEAD]
                piece = unpacker.unconsumed_tail
    except zlib.error:
        return None
    return (head, position - len(unpacker.unused_data) - offset) if unpacker.eof else None


def _response(head: bytes, offset: int, length: int) -> Response | None:
    record, _, rest = head.partition(b"\r\n\r\n")
    warc, http = _headers(record), rest.partition(b"\r\n\r\n")[0]
    if warc.get("warc-type") != "response" or not {"warc-target-uri", "warc-date"} <= set(warc):
        return None
    status = _STATUS.match(http)
    return Response(
        offset=offset,
        length=length,
        url=warc["warc-target-uri"],
        date=warc["warc-date"],
        status=status[1].decode() if status else "-",
        mime=_headers(http).get("content-type", "unk").split(";")[0].strip(),
        digest=warc.get("warc-payload-digest", "-"),
    )


def _headers(block: bytes) -> dict[str, str]:
    lines = block.decode("utf-8", "replace").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def surt(url: str) -> str:
    """The sort-friendly form of an address: `https://www.a.example/x` is `example,a,www)/x`."""
    parts = urlsplit(url)
    host = ",".join(reversed((parts.hostname or "").split(".")))
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    return f"{host}{port}){parts.path or '/'}{'?' + parts.query if parts.query else ''}".lower()


def wacz_files(notice: Notice, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Index, page list and datapackage.json for the WARCs among `files`; nothing when there is none."""
    lines, pages = [], [canonical_json({"format": "json-pages-1.0", "id": "pages", "title": notice.dossier_id})]
    for capture in _archived(notice):
        response = find_response(files[str(capture.file)])
        if response is not None:
            lines.append(_index_line(capture, response))
            pages.append(canonical_json({"id": capture.id, "url": response.url, "ts": capture.captured_at, "title": response.url}))
    if not lines:
        return {}
    made = {INDEX: "".join(sorted(lines)).encode(), PAGES: b"\n".join(pages) + b"\n"}
    return made | {PACKAGE: _package(notice, {**files, **made})}


def _archived(notice: Notice) -> Iterator[CaptureRef]:
    for item in notice.items:
        yield from (capture for capture in item.captures if capture.file is not None and capture.file.startswith(ARCHIVE))


def _index_line(capture: CaptureRef, response: Response) -> str:
    moment = re.sub(r"\D", "", response.date)[:14]
    fields = {
        "url": response.url,
        "mime": response.mime,
        "status": response.status,
        "digest": response.digest,
        "length": str(response.length),
        "offset": str(response.offset),
        "filename": str(capture.file).removeprefix(ARCHIVE),
    }
    return f"{surt(response.url)} {moment} {json.dumps(fields, ensure_ascii=False)}\n"


def _package(notice: Notice, files: Mapping[str, bytes]) -> bytes:
    listed = {path: data for path, data in files.items() if path.startswith((ARCHIVE, "indexes/", "pages/"))}
    resources = [
        {"name": path.rsplit("/", 1)[-1], "path": path, "hash": f"sha256:{sha256_hex(data)}", "bytes": len(data)}
        for path, data in sorted(listed.items())
    ]
    return canonical_json(
        {
            "profile": "data-package",
            "wacz_version": "1.1.1",
            "title": notice.dossier_id,
            "created": notice.built_at,
            "modified": notice.built_at,
            "software": f"rasoat/{__version__}",
            "resources": resources,
        }
    )
