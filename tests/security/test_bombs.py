"""Small things that grow: packed pages, XML that refers to itself, packs made to keep `verify` busy. Bounded in memory and in time."""

from __future__ import annotations

import contextlib
import gzip
import io
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.decode import MAX_MEMBERS, PageProblem, unpack
from crawlers.listings import read_listing
from rasoat.dossier import Status, verify_bytes
from rasoat.dossier.pdf import attachment
from tests.crawlers.conftest import site
from tests.crawlers.web import Site
from tests.dossier.conftest import pack, policy
from tests.dossier.test_pack import files_of
from tests.dossier.test_verify_pack import resigned

__all__ = ["pack", "policy", "site"]
LIMIT = 5_000_000
MIB = 1 << 20


@contextmanager
def within(*, seconds: float, mib: float) -> Iterator[None]:
    """Fails when more time or memory was taken. Seconds are of this process, so that a busy machine does not count."""
    tracemalloc.start()
    begun = time.process_time()
    try:
        yield
        assert time.process_time() - begun < seconds
        assert tracemalloc.get_traced_memory()[1] < mib * MIB
    finally:
        tracemalloc.stop()


def gzip_bomb() -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join(machine.compress(bytes(MIB)) for _ in range(40)) + machine.flush()


def brotli_bomb() -> bytes:
    machine = brotli.Compressor(quality=1)
    return b"".join(machine.process(bytes(MIB)) for _ in range(40)) + bytes(machine.finish())


@pytest.mark.parametrize(
    ("encoding", "make"), [("gzip", gzip_bomb), ("br", brotli_bomb), ("deflate", lambda: zlib.compress(bytes(40 * MIB)))]
)
def test_forty_megabytes_of_nothing(encoding: str, make: Callable[[], bytes]) -> None:
    body = make()
    assert len(body) < MIB
    with within(seconds=2, mib=12), pytest.raises(PageProblem) as caught:
        unpack(body, encoding, LIMIT)
    assert caught.value.kind == "bomb"


def test_a_page_of_empty_members_takes_no_time() -> None:
    """Each of them was once copied with all that follow: five megabytes took the crawl half a minute."""
    empty = gzip.compress(b"", mtime=0)
    with within(seconds=3, mib=12), pytest.raises(PageProblem) as caught:
        unpack(empty * (LIMIT // len(empty)), "gzip", LIMIT)
    assert caught.value.kind == "bomb"
    honest = gzip.compress("đoạn ".encode())
    assert unpack(honest * (MAX_MEMBERS - 1), "gzip", LIMIT) == "đoạn ".encode() * (MAX_MEMBERS - 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=4), st.sampled_from([b"\0", b"abc", bytes(range(256))]), st.integers(0, 30))
def test_honest_members_of_any_size_come_out_whole(sizes: list[int], word: bytes, padding: int) -> None:
    parts = [(word * size)[:size] for size in sizes]
    body = b"".join(gzip.compress(part) for part in parts) + bytes(padding)
    assert unpack(body, "gzip", LIMIT) == b"".join(parts)


def test_a_page_packed_a_thousand_times_over_is_not_unpacked() -> None:
    with pytest.raises(PageProblem) as caught:
        unpack(b"x", ", ".join(["gzip"] * 1000), LIMIT)
    assert caught.value.kind == "encoding"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(20))
BLOWUP = f'<!ENTITY x "{"ha" * 50_000}">'
XML = {
    "billion laughs": f"<!DOCTYPE u [{LAUGHS}]><urlset><url><loc>http://tin.example/&l19;</loc></url></urlset>",
    "laughs in an attribute": f'<!DOCTYPE u [{LAUGHS}]><feed><entry><link href="&l19;"/></entry></feed>',
    "quadratic": f"<!DOCTYPE u [{BLOWUP}]><urlset><url><loc>http://tin.example/{'&x;' * 20_000}</loc></url></urlset>",
    "recursive": '<!DOCTYPE u [<!ENTITY a "&b;"><!ENTITY b "&a;">]><urlset><url><loc>&a;</loc></url></urlset>',
    "parameter entities": "<!DOCTYPE u [<!ENTITY % a \"<!ENTITY b 'c'>\"> %a; %a;]><urlset><url><loc>&b;</loc></url></urlset>",
    "deep": "<urlset>" + "<a>" * 200_000,
    "attributes": "<urlset " + " ".join(f'a{n}="x"' for n in range(100_000)) + "/>",
    "namespaces": "<urlset " + " ".join(f'xmlns:a{n}="u:{n}"' for n in range(20_000)) + "/>",
    "one long name": "<urlset><" + "a" * 3_000_000 + "/></urlset>",
    "open comment": "<urlset><!--" + "-" * 3_000_000,
    "open section": "<urlset><![CDATA[" + "]" * 3_000_000,
}


@pytest.mark.parametrize("kind", XML)
def test_xml_that_grows(kind: str) -> None:
    data = XML[kind].encode()
    found: tuple[str, ...] = ()
    with within(seconds=3, mib=80), contextlib.suppress(PageProblem):
        found = read_listing(data, "http://tin.example/s.xml", limit=LIMIT).pages
    assert all(len(address) < 100 and "haha" not in address for address in found)


def test_xml_reads_no_file_and_asks_nobody(tmp_path: Path, site: Site) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("mat-khau-cua-may")
    away = site.url("/away.dtd")
    for source in (secret.as_uri(), away):
        for head in (
            f'<!DOCTYPE u [<!ENTITY f SYSTEM "{source}">]>',
            f'<!DOCTYPE u [<!ENTITY f PUBLIC "x" "{source}">]>',
            f'<!DOCTYPE u SYSTEM "{source}">',
            f'<!DOCTYPE u [<!ENTITY % p SYSTEM "{source}"> %p;]>',
            f'<?xml-stylesheet type="text/xsl" href="{source}"?>',
        ):
            body = f'<loc>http://tin.example/&f;</loc><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="{source}"/>'
            try:
                listing = read_listing(f"{head}<urlset><url>{body}</url></urlset>".encode(), "http://tin.example/s.xml", limit=LIMIT)
            except PageProblem:
                continue
            assert "mat-khau" not in repr(listing)
    assert not site.hits


@pytest.mark.parametrize(
    "pdf", [b"<<" * 200_000, b"<</Type/EmbeddedFile" * 50_000, (b"<</Type/EmbeddedFile" + b">> " * 300) * 500, b"/Type " * 200_000]
)
def test_a_pdf_made_to_keep_verify_busy(pdf: bytes) -> None:
    """Forty kilobytes of this once took eight seconds, and a megabyte the whole day."""
    with within(seconds=2, mib=40):
        assert attachment(pdf) is None


def test_a_pack_with_such_a_pdf_is_broken_and_said_so_soon(pack: bytes) -> None:
    """Signed with a key of the attacker's own, so that all that a signature holds is right."""
    forged = resigned(files_of(pack) | {"notice.pdf": b"<</Type/EmbeddedFile" * 50_000})
    with within(seconds=5, mib=200):
        assert verify_bytes(forged).status is Status.BROKEN


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_pack_packed_with_what_we_never_use(pack: bytes, method: int) -> None:
    """Such packers ask for memory as the file tells them, and fail in words of their own."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files_of(pack).items():
            archive.writestr(name, data)
    whole = stream.getvalue()
    assert verify_bytes(whole).status is not Status.OK
    for place in range(40, 120, 7):
        broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        assert verify_bytes(broken).status is not Status.OK
