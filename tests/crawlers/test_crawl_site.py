"""A site is crawled end to end: what comes in, what is followed, what is left alone."""

from __future__ import annotations

import gzip
import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawlers.report import CrawlReport
from crawlers.run import crawl, spec_for_url
from crawlers.warc import read_capture
from rasoat import USER_AGENT
from rasoat.canonical import sha256_hex
from rasoat.errors import UsageError
from rasoat.items import ItemKind, Publisher, PublisherKind
from rasoat.missing import Missing
from rasoat.ports import Arrival
from rasoat.settings import Settings
from tests.crawlers.conftest import make_spec
from tests.crawlers.fakes import MemoryEvidence, MemoryInbox
from tests.crawlers.test_extract import SAVED, share_found
from tests.crawlers.web import LONG, Answer, Site, html, redirect, running_site

Run = Callable[..., CrawlReport]


def test_links_inside_the_scope_are_followed_and_others_left(site: Site, inbox: MemoryInbox, run: Run) -> None:
    site.routes["/"] = html("Trang nhà", LONG, "/a", "/b?x=1", "http://ngoai.example/x", "mailto:a@b.example", "javascript:void(0)")
    site.routes["/a"] = html("Bài A", LONG, "/", "/b?x=1#cuoi", "/b?x=1&utm_source=zalo")
    site.routes["/b?x=1"] = html("Bài B", LONG)
    report = run()
    assert (report.pages, report.ok, report.resumed) == (3, True, False)
    assert report.items[Arrival.NEW] == 3
    assert report.captures == 3
    assert report.skipped == {"scope": 1}
    assert site.hits == {"/robots.txt": 1, "/": 1, "/a": 1, "/b?x=1": 1}
    assert inbox.runs == {"run-1"}


def test_an_item_says_what_the_page_says_and_no_more(site: Site, inbox: MemoryInbox, run: Run) -> None:
    head = '<meta property="og:type" content="article"><meta property="article:published_time" content="2026-01-02T08:00:00+07:00">'
    site.routes["/"] = html("Chợ quê", LONG, "/tran", head=head)
    site.routes["/tran"] = Answer("Chỉ có chữ, không có gì khác.".encode(), type="text/plain; charset=utf-8")
    run()
    full, bare = inbox.by_path("/"), inbox.by_path("/tran")
    assert (full.kind, full.title, full.publisher) == (ItemKind.ARTICLE, "Chợ quê", Publisher(PublisherKind.DOMAIN, "127.0.0.1"))
    assert full.published_at == datetime(2026, 1, 2, 1, 0, tzinfo=UTC)
    assert "Chợ quê họp từ sáng sớm" in full.text
    assert "/tran" in full.verbatim
    assert (bare.kind, bare.title, bare.published_at, bare.reach, bare.raw) == (ItemKind.PAGE, Missing, Missing, Missing, Missing)
    assert bare.text == "Chỉ có chữ, không có gì khác."


def test_the_capture_holds_the_bytes_as_received_without_cookies(
    site: Site, inbox: MemoryInbox, evidence: MemoryEvidence, run: Run
) -> None:
    packed = gzip.compress(html("Gói", LONG).encode())
    site.routes["/"] = Answer(packed, headers={"Content-Encoding": "gzip", "Set-Cookie": "phien=bi-mat", "X-Tu": "may-chu"})
    run()
    (capture,) = inbox.by_path("/").captures
    content = read_capture(evidence.get(capture.blob))
    assert content.body == packed
    assert capture.payload_sha256 == content.payload_sha256 == sha256_hex(packed)
    assert (content.url, content.status, capture.http_status) == (site.url("/"), 200, 200)
    assert ("X-Tu", "may-chu") in capture.headers
    assert b"bi-mat" not in gzip.decompress(evidence.get(capture.blob))
    assert dict(content.request_headers)["User-Agent"] == USER_AGENT
    assert site.agents == {USER_AGENT}


