"""The network guard: no link, redirect or name leads into a private network."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest

from crawlers.guard import is_public
from crawlers.report import CrawlReport
from tests.crawlers.fakes import MemoryInbox
from tests.crawlers.web import LONG, Answer, Site, html, redirect

Run = Callable[..., CrawlReport]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is public


def names(monkeypatch: pytest.MonkeyPatch, answers: dict[str, list[str]]) -> list[str]:
    """Names resolve to the next answer in their list; returns the names asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        known = answers.get(host)
        if not known:
            raise socket.gaierror(f"no {host} in this test")
        address = known.pop(0) if len(known) > 1 else known[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost"])
def test_private_addresses_are_refused_however_written(site: Site, run: Run, host: str) -> None:
    site.routes["/"] = html("Nội bộ", LONG)
    port = site.server.server_port
    report = run(seeds=[f"http://{host}:{port}/"], network={"allow_private": False})
    assert not site.hits
    assert report.skipped == {"private": 1}
    assert "`allow_private`" in report.assertion_failures[0]


def test_a_redirect_into_the_private_network_is_refused(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.site.middleware.is_public", lambda address: str(address) != "127.0.0.2")
    site.routes["/"] = redirect(f"http://127.0.0.2:{site.server.server_port}/bi-mat")
    site.routes["/bi-mat"] = html("Bí mật", LONG)
    report = run(network={"allow_private": False}, scope={"hosts": ["127.0.0.1", "127.0.0.2"]})
    assert site.hits["/bi-mat"] == 0
    assert report.skipped == {"private": 1}


def test_a_robots_file_that_redirects_into_the_private_network_is_refused(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.site.middleware.is_public", lambda address: str(address) != "127.0.0.2")
    site.routes |= {"/robots.txt": redirect(f"http://127.0.0.2:{site.server.server_port}/bi-mat"), "/": html("Nhà", LONG)}
    site.routes["/bi-mat"] = Answer(b"User-agent: *\nDisallow: /")
    report = run(network={"allow_private": False})
    assert site.hits["/bi-mat"] == 0
    assert report.pages == 1


def test_a_name_that_changes_its_address_is_connected_to_as_checked(
    site: Site, run: Run, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = names(monkeypatch, {"doi-dia-chi.example": ["127.0.0.1", "127.0.0.9"]})
    site.routes |= {"/": html("Nhà", LONG, "/a"), "/a": html("A", LONG)}
    report = run(seeds=[f"http://doi-dia-chi.example:{site.server.server_port}/"])
    assert report.pages == 2
    assert asked == ["doi-dia-chi.example"]


def test_a_name_with_one_private_address_is_refused(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: both)
    report = run(seeds=["http://hai-mat.example/"], network={"allow_private": False})
    assert report.skipped == {"private": 1}


def test_a_proxy_of_the_environment_is_not_used(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
    site.routes["/"] = html("Nhà", LONG)
    assert run().pages == 1


def test_the_demo_web_serves_only_example_hosts(site: Site, run: Run, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = names(monkeypatch, {})
    site.routes = {
        "http://bao.example/robots.txt": Answer(status=404),
        "http://bao.example/": html("Báo", LONG, "/a", f"{site.base}/noi-bo", "http://that.com/"),
        "http://bao.example/a": html("A", LONG),
    }
    scope = {"hosts": ["bao.example", "127.0.0.1", "that.com"]}
    report = run(seeds=["http://bao.example/"], scope=scope, network={"proxy": "demo"}, demo_proxy=site.base)
    assert report.pages == 2
    assert report.skipped == {"network": 2}
    assert asked == []
    assert set(site.hits) == set(site.routes)
    assert inbox.by_path("/a").url == "http://bao.example/a"
