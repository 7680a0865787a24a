"""One small gzip WARC per capture: the request and the response as they went over the wire, cookies taken out.

Writes and reads bytes. Knows nothing of where they are kept. SHA-256 is ours: warcio's own digests are SHA-1.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from io import BytesIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from rasoat.canonical import sha256_hex
from rasoat.clock import rfc3339
from rasoat.errors import EvidenceError

MEDIA_TYPE = "application/warc"
PRIVATE_HEADERS = frozenset({"set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization", "www-authenticate"})
"""Never kept: they are about a visit, not about the page."""
_TRANSFER_HEADERS = frozenset({"transfer-encoding", "connection", "content-length", "keep-alive"})  # true of the wire, false of the record
_GZIP_LEVEL = 4  # level 6 takes twice the time for 5% (145 kB news page)

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response. `body` is as received: content encoding still on, transfer encoding off."""

    url: str
    at: datetime
    status: int
    body: bytes
    request_headers: Headers
    response_headers: Headers
    warc_id: str  # UUID of the response record; the request record points to it
    request_id: str  # UUID of the request record
    ip: str = ""


@dataclass(frozen=True, slots=True)
class CaptureContent:
    """What `read_capture` finds: the response of one capture."""

    url: str
    at: str
    status: int
    headers: Headers
    body: bytes
    payload_sha256: str
    request_headers: Headers


def strip_private(headers: Headers) -> Headers:
    """Headers without cookies and credentials."""
    return tuple((name, value) for name, value in headers if name.lower() not in PRIVATE_HEADERS)


def write_capture(exchange: Exchange) -> bytes:
    """The WARC file of one exchange: response and request record, each its own gzip member (WARC 1.1, annex D)."""
    writer = WARCWriter(BytesIO(), gzip=False, warc_version="1.1")
    response = _response_record(writer, exchange)
    request = _request_record(writer, exchange)
    return _gzipped(response) + _gzipped(request)


def _gzipped(record: ArcWarcRecord) -> bytes:
    out = BytesIO()  # not warcio's BufferWARCWriter, which leaves its temporary file open
    WARCWriter(out, gzip=False, warc_version="1.1").write_record(record)
    return gzip.compress(out.getvalue(), _GZIP_LEVEL, mtime=0)


def _response_record(writer: WARCWriter, exchange: Exchange) -> ArcWarcRecord:
    kept = [(name, value) for name, value in strip_private(exchange.response_headers) if name.lower() not in _TRANSFER_HEADERS]
    kept.append(("Content-Length", str(len(exchange.body))))
    http = StatusAndHeaders(f"{exchange.status} {_phrase(exchange.status)}".strip(), kept, protocol="HTTP/1.1")
    extra = {
        "WARC-Record-ID": f"<urn:uuid:{exchange.warc_id}>",
        "WARC-Date": rfc3339(exchange.at),
    }
    if exchange.ip:
        extra["WARC-IP-Address"] = exchange.ip
    return _record(writer, exchange.url, "response", exchange.body, http, extra)


def _request_record(writer: WARCWriter, exchange: Exchange) -> ArcWarcRecord:
    parts = urlsplit(exchange.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = [("Host", parts.netloc), *strip_private(exchange.request_headers)]
    http = StatusAndHeaders(f"GET {target} HTTP/1.1", headers, is_http_request=True)
    extra = {
        "WARC-Record-ID": f"<urn:uuid:{exchange.request_id}>",
        "WARC-Concurrent-To": f"<urn:uuid:{exchange.warc_id}>",
        "WARC-Date": rfc3339(exchange.at),
    }
    return _record(writer, exchange.url, "request", b"", http, extra)


def _record(writer: WARCWriter, url: str, kind: str, body: bytes, http: StatusAndHeaders, extra: dict[str, str]) -> ArcWarcRecord:
    http.compute_headers_buffer()
    digest = {
        "WARC-Block-Digest": f"sha256:{sha256_hex(http.headers_buff + body)}",
        "WARC-Payload-Digest": f"sha256:{sha256_hex(body)}",
    }
    # With its length given, warcio keeps the digests that are there; without it, it writes SHA-1 over them.
    return writer.create_warc_record(
        url, kind, payload=BytesIO(body), length=len(body), http_headers=http, warc_headers_dict=extra | digest
    )


def read_capture(data: bytes) -> CaptureContent:
    """The response of a capture, as it was kept.

    Raises:
        EvidenceError: no WARC, no response in it, or a body that differs from the digest written beside it.
    """
    content: CaptureContent | None = None
    request_headers: Headers = ()
    try:
        for record in ArchiveIterator(BytesIO(data)):
            if record.rec_type == "response":
                content = _content(record)
            elif record.rec_type == "request" and record.http_headers:
                request_headers = tuple(record.http_headers.headers)
    except (ArchiveLoadFailed, OSError, EOFError, ValueError) as error:
        raise EvidenceError(f"the capture cannot be read: {error}") from error
    if content is None:
        raise EvidenceError("the capture holds no response")
    return CaptureContent(content.url, content.at, content.status, content.headers, content.body, content.payload_sha256, request_headers)


def _content(record: ArcWarcRecord) -> CaptureContent:
    body = record.raw_stream.read()
    digest = sha256_hex(body)
    written = record.rec_headers.get_header("WARC-Payload-Digest")
    if written != f"sha256:{digest}":
        raise EvidenceError(f"the captured page differs from its digest ({written} was written, sha256:{digest} is there)")
    if record.http_headers is None:
        raise EvidenceError("the capture has no response headers")
    return CaptureContent(
        url=record.rec_headers.get_header("WARC-Target-URI"),
        at=record.rec_headers.get_header("WARC-Date"),
        status=int(record.http_headers.get_statuscode()),
        headers=tuple(record.http_headers.headers),
        body=body,
        payload_sha256=digest,
        request_headers=(),
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # servers invent numbers
        return ""
