"""A page cannot steer the crawler into the operator's network: no spelling, no redirect, no list, no name that changes its mind."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import ValidationError

from crawlers.guard import PinnedResolver, is_public
from crawlers.report import CrawlReport
from crawlers.run import crawl, spec_for_url
from crawlers.sources import SourceSpec
from crawlers.urls import BadUrl, fetchable, join
from rasoat.settings import Settings
from tests.crawlers.conftest import evidence, inbox, make_spec, run, site
from tests.crawlers.fakes import MemoryEvidence, MemoryInbox
from tests.crawlers.web import LONG, Answer, Site, html, redirect

__all__ = ["evidence", "inbox", "run", "site"]
Run = Callable[..., CrawlReport]
SECRET = "127.0.0.2"
"""Stands for the operator's network in these tests: loopback too, and the guard is told that 127.0.0.1 is the open internet."""


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",  # AWS, Google, Azure, OpenStack, DigitalOcean
        "169.254.170.2",  # AWS, containers
        "fd00:ec2::254",  # AWS over IPv6
        "100.100.100.200",  # Alibaba
        "192.0.0.192",  # Oracle
        "168.63.129.16",  # Azure
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:4860::5efe:169.254.169.254",
        "2001:4860::200:5efe:10.0.0.1",
        "fe80::1%eth0",
        "192.88.99.1",
        "3fff::1",
        "255.255.255.255",
    ],
)
def test_where_clouds_and_routers_answer_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all loopback addresses `SECRET` alone is private."""
    monkeypatch.setattr("crawlers.site.middleware.is_public", lambda address: str(address) != SECRET)


@contextmanager
def secret_server(port: int) -> Iterator[list[str]]:
    """What must not be read, at the same port of the secret address; gives the paths that were."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<p>" + LONG.encode())

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer((SECRET, port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answers(monkeypatch: pytest.MonkeyPatch, told: dict[str, list[str]]) -> list[str]:
    """A name server of our own: each name gives the next of its answers; returns the names asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        known = told.get(host)
        if not known:
            raise socket.gaierror(f"no {host} in this test")
        address = known.pop(0) if len(known) > 1 else known[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_no_spelling_of_a_private_address_is_asked(site: Site, run: Run) -> None:
    site.fallback = html("Nội bộ", LONG)
    port = site.server.server_port
    spellings = (
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0177.0.0.1", "0x7f000001", "0x7f.0x0.0x0.0x1", "0",
        "127.0.0.1.", "localhost.", "LOCALHOST", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "8.8.8.8@127.0.0.3",
        "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
        "[fe80::1%25lo]", "169.254.169.254", "[fd00:ec2::254]", "168.63.129.16", "10.0.0.1", "100.64.0.1",
    )  # fmt: skip
    report = run(seeds=[f"http://{host}:{port}/{n}" for n, host in enumerate(spellings)], network={"allow_private": False})
    assert not site.hits
    assert report.pages == 0
    assert set(report.skipped) <= {"private", "network"}
    assert sum(report.skipped.values()) + sum(report.errors.values()) == len(spellings)
    assert set(report.errors) <= {"dns"}  # a spelling that this machine's resolver does not know leads nowhere


@pytest.mark.parametrize("address", ["http://%31%32%37.0.0.1/", "http://127.0.0.1%00.example/", "http://[::1/", "http://a b/", "http:///x"])
def test_a_host_that_is_none_is_no_address(address: str) -> None:
    with pytest.raises(BadUrl):
        fetchable(address)


@pytest.mark.parametrize(
    "scheme", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_x", "dict://x/", "s3://x/y", "jar:http://x/"]
)
def test_only_the_web_is_crawled(scheme: str) -> None:
    assert join("http://tin.example/", scheme) is None
    with pytest.raises(ValidationError):
        SourceSpec.model_validate({"name": "thu", "title": "Thử", "seeds": [scheme]})


def test_no_redirect_of_any_kind_leads_inside(site: Site, run: Run, outside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    port = site.server.server_port
    inner = f"{SECRET}:{port}"
    ways: list[Answer | str] = [redirect(f"http://{inner}/{status}", status) for status in (301, 302, 303, 307, 308)]
    ways += [
        redirect(f"//{inner}/scheme-relative"),
        redirect(f"http://tin.example@{inner}/user"),
        redirect(f"http://2130706434:{port}/decimal"),
        redirect(f"http://[::ffff:127.0.0.2]:{port}/mapped"),
        redirect(f"http://ben-trong.example:{port}/name"),
        redirect("/vong"),
        redirect("file:///etc/hostname"),
        Answer(html("Trang", LONG).encode(), headers={"Refresh": f"0;url=http://{inner}/refresh"}),
        html("Trang", LONG, head=f'<meta http-equiv="refresh" content="0;url=http://{inner}/meta"><base href="http://{inner}/">'),
    ]
    site.routes |= {f"/di/{n}": way for n, way in enumerate(ways)} | {"/vong": redirect(f"http://{inner}/twice")}
    site.routes["/"] = html("Nhà", LONG, *(f"/di/{n}" for n in range(len(ways))))
    # what a C resolver makes of the plain number
    answers(monkeypatch, {"ben-trong.example": [SECRET], "2130706434": [SECRET]})
    hosts = ["127.0.0.1", SECRET, "2130706434", "ben-trong.example"]
    with secret_server(port) as read:
        report = run(network={"allow_private": False}, scope={"hosts": hosts})
    assert read == []
    assert report.skipped["private"] >= 10
    assert report.pages == 3


def test_no_list_and_no_robots_file_leads_inside(site: Site, run: Run, outside: None) -> None:
    inner = f"http://{SECRET}:{site.server.server_port}"
    entries = f"<url><loc>{inner}/from-sitemap</loc></url><url><loc>{site.url('/')}</loc></url>"
    site.routes |= {
        "/robots.txt": Answer(
            f"User-agent: *\nAllow: /\nSitemap: {inner}/map.xml\nSitemap: {site.url('/map.xml')}".encode(), type="text/plain"
        ),
        "/map.xml": Answer(f"<urlset>{entries}</urlset>".encode(), type="text/xml"),
        "/index.xml": Answer(f"<sitemapindex><sitemap><loc>{inner}/inner.xml</loc></sitemap></sitemapindex>".encode(), type="text/xml"),
        "/feed": Answer(f"<rss><channel><item><link>{inner}/from-feed</link></item></channel></rss>".encode(), type="text/xml"),
        "/": html("Nhà", LONG, f"{inner}/from-link", head=f'<link rel="alternate" type="application/rss+xml" href="{inner}/feed">'),
    }
    with secret_server(site.server.server_port) as read:
        report = run(
            sitemaps=[site.url("/index.xml")],
            feeds=[site.url("/feed")],
            network={"allow_private": False},
            scope={"hosts": ["127.0.0.1", SECRET]},
        )
    assert read == []
    assert report.pages == 1
    assert report.skipped["private"] >= 5


def test_a_name_that_changes_between_check_and_connection(site: Site, run: Run, outside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the first answer passes, every later one points inside. One crawl asks once; the next asks anew and refuses."""
    port = site.server.server_port
    asked = answers(monkeypatch, {"doi-ten.example": ["127.0.0.1", SECRET]})
    site.routes |= {"/": html("Nhà", LONG, "/a", "/b")} | dict.fromkeys(("/a", "/b"), html("Bài", LONG))
    seeds = [f"http://doi-ten.example:{port}/"]
    with secret_server(port) as read:
        first = run(seeds=seeds, network={"allow_private": False})
        assert (first.pages, asked) == (3, ["doi-ten.example"])
        second = run(seeds=seeds, network={"allow_private": False}, run_id="run-2")
    assert read == []
    assert (second.pages, second.skipped) == (0, {"private": 1})


def test_one_source_s_leave_is_not_another_s(
    site: Site, settings: Settings, inbox: MemoryInbox, evidence: MemoryEvidence, outside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Side by side in one process, with one resolver: what one may reach is pinned there for the other too, and still refused."""
    answers(monkeypatch, {"noi-bo.example": [SECRET]})
    port = site.server.server_port
    seeds = [f"http://noi-bo.example:{port}/"]
    trusted = make_spec(site, name="tin-cay", seeds=seeds, network={"allow_private": True})
    other = make_spec(site, name="la", seeds=seeds, network={"allow_private": False})
    with secret_server(port) as read:
        reports = crawl([trusted, other], inbox=inbox, evidence=evidence, settings=settings, run_ids={"tin-cay": "a", "la": "b"}, workers=1)
    assert [report.pages for report in reports] == [1, 0]
    assert reports[1].skipped == {"private": 1}
    assert read.count("/") == 1


def test_an_unchecked_name_has_no_address() -> None:
    """Whatever asks the reactor for a connection without having been checked gets none, not even for a plain number."""
    told: list[object] = []

    class Receiver:
        def resolutionBegan(self, resolution: object) -> None:
            pass

        def addressResolved(self, address: object) -> None:
            told.append(address)

        def resolutionComplete(self) -> None:
            told.append("complete")

    for host in ("127.0.0.1", "::1", "localhost", "tin.example"):
        PinnedResolver().resolveHostName(Receiver(), host, 80)  # type: ignore[arg-type]
    assert told == ["complete"] * 4


def test_an_address_from_the_command_line_reaches_nothing_private_unless_told() -> None:
    assert not spec_for_url("http://169.254.169.254/latest/meta-data/", 1, False).network.allow_private
    assert not SourceSpec.model_validate({"name": "thu", "title": "Thử", "seeds": ["http://tin.example/"]}).network.allow_private
