"""The verdict of `bench.faults` on a home that was tampered with: it must see what it is there to see."""

from __future__ import annotations

import json
from ctypes import c_int, c_longlong
from pathlib import Path

import pytest

from bench.fault_plans.checking import Verdict, check
from bench.fault_plans.material import Material
from bench.fault_plans.stage import Shared, Stage
from rasoat.cases import commands as c
from rasoat.harms import Harm
from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import open_store
from tests.store.makers import TEXT, hire, make_assessment, make_item, open_case

PLAIN = "Hôm nay trời đẹp, cả nhà mình đi dạo quanh hồ."


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """One harmful item in a case that is claimed, one harmless item dropped."""
    settings = Settings(home=tmp_path / "home", audit_share=0)
    with open_store(settings) as store:
        actors = hire(store)
        case_id = open_case(store, "1", TEXT)
        plain = make_item(store, "2", PLAIN)
        store.inbox.put(plain, run_id="r")
        store.inbox.drop(plain, make_assessment(), audit=False)
        store.cases.apply(case_id, c.Claim(), actors["an"])
        store.project()
    verdicts = {TEXT: make_assessment(Harm.FRD), PLAIN: make_assessment()}
    material = Material(tmp_path / "none.jsonl", verdicts, frozenset({TEXT}))
    made = Stage(settings, material, Shared(c_longlong(0), c_int(1), c_int(1), c_int(1)), tmp_path / "told", actors, 1, 0.0)
    tell(made, case_id, "an", "claim")
    return made


def tell(stage: Stage, case_id: str, login: str, what: str) -> None:
    line = {"what": what, "case": case_id, "actor": stage.actors[login].pseudonym, "state": "review_1"}
    with stage.ledger.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")


def seen(verdict: Verdict) -> str:
    return "\n".join([*verdict.lost, "--", *verdict.doubled, "--", *verdict.broken])


def test_a_home_in_order_is_in_order(stage: Stage) -> None:
    assert check(stage) == Verdict(cases=1, decisions=0)


def test_what_the_index_has_lost_or_has_in_an_old_version_is_lost(stage: Stage) -> None:
    with open_store(stage.settings) as store:
        case_id = store.search.search(SearchQuery()).hits[0].doc.case_id
        store.cases.apply(case_id, c.Release(), stage.actors["an"])
        item = store.cases.view(case_id).items[0].item.id
    assert "an old version in the index" in seen(check(stage)).partition("--")[0]
    with open_store(stage.settings) as store:
        store.search.delete([item])
    assert "not in the index" in seen(check(stage)).partition("--")[0]


def test_text_that_was_not_flagged_and_is_kept_is_seen(stage: Stage) -> None:
    with open_store(stage.settings) as store:
        open_case(store, "3", "Bản tin thời tiết của phường Ví Dụ", seed=2)
        store.project()
    assert "kept and not flagged: Bản tin" in seen(check(stage)).split("--")[1]


def test_a_verdict_that_somebody_was_told_is_saved_and_is_not_is_lost(stage: Stage) -> None:
    with open_store(stage.settings) as store:
        case_id = store.search.search(SearchQuery()).hits[0].doc.case_id
    tell(stage, case_id, "an", "code")
    assert "was told that code is saved" in seen(check(stage)).partition("--")[0]


def test_a_claim_that_two_people_were_given_is_doubled(stage: Stage) -> None:
    with open_store(stage.settings) as store:
        case_id = store.search.search(SearchQuery()).hits[0].doc.case_id
    tell(stage, case_id, "binh", "claim")
    assert "was claimed in review_1 by 2 people" in seen(check(stage)).split("--")[1]
