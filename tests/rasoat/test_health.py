"""What the operator is told of a source: its plan against its diary."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flows.sources import next_run
from rasoat.health import Health, SourcePlan, health_of
from rasoat.store.measuring import SourceRuns
from rasoat.store.records import RunRecord

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAN = SourcePlan("bao-vi-du", "Báo Ví Dụ", "0 */2 * * *", 5, 0.8, 0.3)


def runs(state: str = "finished", *, counts: dict[str, int] | None = None, began: datetime = NOON) -> SourceRuns:
    last = RunRecord("r1", "crawl", PLAN.name, state, began, None if state == "running" else began, counts or {}, "")
    return SourceRuns("crawl", PLAN.name, last, began if state == "finished" else None, {state: 1})


@pytest.mark.parametrize(
    ("found", "due", "health"),
    [
        (None, NOON + timedelta(hours=1), Health.NEVER),
        (runs(), NOON + timedelta(hours=1), Health.WELL),
        (runs("failed"), NOON + timedelta(hours=1), Health.FAILED),
        (runs("running"), NOON + timedelta(hours=1), Health.RUNNING),
        (runs(), None, Health.WELL),
        (runs(), NOON - timedelta(minutes=50), Health.WELL),
        (runs(), NOON - timedelta(minutes=70), Health.LATE),
        (runs("running"), NOON - timedelta(minutes=70), Health.LATE),
    ],
)
def test_one_word_tells_how_a_source_is(found: SourceRuns | None, due: datetime | None, health: Health) -> None:
    assert health_of(PLAN, found, due, NOON).health is health


def test_the_yield_is_held_against_what_the_file_asserts() -> None:
    came = health_of(PLAN, runs(counts={"pages": 10, "with_text": 7, "with_date": 4, "error:http_404": 3, "error:dns": 0}), None, NOON)
    assert came.came is not None
    assert (came.came.items, came.came.share_with_text, came.came.share_with_date) == (10, 0.7, 0.4)
    assert not came.came.kept  # 0.7 of 0.8
    assert came.errors == {"http_404": 3}


def test_a_run_of_an_older_diary_has_no_shares_and_is_not_blamed_for_it() -> None:
    came = health_of(PLAN, runs(counts={"pages": 5}), None, NOON).came
    assert came is not None
    assert came.share_with_text is None
    assert came.kept


def test_the_next_run_is_read_in_vietnamese_time() -> None:
    assert next_run("30 6 * * *", datetime(2026, 3, 1, 20, tzinfo=UTC)) == datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert next_run(None, NOON) is None
