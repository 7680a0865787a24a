"""From a page's mark-up to its text, title, date and links."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.decode import PageProblem, to_text, unpack
from crawlers.extract import Page, extract, parse_date
from crawlers.verbatim import HIDDEN_CLOSE, HIDDEN_OPEN
from rasoat.settings import ROOT
from tests.crawlers.web import LONG, html

SAVED = ROOT.parent / "shared" / "data" / "html_pages"
URL = "http://tin.example/muc/bai.html"


def page(body: str, head: str = "") -> Page:
    return extract(f"<html><head>{head}</head><body>{body}</body></html>", URL)


def test_repeated_paragraphs_stay_in_the_verbatim_text() -> None:
    advert = "<p>Nhận ngay 500k, bấm vào đây, số lượng có hạn, chỉ hôm nay thôi bà con ơi.</p>"
    got = page(f"<article><p>{LONG}</p>{advert * 20}</article>")
    assert got.verbatim.count("Nhận ngay 500k") == 20


def test_hidden_blocks_are_kept_and_marked_with_their_targets() -> None:
    hidden = '<div style="position:absolute; left:-9999px"><a href="http://ca-cuoc.example/">nổ hũ</a> <b hidden>đổi thưởng</b></div>'
    got = page(f"<p>{LONG}</p>{hidden}<p>Hết.</p>")
    assert f"{HIDDEN_OPEN} nổ hũ <http://ca-cuoc.example/> đổi thưởng {HIDDEN_CLOSE}" in got.verbatim.replace("\n", " ")
    assert got.verbatim.endswith("Hết.")


def test_verbatim_has_menus_buttons_and_no_code() -> None:
    got = page(
        "<nav><ul><li>Thời sự<li>Đời sống</ul></nav><script>var a='không';</script><style>p{}</style><!-- không -->"
        f"<p>{LONG}</p>ngoài thẻ<table><tr><td>Một<td>Hai</table><form><input type=submit value='Gửi OTP'></form>"
        "<noscript>Bật JavaScript</noscript><pre>dòng 1\ndòng 2</pre>"
    )
    for part in ("Thời sự\nĐời sống", "ngoài thẻ", "Một Hai", "Gửi OTP", "Bật JavaScript", "dòng 1\ndòng 2"):
        assert part in got.verbatim
    assert "không" not in got.verbatim
    assert got.title is None


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12), min_size=1, max_size=30))
def test_every_word_of_a_page_is_in_its_verbatim_text(words: list[str]) -> None:
    tags = ["p", "div", "span", "li", "b", "td", "h2"]
    body = "".join(f"<{tags[i % 7]}>{word}</{tags[i % 7]}> {word}" for i, word in enumerate(words))
    verbatim = page(body).verbatim
    for word in words:
        assert verbatim.count(word) >= 2 * words.count(word)


def test_short_pages_keep_their_text() -> None:
    got = page("<p>Trúng thưởng!</p>")
    assert got.text
    assert "Trúng thưởng!" in got.text


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ('<title>Thẻ tiêu đề - Báo</title><meta property="og:title" content="Tiêu đề  gọn">', "", "Tiêu đề gọn"),
        ("<title> Chỉ có\n thẻ </title>", "<h1>Khác</h1>", "Chỉ có thẻ"),
        ("<title></title>", "<h1>Chỉ <b>có</b> đầu bài</h1>", "Chỉ có đầu bài"),
        ("", "<p>x</p>", None),
        (f"<title>{'dài ' * 1000}</title>", "", ("dài " * 125).strip() + " "),
    ],
)
def test_titles(head: str, body: str, title: str | None) -> None:
    assert page(f"{body}<p>{LONG}</p>", head).title == title


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ('<meta property="article:published_time" content="2026-01-02T08:00:00+07:00">', "", datetime(2026, 1, 2, 1, tzinfo=UTC)),
        ('<meta name="pubdate" content="2026-01-02 08:00:00">', "", datetime(2026, 1, 2, 1, tzinfo=UTC)),
        ("", '<time datetime="2026-01-02">hôm nay</time>', datetime(2026, 1, 1, 17, tzinfo=UTC)),
        ("", '<time datetime="2026-01-02">1</time><time datetime="2026-01-03">2</time>', None),
        (
            '<script type="application/ld+json">{"@graph":[{"@type":"WebPage"},'
            '{"@type":"NewsArticle","datePublished":"2026-01-02T01:00:00.1234567Z"}]}</script>',
            "",
            datetime(2026, 1, 2, 1, 0, 0, 123456, tzinfo=UTC),
        ),
        ('<script type="application/ld+json">{"datePublished": 5, broken</script>', "", None),
        ('<script type="application/ld+json">' + "[" * 5000 + "</script>", "", None),
        ('<meta property="article:published_time" content="hôm qua">', "", None),
    ],
)
def test_dates_are_those_that_the_page_gives(head: str, body: str, expected: datetime | None) -> None:
    assert page(f"{body}<p>{LONG}</p>", head).published_at == expected


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_none(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", None, 7, {}])
def test_impossible_dates_are_none(value: object) -> None:
    assert parse_date(value) is None


def test_links_respect_base_and_nofollow() -> None:
    links = '<a href="b.html">b</a><a href="b.html#2">b</a><a href="//khac.example/x">x</a><area href="/c"><a href="javascript:1">j</a>'
    assert page(links).links == ("http://tin.example/muc/b.html", "http://khac.example/x", "http://tin.example/c")
    assert page(links, '<base href="/goc/">').links[0] == "http://tin.example/goc/b.html"
    assert page(links, '<meta name="ROBOTS" content="noindex, nofollow">').links == ()
    refresh = page("<p>x", '<meta http-equiv="refresh" content="0; url=/sang-day">')
    assert refresh.links == ("http://tin.example/sang-day",)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("lừa đảo".encode(), "text/html"),
        ("lừa đảo".encode(), "text/html; charset=iso-8859-1"),
        ("\ufefflừa đảo".encode(), ""),
        ("lừa đảo".encode("utf-16"), "text/html; charset=utf-16"),
        ("<meta charset='windows-1258'>lư\u0300a đa\u0309o".encode("windows-1258"), "text/html"),
        ("lừa \x00\x01đảo".encode() if False else "lừa \x01đảo".encode(), "application/xhtml+xml"),
    ],
)
def test_character_sets(body: bytes, content_type: str) -> None:
    import unicodedata

    assert "lừa đảo" in unicodedata.normalize("NFC", to_text(body, content_type))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page_or_a_problem(body: bytes) -> None:
    try:
        extract(to_text(body, "text/html"), URL)
    except PageProblem as problem:
        assert problem.kind in ("empty", "binary")  # noqa: PT017  (either outcome is right)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "gzip, br", "identity", ""]))
def test_any_bytes_unpack_or_are_a_problem(body: bytes, encoding: str) -> None:
    try:
        assert len(unpack(body, encoding, 1000)) <= 1000
    except PageProblem as problem:
        assert problem.kind in ("encoding", "bomb", "too_large")  # noqa: PT017  (either outcome is right)


def test_truncated_and_joined_gzip_give_what_arrived() -> None:
    packed = gzip.compress(LONG.encode() * 50)
    assert unpack(packed[:-30], "gzip", 10**6).startswith(LONG.encode())
    assert unpack(gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0", "gzip", 100) == b"ab"


def test_what_was_read_before_changes_nothing() -> None:
    text = html("Chợ quê", LONG)
    assert [extract(text, URL).text for _ in range(5)] == [extract(text, URL).text] * 5


if SAVED.is_dir():  # a page of the real web, beside the checkout and never part of it

    def test_a_saved_news_page() -> None:
        body = gzip.decompress((SAVED / "VnExpress_2025_10_22.html.gz").read_bytes())
        expected = json.loads((SAVED / "VnExpress.json").read_text(encoding="utf-8"))["V1"]
        got = extract(to_text(body, "text/html"), "https://vnexpress.net/bai.html")
        assert got.title == expected["title"]
        assert got.published_at == datetime.fromisoformat(expected["publishing_date"]).astimezone(UTC)
        assert got.is_article
        assert share_found(expected, got.text) >= 0.9
        assert share_found(expected, got.verbatim) == 1.0


def share_found(expected: dict[str, dict[str, list[dict[str, list[str]]]]], text: str) -> float:
    """Share of the letters of the article's paragraphs that stand in `text`."""
    paragraphs = [line for section in expected["body"]["sections"] for line in section["paragraphs"]]
    flat = " ".join(text.split())
    return sum(len(line) for line in paragraphs if " ".join(line.split()) in flat) / sum(map(len, paragraphs))


def test_the_saved_pages_are_looked_for_beside_the_checkout() -> None:
    assert Path("shared/data/html_pages") == SAVED.relative_to(ROOT.parent)
