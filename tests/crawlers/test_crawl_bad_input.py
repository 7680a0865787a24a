"""Everything a hostile or broken site does to a crawler: each is counted under its name, and nothing else is lost."""

from __future__ import annotations

import gzip
import itertools
import sqlite3
import time
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest

from crawlers.frontier import unfinished_run
from crawlers.report import CrawlReport
from crawlers.run import crawl
from rasoat.errors import Quarantine, RetryLater, UsageError
from rasoat.settings import Settings
from tests.crawlers.conftest import make_spec
from tests.crawlers.fakes import MemoryEvidence, MemoryInbox
from tests.crawlers.web import LONG, Answer, Site, html, redirect

Run = Callable[..., CrawlReport]
TEN_MEGABYTES = b"a" * 10_000_000


def among_good_ones(site: Site, run: Run, bad: Answer, **changes: object) -> CrawlReport:
    """A crawl of two good pages, whose first links to the bad one too."""
    site.routes |= {"/": html("Nhà", LONG, "/xau", "/tot"), "/xau": bad, "/tot": html("Tốt", LONG)}
    return run(**changes)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b""), "empty"),
        (Answer(b"   \n"), "empty"),
        (Answer(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "binary"),
        (Answer(b"%PDF-1.7", type="application/pdf"), "type"),
        (Answer(b"not gzip at all", headers={"Content-Encoding": "gzip"}), "encoding"),
        (Answer(b"x", headers={"Content-Encoding": "rot13"}), "encoding"),
        (Answer(gzip.compress(TEN_MEGABYTES), headers={"Content-Encoding": "gzip"}), "bomb"),
        (Answer(zlib.compress(TEN_MEGABYTES), headers={"Content-Encoding": "deflate"}), "bomb"),
        (Answer(brotli.compress(TEN_MEGABYTES, quality=1), headers={"Content-Encoding": "br"}), "bomb"),
        (Answer(gzip.compress(gzip.compress(TEN_MEGABYTES)), headers={"Content-Encoding": "gzip, gzip"}), "bomb"),
        (Answer(b"<p>" + TEN_MEGABYTES), "too_large"),
        (Answer(b"nothing here", status=404), "http_404"),
        (Answer(b"<html>cut", length=5000), "truncated"),
        (redirect("/xau"), "redirect_loop"),
        (redirect("javascript:alert(1)"), "redirect"),
        (Answer(b"ok", status=204), "empty"),
    ],
)
def test_pages_that_give_nothing(site: Site, run: Run, answer: Answer, kind: str) -> None:
    report = among_good_ones(site, run, answer)
    assert (report.pages, report.errors, report.ok) == (2, {kind: 1}, True)


def test_fifty_megabytes_in_one_line_without_a_length(site: Site, run: Run) -> None:
    sent = 0

    def flood(_: Site, path: str) -> Answer:
        nonlocal sent
        sent += 1
        return Answer(b"<p>" + b"a" * 50_000_000, length=-1)

    site.routes |= {"/": html("Nhà", LONG, "/lut"), "/lut": flood}
    assert run().errors == {"too_large": 1}
    assert sent == 1


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + LONG,
        "<b><i>" * 50_000 + LONG,
        f'<p data-x="{"x" * 3_000_000}">{LONG}</p>',
        "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + f">{LONG}</p>",
        "<table>" * 5_000 + LONG,
        "<a href=/x>" * 50_000 + LONG,
        f"<p>{LONG}</p><script>" + "<!--" * 200_000,
        f"<p>{LONG}</p>" + "&#x1F600;" * 200_000,
        f"<p>{LONG}</p>" + "<select><option>" * 20_000,
    ],
    ids=["deep", "deep-inline", "huge-attribute", "many-attributes", "tables", "nested-links", "open-script", "entities", "options"],
)
def test_html_bombs_neither_hang_nor_kill(site: Site, run: Run, inbox: MemoryInbox, page: str) -> None:
    site.routes |= {"/": html("Nhà", LONG, "/bom", "/tot"), "/bom": page, "/tot": html("Tốt", LONG)}
    begun = time.monotonic()
    report = run(limits={"timeout": 30, "max_pages": 3})
    assert report.pages + sum(report.errors.values()) == 3
    assert inbox.by_path("/tot").title == "Tốt"
    assert time.monotonic() - begun < 40


def test_server_errors_are_tried_again_then_counted(site: Site, run: Run) -> None:
    report = among_good_ones(site, run, Answer(b"oops", status=500), limits__retries=2)
    assert (report.pages, report.errors, report.ok) == (2, {"http_500": 1}, True)
    assert site.hits["/xau"] == 3
    assert report.skipped == {}


def test_a_server_that_recovers_loses_nothing(site: Site, run: Run) -> None:
    site.routes["/"] = lambda own, path: Answer(status=503, headers={"Retry-After": "0"}) if own.hits[path] < 3 else html("Nhà", LONG)
    report = run(limits__retries=3, limits__max_pages=1)
    assert (report.pages, report.errors) == (1, {})


