"""Crawled text is data: no tag, no link, no script, no template of it comes alive in any page."""

from __future__ import annotations

import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from rasoat.harms import Harm
from review_ui.views.original import original
from tests.review_ui.conftest import Enter
from tests.review_ui.house import Rooms

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(2)> "><svg onload=alert(3)> {{ 7*7 }} {% raw %} '
    "javascript:alert(4) https://bay.example/steal?c=1 [x](javascript:alert(5)) &lt;b&gt; "
    "\u202eđảo chữ\u202c <!-- --> ]]> </textarea></div>"
)


class Watch(HTMLParser):
    """Notes every tag that could act, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("img", "svg", "iframe", "video", "audio", "object", "embed", "style", "base"):
            self.bad.append(tag)
        if tag == "script" and not str(values.get("src", "")).startswith("/static/"):
            self.bad.append("script")
        for name, value in attrs:
            if name.startswith("on") or name == "style" or "javascript:" in (value or "").lower()[:20]:
                self.bad.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "hx-get", "hx-post") and (value or "").startswith(("http", "//", "data:")):
                self.bad.append(f"{tag} {name}={value}")


@pytest.fixture
def hostile_case(rooms: Rooms) -> str:
    return rooms.open_case(
        HOSTILE,
        Harm.FRD,
        title=HOSTILE,
        url='https://x.example/"><script>alert(6)</script>',
        publisher='p.example"><img src=x onerror=alert(7)>',
        words=("<script>alert(1)</script>", "onload=alert(3)", "https://bay.example/steal"),
    )


def test_no_page_brings_crawled_text_to_life(rooms: Rooms, enter: Enter, hostile_case: str) -> None:
    lan = enter("lan")
    lan.post(f"/cases/{hostile_case}/claim")
    base = f"/cases/{hostile_case}"
    for path in (
        base,
        f"{base}?text=verbatim",
        f"{base}?full=true",
        "/queue",
        "/search?q=alert",
        "/search?q=bay",
        f"{base}/history",
        f"{base}/captures",
    ):
        answer = lan.get(path)
        assert answer.status_code == 200, path
        watch = Watch()
        watch.feed(answer.text)
        assert watch.bad == [], path
        assert "https://bay.example" not in answer.text
        assert "49 " not in answer.text.split("7*7")[0][-3:]


def test_addresses_and_forms_cannot_carry_tags_into_a_page(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    evil = '"><script>alert(1)</script>'
    answers = [
        lan.get("/search", params={"q": evil, "since": "", "code": evil, "source": evil}),
        lan.get("/search", params={"q": evil, "code": evil, "source": evil, "state": evil, "platform": evil}),
        lan.get("/queue", params={"tab": evil, "source": evil, "code": evil, "state": evil}),
        lan.get(f"/cases/{case_id}", params={"item": evil, "text": evil, "done": evil, "reveal": evil}),
        lan.get("/login", params={"then": evil}),
        lan.get(f"/cases/{evil}"),
        lan.post(f"/cases/{case_id}/decide", outcome=evil, reason=evil, quote=evil, context=evil, measure=evil, innocent_reading=evil),
    ]
    for answer in answers:
        assert answer.status_code < 500
        watch = Watch()
        watch.feed(answer.text)
        assert watch.bad == []


def test_personal_data_stays_masked_until_asked_for_and_asking_is_logged(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    for path in (
        f"/cases/{case_id}",
        f"/cases/{case_id}.json",
        "/queue",
        "/queue.json",
        "/search?q=otp",
        "/search.json?q=otp",
        f"/cases/{case_id}?text=verbatim",
    ):
        assert "345 678" not in lan.get(path).text, path
    masked = next(piece for piece in lan.json(f"/cases/{case_id}")["pieces"] if piece["kind"] == "masked")
    shown = lan.get(f"/cases/{case_id}?reveal={masked['start']}-{masked['end']}")
    assert "0912 345 678" in shown.text
    assert rooms.store.audit.verify() == []


def test_long_text_is_cut_until_asked_for(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case("chuyển khoản trước " * 5000)
    lan = enter("lan")
    short = lan.json(f"/cases/{case_id}")
    assert short["cut"] is True
    assert sum(len(piece["shown"]) for piece in short["pieces"]) == 40_000
    assert lan.json(f"/cases/{case_id}?full=true")["cut"] is False


def test_every_page_answers_as_json_by_suffix_and_by_accept(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    for path in (
        "/queue",
        f"/cases/{case_id}",
        f"/cases/{case_id}/history",
        "/search",
        "/policy",
        "/policy/FRD",
        "/account",
        "/about",
        "/session",
    ):
        by_suffix = lan.get(f"{path}.json")
        assert by_suffix.headers["content-type"] == "application/json"
        assert by_suffix.json().keys() == lan.json(path).keys()
        assert "text/html" in lan.get(path).headers["content-type"]
    documented = lan.json("/openapi.json")["paths"]
    assert {f"{p}.json" for p in ("/queue", "/cases/{case_id}", "/search", "/policy/{code}")} <= set(documented)
    assert "/cases/{case_id}/commands" in documented


def test_the_original_is_shown_as_text_and_sealed_records_are_not(rooms: Rooms) -> None:
    item = rooms.store.cases.view(rooms.open_case()).items[0].item
    page = b"<html><meta charset=utf-8><script>alert(1)</script>\xc4\x90\xc6\xb0\xe1\xbb\x9dng d\xc3\xa2y 0912 345 678</html>"
    warc = io.BytesIO()
    writer = WARCWriter(warc, gzip=True)
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    record = writer.create_warc_record("https://a.example/", "response", payload=io.BytesIO(page), http_headers=headers)
    writer.write_record(record)
    record.raw_stream.close()
    for data, sealed, expected in ((warc.getvalue(), False, "Đường dây"), (warc.getvalue(), True, None), (b"not a warc", False, None)):
        blob = rooms.store.evidence.put(data, "application/warc", sealed=sealed)
        shown = original(replace(item, captures=(replace(item.captures[0], blob=blob),)), rooms.store.evidence)
        assert (expected in shown) if expected and shown else shown is None


def test_a_case_whose_words_are_gone_still_answers(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    lan.post(f"/cases/{case_id}/decide", outcome="OOS", context="news", reason="Ngoài phạm vi, là tin tức thời sự.")
    rooms.clock.advance(days=400)
    rooms.store.purge(rooms.clock.now())
    auditor = enter("kien")
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/history", f"/cases/{case_id}/captures", "/queue?tab=all", "/search"):
        answer = auditor.get(path)
        assert answer.status_code in (200, 404), (path, answer.text)
        assert "OTP" not in answer.text
