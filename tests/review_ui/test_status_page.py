"""The operator's page: what needs a person first, yield against assertions, and a button that starts one source and waits for nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi.testclient import TestClient

from rasoat.cases.states import Role
from rasoat.health import SourceHealth, SourcePlan, health_of
from rasoat.store.measuring import SourceRuns
from review_ui.app import create_app
from tests.review_ui.house import PASSWORD, Browser, Rooms

PLANS = (
    SourcePlan("bao-tot", "Báo Tốt (bao-tot.example)", "0 */2 * * *", 5, 0.8, 0.3),
    SourcePlan("bao-hong", "Báo Hỏng (bao-hong.example)", None, 9, 0.8, 0.3),
    SourcePlan("bao-moi", "Báo Mới (bao-moi.example)", None, 1, 0.5, 0.0),
)


@dataclass
class Desk:
    """Sources without crawlers: notes what was started."""

    started: list[str] = field(default_factory=list)
    running: set[str] = field(default_factory=set)

    def healths(self, runs: Mapping[str, SourceRuns], now: datetime) -> tuple[SourceHealth, ...]:
        return tuple(health_of(plan, runs.get(plan.name), now + timedelta(hours=1) if plan.schedule else None, now) for plan in PLANS)

    def start(self, name: str) -> bool:
        if name in self.running:
            return False
        self.started.append(name)
        self.running.add(name)
        return True

    def under_way(self) -> frozenset[str]:
        return frozenset(self.running)


@contextmanager
def entered(rooms: Rooms, desk: Desk, login: str = "van") -> Iterator[Browser]:
    app = create_app(rooms.settings, rooms.store, rooms.policy, rooms.classifier, clock=rooms.clock, desk=desk)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as web:
        browser = Browser(web)
        assert browser.log_in(login).status_code == 303
        yield browser


def diary(rooms: Rooms) -> None:
    good = rooms.store.runs.start("crawl", "bao-tot")
    rooms.clock.advance(minutes=4)
    rooms.store.runs.finish(good, "finished", {"pages": 12, "with_text": 12, "with_date": 6})
    bad = rooms.store.runs.start("crawl", "bao-hong")
    rooms.store.runs.finish(bad, "failed", {"pages": 3, "with_text": 1, "error:timeout": 7}, "3 items came in, at least 9 were expected")
    rooms.clock.advance(minutes=10)


def test_what_needs_a_person_stands_first_with_its_yield_and_errors(rooms: Rooms) -> None:
    diary(rooms)
    rooms.open_case()
    with entered(rooms, Desk()) as van:
        page = van.json("/status")
    assert [line["name"] for line in page["sources"]] == ["bao-hong", "bao-moi", "bao-tot"]
    bad, _, good = page["sources"]
    assert bad["health"] == "failed"
    assert [(p["what"], p["came"], p["least"], p["kept"]) for p in bad["promises"]] == [
        ("items", 3, 9, False),
        ("text", 1 / 3, 0.8, False),
        ("date", None, 0.3, True),
    ]
    assert bad["errors"] == [{"kind": "timeout", "count": 7}]
    assert bad["next_run"] is None
    assert good["health"] == "well"
    assert good["next_run"] is not None
    assert page["healths"] == {"failed": 1, "never": 1, "well": 1}
    assert next(place["count"] for place in page["waiting"] if place["where"] == "queue") == 1


def test_the_page_reads_in_both_languages_and_shows_no_text_of_an_item(rooms: Rooms) -> None:
    diary(rooms)
    rooms.open_case(title="Tiêu đề bí mật")
    with entered(rooms, Desk()) as van:
        shown = van.get("/status").text
        assert "không đạt" in shown
        assert "Báo Hỏng (bao-hong.example)" in shown
        assert "Chạy ngay" in shown
        assert "bí mật" not in shown
        assert "OTP" not in shown
        van.post("/account", locale="en", theme="auto", size="m")
        assert "Run now" in van.get("/status").text


def test_the_button_starts_the_source_once_and_says_who_asked(rooms: Rooms) -> None:
    desk = Desk()
    with entered(rooms, desk) as van:
        answer = van.post("/sources/bao-moi/run")
        assert (answer.status_code, answer.headers["location"]) == (303, "/status?started=bao-moi#source-bao-moi")
        again = van.post("/sources/bao-moi/run")
        assert again.headers["location"].startswith("/status?busy=bao-moi")
        page = van.json("/status")
        assert next(line["started"] for line in page["sources"] if line["name"] == "bao-moi")
    assert desk.started == ["bao-moi"]
    van_account = rooms.store.accounts.get("van")
    assert van_account is not None
    assert _audited(rooms) == [(van_account.pseudonym, "source", "bao-moi")]
    assert rooms.store.audit.verify() == []


def test_without_the_form_token_nothing_starts(rooms: Rooms) -> None:
    desk = Desk()
    with entered(rooms, desk) as van:
        assert van.web.post("/sources/bao-moi/run", follow_redirects=False).status_code == 403
        assert van.web.post("/sources/bao-moi/run", data={"csrf": van.csrf}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert desk.started == []
    assert _audited(rooms) == []


def test_a_source_that_has_no_file_cannot_be_started(rooms: Rooms) -> None:
    desk = Desk()
    with entered(rooms, desk) as van:
        for name in ("khong-co", "..%2f..%2fetc", "bao-moi%20--help"):
            assert van.post(f"/sources/{name}/run").status_code == 404
    assert desk.started == []


def test_who_only_administers_sees_the_page_and_has_no_button(rooms: Rooms) -> None:
    rooms.store.accounts.add("quantri", PASSWORD, "Quản trị", frozenset({Role.ADMIN}))
    desk = Desk()
    with entered(rooms, desk, "quantri") as admin:
        shown = admin.get("/status")
        assert shown.status_code == 200
        assert "/run" not in shown.text
        assert admin.post("/sources/bao-moi/run").status_code == 403
    assert desk.started == []


def test_a_reader_has_neither_page_nor_link(rooms: Rooms) -> None:
    with entered(rooms, Desk(), "lan") as lan:
        assert lan.get("/status").status_code == 403
        assert 'href="/status"' not in lan.get("/queue").text


def _audited(rooms: Rooms) -> list[tuple[str, str, str]]:
    with sqlite3.connect(rooms.settings.home / "rasoat.sqlite3") as file:
        rows = file.execute("SELECT entry FROM audit_log WHERE action = 'source.run_requested'").fetchall()
    entries = [json.loads(row[0]) for row in rows]
    return [(entry["actor"], entry["object_type"], entry["object_id"]) for entry in entries]