def test_a_slow_answer_is_given_up_in_time(site: Site, run: Run) -> None:
    begun = time.monotonic()
    report = among_good_ones(site, run, Answer(b"<p>", pause=30), limits__timeout=0.5)
    assert (report.pages, report.errors, report.ok) == (2, {"timeout": 1}, True)
    assert time.monotonic() - begun < 10


def test_an_answer_that_drips_is_given_up_in_time(site: Site, run: Run) -> None:
    begun = time.monotonic()
    report = among_good_ones(site, run, Answer(b"<p>" + b"x" * 1000, drip=0.1), limits__timeout=0.7)
    assert (report.pages, report.errors, report.ok) == (2, {"timeout": 1}, True)
    assert time.monotonic() - begun < 10


def test_a_redirect_chain_without_end(site: Site, run: Run) -> None:
    site.routes["/"] = html("Nhà", LONG, "/di/0")
    site.fallback = lambda _, path: redirect(f"/di/{int(path.rpartition('/')[2]) + 1}")
    report = run()
    assert report.errors == {"redirect_loop": 1}
    assert len(site.hits) == 2 + 11


def test_an_endless_calendar_by_query_and_by_path(site: Site, run: Run) -> None:
    def page(_: Site, path: str) -> str:
        number = int("".join(filter(str.isdigit, path)) or 0)
        return html(path, LONG, f"/lich?ngay={number + 1}", f"/lich?ngay={number + 2}", f"/nam/{number + 1}")

    site.fallback = page
    report = run(limits__max_query_variants=5, limits__max_depth=6, limits__max_pages=1000)
    assert report.ok
    assert sum(path.startswith("/lich?") for path in site.hits) == 5
    assert sum(path.startswith("/nam/") for path in site.hits) <= 6 * 2
    assert report.skipped["limit"] > 0


def test_robots_that_forbid_all_is_no_silent_success(site: Site, run: Run, inbox: MemoryInbox) -> None:
    site.routes |= {"/robots.txt": Answer(b"User-agent: *\nDisallow: /", type="text/plain"), "/": html("Nhà", LONG)}
    report = run()
    assert site.hits == {"/robots.txt": 1}
    assert (report.pages, report.ok, report.skipped) == (0, False, {"robots": 1})
    assert "robots.txt forbids 1 addresses" in report.assertion_failures[0]
    assert not inbox.items


def test_robots_for_us_by_name_and_by_path(site: Site, run: Run) -> None:
    rules = "User-agent: RaSoat\nDisallow: /rieng\n\nUser-agent: *\nDisallow: /"
    site.routes |= {"/robots.txt": Answer(rules.encode(), type="text/plain"), "/": html("Nhà", LONG, "/rieng/1", "/chung")}
    site.routes |= {"/chung": html("Chung", LONG), "/rieng/1": html("Riêng", LONG)}
    report = run()
    assert (report.pages, report.skipped) == (2, {"robots": 1})
    assert site.hits["/rieng/1"] == 0


@pytest.mark.parametrize(
    "robots",
    [Answer(status=500), Answer(b"User-agent: *", pause=30), Answer(b"not gzip at all", headers={"Content-Encoding": "gzip"})],
    ids=["error", "silent", "garbled"],
)
def test_robots_that_cannot_be_read_forbid_all(site: Site, run: Run, robots: Answer) -> None:
    site.routes |= {"/robots.txt": robots, "/": html("Nhà", LONG)}
    report = run(limits__timeout=0.5)
    assert site.hits["/"] == 0
    assert report.skipped == {"robots_unreachable": 1}
    assert "robots.txt could not be read" in report.assertion_failures[0]


def test_a_redirected_robots_file_counts_and_a_looping_one_is_none(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": redirect("/r2"), "/r2": Answer(b"User-agent: *\nDisallow: /x"), "/": html("Nhà", LONG, "/x")}
    assert run().skipped == {"robots": 1}
    site.routes["/r2"] = redirect("/robots.txt")
    assert run(run_id="run-2").errors == {"http_404": 1}


def test_nobody_at_home(site: Site, run: Run, free_port: int) -> None:
    report = run(seeds=[f"http://127.0.0.1:{free_port}/"])
    assert not report.ok
    assert report.skipped == {"robots_unreachable": 1}


def test_a_name_that_does_not_resolve(site: Site, run: Run) -> None:
    report = run(seeds=["http://khong-co.invalid/"])
    assert not report.ok
    assert report.skipped == {"robots_unreachable": 1}


def test_a_broken_sitemap_is_counted_and_the_rest_goes_on(site: Site, run: Run) -> None:
    laughs = '<!DOCTYPE l [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY a{i} "{"&a" + str(i - 1) + ";" if i else "&a;"}{"&a;" * 10}">' for i in range(1, 30)
    )
    site.routes |= {
        "/": html("Nhà", LONG),
        "/1.xml": Answer(b"<html><p>not a sitemap", type="text/html"),
        "/2.xml": Answer(f"{laughs}]><urlset><url><loc>&a29;</loc></url></urlset>".encode(), type="text/xml"),
        "/3.xml": Answer(gzip.compress(b"<urlset>" + b" " * 20_000_000), type="application/gzip"),
    }
    report = run(sitemaps=[site.url(f"/{n}.xml") for n in (1, 2, 3)])
    assert report.pages == 1
    assert report.errors == {"listing": 1, "bomb": 1}


