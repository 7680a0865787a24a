"""What is measured: depth and age of every queue, the diary by source, how far the index is behind."""

from __future__ import annotations

from datetime import timedelta

from rasoat.cases.states import CaseState
from rasoat.clock import FixedClock
from rasoat.harms import Harm
from rasoat.store import Store
from rasoat.store.measuring import Backlog
from tests.store.makers import make_item, open_case


def test_the_queue_is_counted_by_state_and_harm_with_the_age_of_its_oldest(store: Store, clock: FixedClock) -> None:
    open_case(store, "1", harm=Harm.FRD)
    clock.advance(hours=2)
    open_case(store, "2", text="Cá cược bóng đá, nạp 100 tặng 100, vào ngay cho kịp trận", harm=Harm.GAM)
    clock.advance(minutes=30)
    read = store.measures.read()
    fraud = read.queue[CaseState.TRIAGE, Harm.FRD]
    assert (fraud.waiting, fraud.age(read.at)) == (1, timedelta(hours=2, minutes=30).total_seconds())
    assert read.queue[CaseState.TRIAGE, Harm.GAM].age(read.at) == 1800
    assert read.totals["flagged"] == 2


def test_what_waits_for_assessment_is_told_with_its_age_and_nothing_waiting_has_none(store: Store, clock: FixedClock) -> None:
    assert store.measures.read().inbox.age(clock.now()) == 0
    store.inbox.put(make_item(store), run_id="run")
    clock.advance(seconds=90)
    read = store.measures.read()
    assert (read.inbox.waiting, read.inbox.age(read.at)) == (1, 90)


def test_the_index_lag_grows_with_time_and_falls_to_nothing_when_it_is_projected(store: Store, clock: FixedClock) -> None:
    open_case(store, "1", harm=Harm.FRD)
    clock.advance(seconds=40)
    lag = store.outbox_lag()
    assert lag.waiting > 0
    assert lag.age(clock.now()) == 40
    while store.project():
        pass
    assert store.measures.read().index == store.outbox_lag() == Backlog(0)


def test_the_diary_tells_the_last_run_the_last_good_one_and_how_many_ended_how(store: Store, clock: FixedClock) -> None:
    good = store.runs.start("crawl", "bao-vi-du")
    clock.advance(minutes=5)
    store.runs.finish(good, "finished", {"pages": 9})
    ended = clock.now()
    clock.advance(hours=2)
    bad = store.runs.start("crawl", "bao-vi-du")
    store.runs.finish(bad, "failed", {"pages": 1}, "quá ít bài")
    clock.advance(hours=2)
    store.runs.start("crawl", "nguon-khac")
    store.runs.finish(store.runs.start("import", "ten-nguoi.csv"), "finished", {})
    crawls = store.measures.crawls()
    assert set(crawls) == {"bao-vi-du", "nguon-khac"}
    told = crawls["bao-vi-du"]
    assert (told.last.id, told.last.problem, told.last_success) == (bad, "quá ít bài", ended)
    assert told.ended == {"finished": 1, "failed": 1}
    assert crawls["nguon-khac"].last.state == "running"
    assert crawls["nguon-khac"].last_success is None
    assert store.measures.read().crawls == crawls
