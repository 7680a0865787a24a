"""The demo web: every page serves, every link leads somewhere, and nothing in it is real."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

import httpx
import lxml.html
import pytest

from crawlers.demo_web import DemoWeb, Page, load_sites, prose, render
from crawlers.sources import load_sources
from rasoat.errors import ConfigError
from tests.demo.fiction import problems

SCAM_TARGETS = {"nop-tien.kimnganphat.example", "thu-thap.nganhangvidu-hotro.example", "lacvang88.example"}
"""Hosts that harmful pages point to; nobody answers there."""


@pytest.fixture(scope="module")
def pages() -> dict[str, dict[str, Page]]:
    from rasoat.settings import ROOT

    return render(ROOT / "data")


@pytest.fixture(scope="module")
def web() -> Iterator[DemoWeb]:
    from rasoat.settings import ROOT

    with DemoWeb(ROOT / "data") as running:
        yield running


@pytest.fixture
def client(web: DemoWeb) -> Iterator[httpx.Client]:
    with httpx.Client(proxy=web.url, trust_env=False) as through:
        yield through


def texts(pages: dict[str, dict[str, Page]]) -> Iterator[tuple[str, str]]:
    for host, answers in pages.items():
        for path, page in answers.items():
            yield f"http://{host}{path}", page.body.decode()


def html(pages: dict[str, dict[str, Page]]) -> Iterator[tuple[str, lxml.html.HtmlElement]]:
    for url, text in texts(pages):
        if text.startswith("<!doctype html>"):
            yield url, lxml.html.fromstring(text)


@pytest.mark.serial
def test_every_page_is_served_through_the_proxy(client: httpx.Client, pages: dict[str, dict[str, Page]]) -> None:
    for host, answers in pages.items():
        for path, page in answers.items():
            answer = client.get(f"http://{host}{path}")
            assert (answer.status_code, answer.content) == (200, page.body)
            assert answer.headers["content-type"] == page.media_type


@pytest.mark.serial
def test_asked_directly_by_host_header(web: DemoWeb) -> None:
    for host in ("baodongque.example", "WWW.baodongque.example:80", "www.baodongque.example"):
        assert httpx.get(f"{web.url}/robots.txt", headers={"Host": host}, trust_env=False).status_code == 200
    assert httpx.get(f"{web.url}/robots.txt", trust_env=False).status_code == 404


@pytest.mark.serial
def test_what_it_does_not_have_and_does_not_do(client: httpx.Client) -> None:
    assert client.get("http://khong-co.example/").status_code == 404
    assert client.get("http://baodongque.example/khong-co.html").status_code == 404
    assert client.get("http://baodongque.example/../../../etc/passwd").status_code == 404
    assert client.post("http://nhanqua-nganhangvidu.example/", data={"otp": "1"}).status_code == 405
    head = client.head("http://baodongque.example/")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.serial
def test_it_closes_at_once_with_a_connection_open() -> None:
    from rasoat.settings import ROOT

    with DemoWeb(ROOT / "data") as running:
        waiting = socket.create_connection(("127.0.0.1", running.port))
        waiting.sendall(b"GET http://baodongque.example/ HTTP/1.1\r\nHost: baodongque.example\r\n\r\n")
        assert waiting.recv(12) == b"HTTP/1.1 200"
        port = running.port
        with pytest.raises(ConfigError, match="cannot use port"), DemoWeb(ROOT / "data", port=port):
            pass
    waiting.close()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_links_inside_lead_somewhere(pages: dict[str, dict[str, Page]]) -> None:
    known = {f"http://{host}{path}" for host, answers in pages.items() for path in answers}
    for url, page in html(pages):
        for link in page.xpath("//a/@href | //link/@href"):
            target = urljoin(url, str(link)).partition("#")[0]
            if urlsplit(target).scheme == "mailto" or urlsplit(target).hostname in SCAM_TARGETS:
                continue
            assert target in known, f"{url} links to {target}"


def test_robots_sitemaps_and_feeds(pages: dict[str, dict[str, Page]]) -> None:
    for host, site in load_sites_here().items():
        robots = pages[host]["/robots.txt"].body.decode()
        assert ("Sitemap:" in robots) == site.sitemap
        assert all(f"Disallow: {path}\n" in robots for path in site.disallow)
        for name in ("/sitemap.xml", "/feed.xml"):
            if name in pages[host]:
                links = [node.text or "" for node in ET.fromstring(pages[host][name].body).iter() if node.tag.endswith(("loc", "}link"))]
                assert all(urlsplit(link).path in pages[host] for link in links if link)
                assert not any(urlsplit(link).path.startswith(path) for link in links for path in site.disallow)


def load_sites_here():  # type: ignore[no-untyped-def]
    from rasoat.settings import ROOT

    return load_sites(ROOT / "data")


def test_all_twelve_fixtures_with_enough_pages() -> None:
    sites = load_sites_here()
    assert sorted(site.fixture for site in sites.values() if site.fixture) == list(range(1, 13))
    assert all(4 <= len(site.pages) <= 12 for site in sites.values() if site.fixture)
    assert sum(len(site.pages) for site in sites.values()) >= 75


def test_articles_are_long_enough_to_read() -> None:
    for host, site in load_sites_here().items():
        if site.fixture in (None, 12):
            continue
        for page in site.pages:
            words = len(f"{page.lead} {page.body}".split())
            assert not page.published or 120 <= words <= 500, f"{host}{page.path}: {words} words"


def test_what_each_fixture_is_made_of(pages: dict[str, dict[str, Page]]) -> None:
    by_number = {site.fixture: (host, site) for host, site in load_sites_here().items() if site.fixture}
    clone, original = by_number[1][1], by_number[10][1]
    assert (clone.name, clone.json_ld) == (original.name, original.json_ld)
    assert b'name="otp"' in pages[by_number[1][0]]["/dau-tu-thong-minh.html"].body
    for number, attributed in ((2, True), (3, False)):
        copies = [page for page in by_number[number][1].pages if page.copy_of]
        assert len(copies) >= 9
        assert all(("Nguồn: [" in page.body) is attributed for page in copies)
    assert b"display:none" in pages[by_number[4][0]]["/"].body
    assert b"lacvang88" not in pages[by_number[3][0]]["/"].body
    assert all(page.label == "Trào phúng" for page in by_number[7][1].pages)
    for number in (5, 6, 7, 8, 9, 11, 12):
        assert not any(page.copy_of for page in by_number[number][1].pages)


def test_link_out_entries_are_short() -> None:
    site = next(site for site in load_sites_here().values() if site.fixture == 12)
    for page in site.pages:
        for block in page.body.split("\n\n"):
            assert len(block.partition(" - ")[2]) <= 160


def test_nothing_in_it_is_real(pages: dict[str, dict[str, Page]]) -> None:
    found = {url: wrong for url, text in texts(pages) if (wrong := problems(text))}
    assert not found


def test_every_site_has_its_source_and_none_reaches_further(data_dir: Path) -> None:
    specs = [spec for name, spec in load_sources(data_dir).items() if name.startswith("demo-")]
    assert {urlsplit(seed).hostname for spec in specs for seed in spec.seeds} == set(load_sites(data_dir))
    assert all(spec.network.proxy == "demo" and not spec.network.allow_private and spec.schedule for spec in specs)
    for spec in specs:
        site = load_sites(data_dir)[spec.name.removeprefix("demo-") + ".example"]
        assert spec.assertions.min_items == sum(page.listed for page in site.pages)
        assert bool(spec.feeds) == site.feed


@pytest.mark.parametrize(
    ("folder", "content", "message"),
    [
        ("that.com", "name: x", "demo hosts end in .example"),
        ("a.example", "name: [", r"site\.yml:\d+: not YAML"),
        ("a.example", "name: x\nnote: y\npages: []\ncolour: red", "colour: Extra inputs"),
        ("a.example", "name: x\nnote: y\npages: [{path: /a, copy_of: b.example/c}]", "there is no original page b.example/c"),
        ("a.example", "name: x\nnote: y\npages: [{path: ../a}]", "String should match pattern"),
    ],
)
def test_wrong_site_files_say_what_is_wrong(tmp_path: Path, folder: str, content: str, message: str) -> None:
    path = tmp_path / "demo" / "sites" / folder / "site.yml"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(ConfigError, match=message):
        load_sites(tmp_path)


def test_prose_escapes_everything_but_its_own_marks() -> None:
    assert prose("a <b> & [c](/d)\n\n## e\n\n> f\n\n- g\n- h") == (
        '<p>a &lt;b&gt; &amp; <a href="/d">c</a></p>\n<h2>e</h2>\n<blockquote><p>f</p></blockquote>\n<ul><li>g</li><li>h</li></ul>'
    )


def test_copies_are_younger_than_their_originals() -> None:
    sites = load_sites_here()
    for site in sites.values():
        for page in site.pages:
            if page.copy_of:
                host, _, path = page.copy_of.partition("/")
                original = next(other for other in sites[host].pages if other.path == f"/{path}")
                assert page.published
                assert original.published
                assert page.published > original.published
        dates = sorted(page.published for page in site.pages if page.published)
        assert all(early <= late for early, late in pairwise(dates))


def test_no_page_loads_anything_from_elsewhere(pages: dict[str, dict[str, Page]]) -> None:
    for url, page in html(pages):
        assert not page.xpath("//img/@src | //script/@src | //iframe/@src"), url
        assert not re.search(r"url\(", page.text_content()), url
