"""From SQL to the index: everything arrives, nothing twice, also with two projectors, a lost index and a purge."""

from __future__ import annotations

import threading

from rasoat.cases import commands as c
from rasoat.harms import Harm
from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from tests.store.makers import TEXT, approve, hire, make_assessment, make_item, open_case


def project_all(store: Store) -> int:
    total = 0
    while step := store.project(7):
        total += step
    return total


def test_cases_arrive_with_their_words_and_state(store: Store) -> None:
    people = hire(store)
    case_id = open_case(store, harm=Harm.FRD)
    assert store.search.search(SearchQuery("OTP")).total == 0
    assert project_all(store) == 1
    (hit,) = store.search.search(SearchQuery("mã otp")).hits
    assert (hit.doc.case_id, hit.doc.state, hit.doc.codes, hit.doc.title) == (case_id, "triage", ("FRD",), "Bình luận 1")
    approve(store, case_id, people)
    project_all(store)
    (hit,) = store.search.search(SearchQuery("mã otp", states=("publisher_notice",))).hits
    assert store.project(10) == 0
    assert store.check() == []


def test_a_code_that_a_twin_brings_is_shown_at_every_item_of_the_case(store: Store) -> None:
    """Found by `bench.faults` with 20,000 items: the index went on showing those that were there before without it."""
    case_id = open_case(store, "1", harm=Harm.FRD, seed=1)
    project_all(store)
    assert open_case(store, "2", TEXT + " ạ", harm=Harm.SPM, seed=1, differ=5) == case_id
    project_all(store)
    assert [hit.doc.codes for hit in store.search.search(SearchQuery()).hits] == [("FRD", "SPM")] * 2


def test_an_unflagged_item_never_reaches_the_index(store: Store) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    store.inbox.drop(item, make_assessment(), audit=True)
    project_all(store)
    assert store.search.search(SearchQuery()).total == 0


def test_a_crash_after_the_index_took_it_repeats_without_harm(store: Store, monkeypatch: object) -> None:
    open_case(store)
    with store._db.reading() as conn:
        from rasoat.store import outbox

        docs = list(outbox.documents(conn))
    store.search.upsert(docs)
    assert project_all(store) == 1
    assert store.search.search(SearchQuery()).total == 1


def test_two_projectors_at_once_do_no_harm(store: Store, settings: Settings) -> None:
    people = hire(store)
    cases = [open_case(store, str(n), f"{TEXT} {n}") for n in range(12)]
    with open_store(settings) as other:
        workers = [threading.Thread(target=project_all, args=(one,)) for one in (store, other)]
        for worker in workers:
            worker.start()
        for case_id in cases[:6]:
            store.cases.apply(case_id, c.Claim(), people["an"])
            store.cases.apply(case_id, c.Escalate(reason="nghi ngờ"), people["an"])
        for worker in workers:
            worker.join()
        project_all(other)
    assert sorted(hit.doc.case_id for hit in store.search.search(SearchQuery("otp")).hits) == sorted(cases[6:])
    assert store.check() == []


def test_a_lost_index_is_noticed_and_rebuilt(store: Store, settings: Settings) -> None:
    for n in range(5):
        open_case(store, str(n), f"{TEXT} {n}")
    project_all(store)
    store.close()
    for path in settings.home.glob("search.sqlite3*"):
        path.unlink()
    with open_store(settings) as again:
        assert any("rebuild-index" in problem for problem in again.check())
        assert again.rebuild_index() == 5
        assert again.check() == []
        assert again.counts()["indexed"] == 5


def test_a_rebuild_reads_every_page_and_the_newest_case_of_an_item(store: Store, monkeypatch: object) -> None:
    monkeypatch.setattr("rasoat.store.projecting._REBUILD_BATCH", 3)  # type: ignore[attr-defined]
    for n in range(10):
        open_case(store, str(n), f"{TEXT} {n}")
    assert store.rebuild_index() == 10