def test_a_full_disk_stops_the_run_which_then_resumes(
    site: Site, settings: Settings, inbox: MemoryInbox, evidence: MemoryEvidence, run: Run
) -> None:
    site.routes |= {"/": html("Nhà", LONG, "/a", "/b"), "/a": html("A", LONG), "/b": html("B", LONG)}
    evidence.full = True
    with pytest.raises(RetryLater, match=r"No space left on device.*run the same command again"):
        run()
    assert unfinished_run(settings.crawl_dir, "thu") == "run-1"
    evidence.full = False
    report = run(run_id="run-2")
    assert (report.pages, report.resumed, report.ok) == (3, True, True)
    assert len(inbox.items) == 3
    assert unfinished_run(settings.crawl_dir, "thu") is None


def test_a_second_crawl_of_the_same_source_is_refused(
    site: Site, settings: Settings, inbox: MemoryInbox, evidence: MemoryEvidence, run: Run
) -> None:
    caught: list[str] = []
    site.routes["/"] = html("Nhà", LONG)
    spec = make_spec(site)

    def again(path: str) -> None:
        if path == "/":
            try:
                crawl([spec], inbox=inbox, evidence=evidence, settings=settings, run_ids={"thu": "b"}, workers=1)
            except UsageError as error:
                caught.append(str(error))

    site.on_hit = again
    assert run().pages == 1
    assert len(caught) == 1
    assert "'thu' is being crawled by another process (pid " in caught[0]


def test_a_source_without_run_id_or_demo_web_is_refused(
    site: Site, settings: Settings, inbox: MemoryInbox, evidence: MemoryEvidence
) -> None:
    with pytest.raises(UsageError, match="no run id"):
        crawl([make_spec(site)], inbox=inbox, evidence=evidence, settings=settings, run_ids={})
    demo = make_spec(site, network={"proxy": "demo"})
    with pytest.raises(UsageError, match="demo web"):
        crawl([demo], inbox=inbox, evidence=evidence, settings=settings, run_ids={"thu": "a"})


@pytest.mark.parametrize("method", ["claim", "finish", "add", "retry"])
def test_a_frontier_that_cannot_write_stops_the_run_which_then_resumes(
    site: Site, run: Run, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    flaky: list[Answer | str] = [Answer(status=503), html("A", LONG)]
    site.routes |= {
        "/robots.txt": Answer(f"Sitemap: {site.url('/s.xml')}".encode()),
        "/s.xml": Answer(b"<urlset/>", type="text/xml"),
        "/": html("Nhà", LONG, "/a"),
        "/a": lambda own, path: flaky[min(own.hits[path], 2) - 1],
    }
    with monkeypatch.context() as broken:
        broken.setattr(f"crawlers.frontier.Frontier.{method}", full)
        with pytest.raises(RetryLater, match="database or disk is full"):
            run(limits__retries=2)
    report = run(run_id="run-2", limits__retries=2)
    assert (report.pages, report.resumed, report.ok, report.errors) == (2, True, True, {})
    assert len(inbox.items) == 2


def test_addresses_of_any_length_and_shape_stop_nothing(site: Site, run: Run) -> None:
    odd = ["/" + "ă" * 1500, "/?" + "đ" * 1000, "http://[bad/", "http://a:99999999/", "/%", "/a|b[c]", "//", "http://", "/\u0000", "/x y"]
    site.routes["/"] = html("Nhà", LONG, *odd)
    site.fallback = html("Khác", LONG)
    report = run()
    assert report.ok
    assert report.errors == {}


def test_a_crawl_delay_is_kept(site: Site, run: Run) -> None:
    times: list[float] = []
    site.on_hit = lambda path: times.append(time.monotonic())
    site.routes |= {"/robots.txt": Answer(b"User-agent: *\nCrawl-delay: 0.5"), "/": html("Nhà", LONG, "/a", "/b")}
    site.fallback = html("Khác", LONG)
    assert run().pages == 3
    assert all(later - earlier > 0.4 for earlier, later in itertools.pairwise(times[1:]))


def test_an_error_of_the_inbox_is_not_swallowed(site: Site, run: Run, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch) -> None:
    site.routes["/"] = html("Nhà", LONG)
    refuse = Quarantine("không đọc được")
    monkeypatch.setattr(inbox, "put", lambda item, run_id: (_ for _ in ()).throw(refuse))
    assert run().errors == {"quarantined": 1}
    monkeypatch.setattr(inbox, "put", lambda item, run_id: (_ for _ in ()).throw(KeyError("lạ")))
    with pytest.raises(RetryLater, match="lạ") as caught:
        run(run_id="run-2")
    assert isinstance(caught.value.__cause__, KeyError)
