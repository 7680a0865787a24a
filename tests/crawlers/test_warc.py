"""Captures: what is written is read back, and a changed byte is found."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawlers.warc import Exchange, read_capture, write_capture
from rasoat.canonical import sha256_hex
from rasoat.errors import EvidenceError

PRIVATE = (("Set-Cookie", "bi-mat"), ("SET-COOKIE2", "bi-mat"), ("Cookie", "bi-mat"), ("authorization", "bi-mat"))


def exchange(body: bytes, **changes: object) -> Exchange:
    values: dict[str, object] = {
        "url": "http://tin.example/a?x=1",
        "at": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        "status": 200,
        "body": body,
        "request_headers": (("User-Agent", "RaSoat"), *PRIVATE),
        "response_headers": (("Content-Type", "text/html"), ("X-A", "é"), ("Transfer-Encoding", "chunked"), *PRIVATE),
        "warc_id": "00000000-0000-4000-8000-000000000001",
        "request_id": "00000000-0000-4000-8000-000000000002",
        "ip": "192.0.2.1",
    }
    return Exchange(**(values | changes))  # type: ignore[arg-type]


@given(st.binary(max_size=2000))
def test_round_trip(body: bytes) -> None:
    data = write_capture(exchange(body))
    content = read_capture(data)
    assert (content.body, content.status, content.url) == (body, 200, "http://tin.example/a?x=1")
    assert content.payload_sha256 == sha256_hex(body)
    assert content.at == "2026-01-02T03:04:05.000006Z"
    assert data == write_capture(exchange(body))


def test_cookies_and_credentials_are_taken_out() -> None:
    data = write_capture(exchange(b"<p>"))
    assert b"bi-mat" not in gzip.decompress(data)
    content = read_capture(data)
    assert ("Content-Type", "text/html") in content.headers
    assert ("User-Agent", "RaSoat") in content.request_headers


def test_any_warc_reader_can_read_it() -> None:
    records = list(ArchiveIterator(BytesIO(write_capture(exchange(b"<p>")))))
    assert [record.rec_type for record in records] == ["response", "request"]
    response, request = (record.rec_headers for record in records)
    assert response.get_header("WARC-Target-URI") == request.get_header("WARC-Target-URI") == "http://tin.example/a?x=1"
    assert request.get_header("WARC-Concurrent-To") == response.get_header("WARC-Record-ID")
    assert response.get_header("WARC-IP-Address") == "192.0.2.1"
    assert "sha1" not in gzip.decompress(write_capture(exchange(b"<p>"))).decode("latin-1")


def test_one_changed_byte_is_found() -> None:
    good = gzip.decompress(write_capture(exchange(b"<p>mot hai ba</p>")))
    at = good.index(b"mot hai ba")
    with pytest.raises(EvidenceError, match="differs from its digest"):
        read_capture(gzip.compress(good[:at] + b"M" + good[at + 1 :]))


@pytest.mark.parametrize(
    "data",
    [b"", b"not a warc", gzip.compress(b"nor this"), write_capture(exchange(b"x" * 500))[:150]],
    ids=["nothing", "text", "packed text", "cut off"],
)
def test_what_is_no_capture(data: bytes) -> None:
    with pytest.raises(EvidenceError):
        read_capture(data)
