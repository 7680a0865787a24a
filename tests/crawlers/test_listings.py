"""Sitemaps and feeds of every kind, and what only looks like one."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.decode import PageProblem
from crawlers.listings import read_listing

URL = "http://tin.example/sitemap.xml"
LIMIT = 1_000_000
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def pages(data: str | bytes) -> tuple[str, ...]:
    return read_listing(data if isinstance(data, bytes) else data.encode(), URL, limit=LIMIT).pages


def test_a_sitemap_newest_first() -> None:
    rows = "".join(
        f"<url><loc> http://tin.example/{name} </loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for name, day in (("cu", "2024-01-01"), ("khong-ngay", ""), ("moi", "2026-01-01"), ("cu", "2024-01-01"))
    )
    assert pages(f'<?xml version="1.0"?><urlset {NS}>{rows}</urlset>') == tuple(
        f"http://tin.example/{name}" for name in ("moi", "cu", "khong-ngay")
    )


def test_an_index_a_packed_one_and_a_list_of_lines() -> None:
    index = f"\ufeff<sitemapindex {NS}><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>"
    assert read_listing(index.encode(), URL, limit=LIMIT).sitemaps == ("http://tin.example/a.xml",)
    packed = gzip.compress(f"<urlset {NS}><url><loc>http://tin.example/a</loc></url></urlset>".encode())
    assert pages(packed) == ("http://tin.example/a",)
    assert pages("http://tin.example/a\nrubbish\nhttp://tin.example/b\n") == ("http://tin.example/a", "http://tin.example/b")


@pytest.mark.parametrize(
    "feed",
    [
        "<rss><channel><link>http://tin.example/</link><item><link>http://tin.example/a</link></item></channel></rss>",
        '<feed xmlns="http://www.w3.org/2005/Atom"><link href="/"/><entry><link rel="self" href="/s"/><link href="/a"/></entry></feed>',
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        "<item><link>http://tin.example/a</link></item></rdf:RDF>",
        "<rss><channel><item><link>http://tin.example/a</link></item><item><title>cut",
    ],
    ids=["rss", "atom", "rdf", "truncated"],
)
def test_feeds(feed: str) -> None:
    assert pages(feed) == ("http://tin.example/a",)


@pytest.mark.parametrize("data", [b"", b"<html><body>404", b"not an address\nnor this", b"\x00\x01", b"<", b"<!-- only -->"])
def test_what_is_no_listing(data: bytes) -> None:
    with pytest.raises(PageProblem) as caught:
        read_listing(data, URL, limit=LIMIT)
    assert caught.value.kind == "listing"


def test_bombs_stay_small() -> None:
    with pytest.raises(PageProblem) as caught:
        read_listing(gzip.compress(b"<urlset>" + b" " * 2_000_000), URL, limit=LIMIT)
    assert caught.value.kind == "bomb"
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    assert pages(f"<!DOCTYPE x [{entities}]><urlset><url><loc>&a11;</loc></url></urlset>") == ()
    outside = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://tin.example/&f;</loc></url></urlset>'
    assert all("root" not in page for page in pages(outside))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_listing_or_a_problem(data: bytes) -> None:
    try:
        read_listing(data, URL, limit=1000)
    except PageProblem as problem:
        assert problem.kind in ("listing", "encoding", "bomb")  # noqa: PT017  (either outcome is right)