def test_no_cookie_is_ever_sent(site: Site, run: Run) -> None:
    site.routes["/"] = Answer(html("Nhà", LONG, "/a").encode(), headers={"Set-Cookie": "phien=1"})
    site.routes["/a"] = html("A", LONG)
    run()
    assert site.hits["/a"] == 1
    assert site.cookies == []


def test_redirects_are_kept_as_a_chain(site: Site, inbox: MemoryInbox, run: Run) -> None:
    site.routes |= {"/": redirect("/mot", 301), "/mot": redirect("/hai?utm_source=x"), "/hai?utm_source=x": html("Hai", LONG)}
    report = run(limits__max_pages=1)
    item = inbox.by_path("/hai")
    (capture,) = item.captures
    assert report.pages == 1
    assert item.url == site.url("/hai?utm_source=x")
    assert capture.requested_url == site.url("/")
    assert capture.redirects == (site.url("/"), site.url("/mot"))


def test_sitemaps_feeds_and_robots_are_sources_of_addresses(site: Site, run: Run) -> None:
    index = f"<sitemapindex><sitemap><loc>{site.url('/b.xml.gz')}</loc></sitemap></sitemapindex>"
    urls = f"<urlset><url><loc>{site.url('/tu-sitemap')}</loc></url></urlset>"
    feed = "<rss><channel><link>/</link><item><title>x</title><link>/tu-feed</link></item></channel></rss>"
    site.routes |= {
        "/robots.txt": Answer(f"User-agent: *\nDisallow:\nSitemap: {site.url('/a.xml')}".encode(), type="text/plain"),
        "/a.xml": Answer(index.encode(), type="application/xml"),
        "/b.xml.gz": Answer(gzip.compress(urls.encode()), type="application/gzip"),
        "/feed": Answer(feed.encode(), type="application/rss+xml"),
        "/": html("Nhà", LONG, head='<link rel="alternate" type="application/rss+xml" href="/feed">'),
        "/tu-sitemap": html("Từ sitemap", LONG),
        "/tu-feed": html("Từ feed", LONG),
    }
    assert run().pages == 3
    assert {"/tu-sitemap", "/tu-feed"} <= set(site.hits)


def test_a_second_run_gives_new_captures_and_no_second_item(site: Site, inbox: MemoryInbox, evidence: MemoryEvidence, run: Run) -> None:
    site.routes |= {"/": html("Nhà", LONG, "/a", "/b"), "/a": html("A", LONG), "/b": html("B", LONG)}
    first = run()
    site.routes["/a"] = html("A, sửa lại", LONG)
    second = run(run_id="run-2")
    assert first.items[Arrival.NEW] == 3
    assert (second.items[Arrival.NEW], second.items[Arrival.CHANGED], second.items[Arrival.SEEN_AGAIN]) == (0, 1, 2)
    assert second.resumed is False
    assert len(inbox.items) == 3
    assert sum(inbox.captures.values()) == 6 == len(evidence.blobs)


def test_the_capture_of_a_known_unflagged_page_is_not_kept(site: Site, inbox: MemoryInbox, evidence: MemoryEvidence, run: Run) -> None:
    site.routes["/"] = html("Nhà", LONG)
    run()
    inbox.dropped = set(inbox.items)
    report = run(run_id="run-2")
    assert (report.pages, report.captures, report.items[Arrival.KNOWN_DROPPED]) == (1, 0, 1)
    assert len(evidence.blobs) == 1


def test_limits_of_pages_and_depth(site: Site, run: Run) -> None:
    site.fallback = lambda _, path: html(path, LONG, f"/{int(path.strip('/') or 0) + 1}")
    assert run(limits__max_depth=3, limits__max_pages=50).pages == 4
    shallow = run(run_id="run-2", limits__max_depth=50, limits__max_pages=3)
    assert (shallow.pages, shallow.skipped) == (3, {"limit": 1})


