"""`db request`, `db requests`, `db answer-request` as an office meets them: what is handed over is masked, and what is late is seen."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from flows.checkup import CHECKS
from flows.cli import app
from flows.exporter import meters
from flows.runtime import open_runtime
from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.states import CaseState, Role
from rasoat.clock import FixedClock, Ids
from rasoat.errors import NotPermitted, RasoatError, UsageError
from rasoat.harms import Harm, Outcome
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from rasoat.store.tables import AuditRow
from tests.store.makers import approve, decide, hire, make_item, open_case

NOW = datetime.now(UTC)
"""The commands go by the clock of the machine."""
TODAY = (NOW + timedelta(hours=7)).date()
WORDS = "Nhận quà ngay, nhắn mã OTP cho em qua 0912 345 678 hoặc vào https://qua-tang.example/nhan nhé"


@pytest.fixture
def store(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("RASOAT_HOME", str(settings.home))
    with open_store(settings, clock=FixedClock(NOW), ids=Ids(seed=1)) as opened:
        opened.accounts.add("giang", "mot mat khau dai", "Giang", (Role.DATA_PROTECTION,))
        yield opened


def tell(*words: object) -> Result:
    done = CliRunner().invoke(app, ["db", *map(str, words)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def register(kind: str, case_id: str, day: object = TODAY) -> str:
    done = tell("request", *([case_id[:13]] if case_id else []), "--kind", kind, "--reference", "Đơn 7", "--received", day, "--by", "an")
    assert done.exit_code == 0, done.output
    return done.output.split()[-1]


def answer(request: str, outcome: str, *more: str) -> Result:
    return tell("answer-request", request, "--outcome", outcome, "--by", "an", "--approved-by", "giang", *more)


def log_of(store: Store, action: str) -> list[str]:
    with store._db.reading() as conn:
        return [entry or "" for entry in conn.execute(select(AuditRow.entry).where(AuditRow.action == action)).scalars()]


def test_access_hands_over_what_is_kept_masked_and_without_what_people_made_of_it(store: Store, tmp_path: Path) -> None:
    people = hire(store)
    case_id = open_case(store, item=make_item(store, "1", WORDS))
    approve(store, case_id, people)
    request = register("access", case_id)
    file = tmp_path / "duoc-luu.json"
    done = answer(request, "granted", "--out", str(file))
    assert "hand it over yourself" in done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text("utf-8")
    (post,) = json.loads(text)["posts"]
    assert post["text"].startswith("Nhận quà ngay, nhắn mã OTP")
    assert "0912 345 678" not in text
    assert "https://qua-tang" not in text
    assert post["item"]["url"].endswith("vi-du[.]example/1")
    assert [one["captured_at"] for one in post["captures"]]
    for person in people.values():
        assert person.pseudonym not in text
    assert "yêu cầu mã OTP để chiếm tài khoản" not in text, "the reason that a reviewer wrote"
    with pytest.raises(UsageError, match="already"):
        answer(request, "granted", "--out", str(file))
    assert answer(request, "granted").stdout.startswith("{"), "the same answer again hands it over again"
    entries = [json.loads(entry) for entry in log_of(store, "request.handed_over")]
    assert [entry["object_id"] for entry in entries] == [request, request]
    assert entries[0]["fields"] == {"case": case_id, "document_sha256": sha256_hex(text.encode())}
    assert entries[0]["actor"] == people["an"].pseudonym


def test_of_a_case_with_posts_of_several_only_theirs_is_handed_over(store: Store) -> None:
    hire(store)
    case_id = open_case(store, item=make_item(store, "1", WORDS), seed=1)
    assert open_case(store, item=make_item(store, "2", WORDS + "!"), seed=1, differ=2) == case_id
    first, second = (entry.item.id for entry in store.cases.view(case_id).items)
    request = register("access", case_id)
    with pytest.raises(UsageError, match="say which are theirs"):
        answer(request, "granted")
    with pytest.raises(UsageError, match="not a post of this case"):
        answer(request, "granted", "--post", "khong-co")
    (post,) = json.loads(answer(request, "granted", "--post", second).stdout)["posts"]
    assert post["item"]["id"] == second != first


def test_suspected_child_safety_is_handed_to_nobody(store: Store) -> None:
    hire(store)
    request = register("access", open_case(store, harm=Harm.CSE))
    with pytest.raises(NotPermitted, match="shown to nobody"):
        answer(request, "granted")
    assert store.requests.all()


def test_erasure_and_rectification_by_command(store: Store) -> None:
    people = hire(store)
    case_id = open_case(store)
    store.cases.apply(case_id, c.Claim(), people["binh"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, Outcome.NONE)), people["binh"])
    wrong = register("rectification", case_id)
    assert "the correction is yours to make" in answer(wrong, "granted").stderr
    request = register("erasure", case_id)
    done = answer(request, "granted")
    assert done.stdout == ""
    assert "erasure granted" in done.stderr
    assert store.cases.facts(case_id).state is CaseState.PURGED
    listed = json.loads(tell("requests", "--answered", "--json").stdout)
    assert {one["id"]: one["outcome"] for one in listed} == {wrong: "granted", request: "granted"}
    assert "nothing kept" not in tell("requests").stdout


def test_what_is_late_is_seen_in_the_list_by_the_doctor_and_in_the_metrics(store: Store, settings: Settings) -> None:
    hire(store)
    late, soon = register("access", "", TODAY - timedelta(days=31)), register("erasure", "", TODAY - timedelta(days=29))
    done = tell("requests", "--json")
    assert done.exit_code == 1
    assert {one["id"]: one["overdue"] for one in json.loads(done.stdout)} == {late: True, soon: False}
    assert tell("requests").stdout.count("OVERDUE") == 1
    assert any(told[0] == "fail" and told[1].startswith("1 requests of people") for told in CHECKS["store"](settings))
    with open_runtime(settings) as rt:
        text = meters(rt).text().decode()
    assert "rasoat_subject_requests_open 2.0" in text
    assert "rasoat_subject_requests_overdue 1.0" in text
    assert late not in text
    answer(late, "refused", "--ground", "nothing_kept")
    assert tell("requests").exit_code == 0
    assert not any(told[0] == "fail" for told in CHECKS["store"](settings))


def test_words_that_are_none_are_refused(store: Store) -> None:
    hire(store)
    assert tell("request", "--kind", "forgetting", "--reference", "x", "--received", TODAY, "--by", "an").exit_code != 0
    with pytest.raises(RasoatError):
        tell("request", "khong-co", "--kind", "access", "--reference", "x", "--received", TODAY, "--by", "an")
