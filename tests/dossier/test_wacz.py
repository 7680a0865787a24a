"""The pack as a WACZ: its index leads to the response that was captured."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from crawlers.warc import Exchange, write_capture
from rasoat.canonical import sha256_hex
from rasoat.dossier import Status, verify_bytes
from rasoat.dossier.wacz import find_response, surt
from rasoat.items import Capture
from tests.dossier.made import T0, TEXT, Desk, capture, item, view

URL = "https://dau-tu-vang.example/bai-viet/co-hoi-30?x=%C4%90"


def warc(body: bytes = TEXT.encode()) -> bytes:
    headers = (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "a=b"))
    return write_capture(Exchange(URL, T0, 200, body, (), headers, "0" * 8, "1" * 8))


def captured(desk: Desk, number: int) -> Capture:
    data = warc()
    return replace(capture(desk.evidence, number, TEXT), blob=desk.evidence.put(data, "application/warc"))


def test_the_index_leads_to_the_response(desk: Desk) -> None:
    lead = replace(item(desk.evidence), captures=(captured(desk, 1), captured(desk, 2)))
    data = desk.build(view(lead)).path.read_bytes()
    assert verify_bytes(data).status is Status.OK
    with zipfile.ZipFile(BytesIO(data)) as archive:
        lines = archive.read("indexes/index.cdxj").decode().splitlines()
        assert len(lines) == 2
        for line in lines:
            key, moment, rest = line.split(" ", 2)
            fields = json.loads(rest)
            assert (key, moment) == ("example,dau-tu-vang)/bai-viet/co-hoi-30?x=%c4%90", "20260302080000")
            raw = archive.read("archive/" + fields["filename"])
            start = int(fields["offset"])
            record = next(iter(ArchiveIterator(BytesIO(raw[start : start + int(fields["length"])]))))
            assert (record.rec_type, record.rec_headers.get_header("WARC-Target-URI")) == ("response", fields["url"])
            assert (fields["status"], fields["mime"]) == ("200", "text/html")
            assert record.content_stream().read() == TEXT.encode()
        pages = [json.loads(line) for line in archive.read("pages/pages.jsonl").splitlines()]
        assert [page.get("url") for page in pages] == [None, URL, URL]
        package = json.loads(archive.read("datapackage.json"))
        for resource in package["resources"]:
            content = archive.read(resource["path"])
            assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{sha256_hex(content)}")
        assert {r["path"].split("/")[0] for r in package["resources"]} == {"archive", "indexes", "pages"}
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())


@pytest.mark.parametrize("data", [b"", b"WARC/1.1", b"\x1f\x8b\x08", warc()[:-5000] or b"x", warc()[:40]])
def test_what_is_no_warc_has_no_index(data: bytes) -> None:
    found = find_response(data)
    assert found is None or found.url == URL


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_index(data: bytes) -> None:
    assert find_response(data) is None


def test_a_large_page_is_not_kept_in_memory_to_be_indexed() -> None:
    found = find_response(warc(bytes(20 << 20)))
    assert found is not None
    assert found.status == "200"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.A.example/X?q=1", "example,a,www)/x?q=1"),
        ("http://a.example:8080", "example,a:8080)/"),
        ("https://a.example:443/", "example,a)/"),
    ],
)
def test_addresses_sort_by_host(url: str, key: str) -> None:
    assert surt(url) == key