def test_path_patterns_bound_the_scope(site: Site, run: Run) -> None:
    site.routes["/"] = html("Nhà", LONG, "/tin/1", "/tin/2?in=1", "/video/1")
    site.routes |= {"/tin/1": html("1", LONG), "/tin/2?in=1": html("2", LONG), "/video/1": html("v", LONG)}
    report = run(scope={"allow": ["^/tin/"], "deny": ["[?&]in="]})
    assert set(site.hits) == {"/robots.txt", "/", "/tin/1"}
    assert report.skipped == {"scope": 2}


def test_several_sources_run_side_by_side(site: Site, settings: Settings, inbox: MemoryInbox, evidence: MemoryEvidence) -> None:
    site.routes["/"] = html("Một", LONG)
    with running_site() as other:
        other.routes["/"] = html("Hai", LONG)
        specs = [make_spec(site), make_spec(other, name="thu-hai")]
        reports = crawl(specs, inbox=inbox, evidence=evidence, settings=settings, run_ids={"thu": "a", "thu-hai": "b"}, workers=1)
    assert [(report.source, report.run_id, report.pages) for report in reports] == [("thu", "a", 1), ("thu-hai", "b", 1)]
    assert inbox.runs == {"a", "b"}


def test_a_source_is_made_of_any_address(site: Site, run: Run) -> None:
    site.routes |= {"/x": html("X", LONG, "/y"), "/y": html("Y", LONG)}
    spec = spec_for_url(site.url("/x"), max_pages=1, allow_private=True)
    assert spec == spec_for_url(site.url("/x#cuoi"), max_pages=1, allow_private=True).model_copy(
        update={"title": spec.title, "seeds": spec.seeds}
    )
    assert run(spec).pages == 1
    with pytest.raises(UsageError, match="not an http or https address"):
        spec_for_url("ftp://a.example/", 1, allow_private=False)
    with pytest.raises(UsageError, match="at least 1"):
        spec_for_url("http://a.example/", 0, allow_private=False)


if (SAVED / "VnExpress_2025_10_22.html.gz").is_file():  # a page of the real web, beside the checkout and never part of it

    def test_a_saved_news_page_is_crawled(site: Site, inbox: MemoryInbox, evidence: MemoryEvidence, run: Run) -> None:
        packed = (SAVED / "VnExpress_2025_10_22.html.gz").read_bytes()
        expected = json.loads((SAVED / "VnExpress.json").read_text(encoding="utf-8"))["V1"]
        site.routes["/"] = Answer(packed, headers={"Content-Encoding": "gzip"})
        assert run(limits__max_depth=0).pages == 1
        item = inbox.by_path("/")
        assert (item.title, item.kind) == (expected["title"], ItemKind.ARTICLE)
        assert item.published_at == datetime.fromisoformat(expected["publishing_date"]).astimezone(UTC)
        assert share_found(expected, item.text) >= 0.9
        assert share_found(expected, item.verbatim) == 1.0
        assert read_capture(evidence.get(item.captures[0].blob)).body == packed


def test_too_few_items_fail_loudly_with_the_reason(site: Site, run: Run) -> None:
    site.routes["/"] = html("Nhà", LONG, "/mat")
    report = run(assertions={"min_items": 5, "min_share_with_date": 0.5})
    assert not report.ok
    assert report.assertion_failures == (
        "1 items came in, at least 5 were expected: 1 times http 404",
        "0 of 1 items have a date (0%), at least 50% were expected",
    )


def test_https_with_a_certificate_that_nobody_vouches_for(
    settings: Settings, inbox: MemoryInbox, evidence: MemoryEvidence, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with running_site(context) as secure:
        secure.routes |= {"/": html("Kín", LONG, "/a"), "/a": html("A", LONG)}
        spec = make_spec(secure)
        (report,) = crawl([spec], inbox=inbox, evidence=evidence, settings=settings, run_ids={"thu": "a"}, workers=1)
    assert (report.pages, report.errors) == (2, {})
    assert inbox.by_path("/a").locator.startswith("https://")


def self_signed(folder: Path) -> Path:
    """Key and certificate for loopback in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start, start + timedelta(days=2))
    certificate = builder.sign(key, hashes.SHA256())
    path = folder / "tls.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
