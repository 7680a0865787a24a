"""/metrics: who may read it, what it tells, and what it must never hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from rasoat.errors import RetryLater
from rasoat.harms import Harm
from rasoat.health import SourceHealth, SourcePlan, health_of
from rasoat.metrics import FRESH_SECONDS, StoreCollector, Watch, may_read
from rasoat.store.measuring import Measurement, SourceRuns
from review_ui.app import create_app
from tests.review_ui.house import PEOPLE, Rooms

PLAN = SourcePlan("bao-vi-du", "Báo Ví Dụ", None, 5, 0.8, 0.3)
TOKEN = "ma-truy-cap-rat-dai-0123456789"


class Desk:
    def healths(self, runs: Mapping[str, SourceRuns], now: datetime) -> tuple[SourceHealth, ...]:
        return (health_of(PLAN, runs.get(PLAN.name), None, now),)

    def start(self, name: str) -> bool:
        return True

    def under_way(self) -> frozenset[str]:
        return frozenset()


def scrape(rooms: Rooms, *, peer: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    app = create_app(rooms.settings, rooms.store, rooms.policy, rooms.classifier, clock=rooms.clock, desk=Desk())
    with TestClient(app, base_url="http://127.0.0.1", client=(peer, 50000), raise_server_exceptions=False) as web:
        answer = web.get("/metrics", headers=headers)
    return answer.status_code, answer.text


def values(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(text)
    return {(sample.name, frozenset(sample.labels.items())): sample.value for family in families for sample in family.samples}


def value(text: str, name: str, **labels: str) -> float:
    return values(text)[name, frozenset(labels.items())]


def test_queue_stages_index_and_sources_are_told(rooms: Rooms) -> None:
    rooms.open_case(harm=Harm.FRD)
    rooms.clock.advance(hours=3)
    rooms.open_case("Nạp 100 tặng 100, cá cược ngay hôm nay.", Harm.GAM, url="https://trang-b.example/1")
    run = rooms.store.runs.start("crawl", PLAN.name)
    counts = {"pages": 4, "with_text": 3, "with_date": 0, "error:http_404": 2}
    rooms.store.runs.finish(run, "failed", counts, "4 items came in, at least 5 were expected")
    status, text = scrape(rooms)
    assert status == 200
    assert value(text, "rasoat_store_up") == 1
    assert value(text, "rasoat_queue_cases", state="triage", harm="FRD") == 1
    assert value(text, "rasoat_queue_oldest_seconds", state="triage", harm="FRD") == 3 * 3600
    assert value(text, "rasoat_stage_items_total", stage="flagged") == 2
    assert value(text, "rasoat_index_lag_changes") == 0
    assert value(text, "rasoat_runs_total", stage="crawl", state="failed") == 1
    assert value(text, "rasoat_source_health", source=PLAN.name, health="failed") == 1
    assert value(text, "rasoat_source_health", source=PLAN.name, health="well") == 0
    assert (value(text, "rasoat_source_items", source=PLAN.name), value(text, "rasoat_source_items_asserted", source=PLAN.name)) == (4, 5)
    assert value(text, "rasoat_source_share", source=PLAN.name, what="text") == 0.75
    assert value(text, "rasoat_source_errors", source=PLAN.name, kind="http_404") == 2
    assert value(text, "rasoat_source_last_run_timestamp_seconds", source=PLAN.name) == rooms.clock.now().timestamp()


def test_no_person_no_text_no_address_and_no_file_name_is_in_them(rooms: Rooms) -> None:
    rooms.open_case(title="Nguyễn Văn Ví Dụ lừa tiền", publisher="trang-rieng.example")
    rooms.store.runs.finish(rooms.store.runs.start("import", "danh-sach-cua-chi-lan.csv"), "failed", {}, "dòng 3: Nguyễn Văn Ví Dụ")
    _, text = scrape(rooms)
    people = [account.pseudonym for login in PEOPLE if (account := rooms.store.accounts.get(login))]
    for secret in ("Nguyễn", "trang-", "danh-sach", "OTP", "0912", *people):
        assert secret not in text, secret
    assert '"lan"' not in text
    assert value(text, "rasoat_runs_total", stage="import", state="failed") == 1  # counted, not named


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_without_a_token_only_this_machine_may_read_and_no_proxy_on_it(rooms: Rooms, header: str) -> None:
    assert scrape(rooms)[0] == 200
    assert scrape(rooms, peer="10.2.3.4")[0] == 403
    assert scrape(rooms, **{header: "127.0.0.1"})[0] == 403
    assert scrape(rooms, host="evil.example")[0] == 403  # another name for this machine: rebinding, or a proxy that passes names on


def test_with_a_token_the_token_decides_wherever_one_asks_from(rooms: Rooms, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    rooms = replace(rooms, settings=rooms.settings.model_copy(update={"metrics_token_file": file}))
    assert scrape(rooms, peer="10.2.3.4", authorization=f"Bearer {TOKEN}")[0] == 200
    for wrong in ("", TOKEN, "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
        assert scrape(rooms, authorization=wrong)[0] == 403, wrong
    status, text = scrape(rooms, peer="10.2.3.4", authorization=f"Bearer {TOKEN[:-1]}")
    assert status == 403
    assert "rasoat_" not in text


def test_a_log_in_is_no_key_to_the_metrics() -> None:
    assert not may_read("", authorization="", peer="testclient", forwarded=False)
    assert may_read("", authorization="", peer="::1", forwarded=False)


def test_an_unforeseen_error_is_counted_by_its_kind_alone(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(rooms.settings, rooms.store, rooms.policy, rooms.classifier, clock=rooms.clock)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("Nguyễn Văn Ví Dụ")

    with TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000), raise_server_exceptions=False) as web:
        monkeypatch.setattr(type(rooms.store), "counts", broken)
        assert web.get("/healthz").status_code == 500
        text = web.get("/metrics").text
    assert value(text, "rasoat_page_failures_total", kind="ZeroDivisionError") == 1
    assert "Nguyễn" not in text


def test_a_store_that_does_not_answer_is_a_metric_and_no_failed_scrape() -> None:
    def away() -> Measurement:
        raise RetryLater("the database cannot be used now")

    [family] = StoreCollector(Watch(away), lambda _: ()).collect()
    assert (family.name, family.samples[0].value) == ("rasoat_store_up", 0)


def test_one_reading_serves_all_who_ask_within_seconds(rooms: Rooms) -> None:
    seconds, asked = [0.0], []

    def measure() -> Measurement:
        asked.append(1)
        return rooms.store.measures.read()

    watch = Watch(measure, lambda: seconds[0])
    assert watch.read() is watch.read()
    seconds[0] += FRESH_SECONDS
    watch.read()
    assert len(asked) == 2


def test_ages_never_run_backwards(rooms: Rooms) -> None:
    rooms.open_case()
    rooms.clock.advance(hours=-1)  # another machine's clock
    backlogs = rooms.store.measures.read().queue.values()
    assert {backlog.age(rooms.clock.now() - timedelta(hours=1)) for backlog in backlogs} == {0.0}
