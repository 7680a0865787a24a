"""Requests of people whose posts are kept: registered without a word about them, answered by two, erased from everywhere when granted."""

from __future__ import annotations

import json
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.states import CaseState, Role
from rasoat.cases.subject_requests import RefusalGround, RequestKind, RequestOutcome
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock, Ids
from rasoat.errors import Conflict, IllegalTransition, NotPermitted, UsageError
from rasoat.harms import Outcome
from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store, ledger, open_store, restoring
from rasoat.store.records import DossierRecord
from rasoat.store.subject_requests import SubjectRequest
from tests.services import owners
from tests.store.makers import START, TEXT, approve, decide, hire, make_item, open_case, send

LETTER = "Đơn số 7/2026 của chị Ngô Thị Ví Dụ"
ACCESS, ERASURE, RECTIFICATION = RequestKind
GRANTED, REFUSED = RequestOutcome
TODAY = date(2026, 1, 1)


@pytest.fixture
def people(store: Store) -> dict[str, Actor]:
    """Besides the five: `giang` for data protection, and `hoa` who does that and reviews too."""
    store.accounts.add("giang", "mot mat khau dai", "Giang", (Role.DATA_PROTECTION,))
    hoa = store.accounts.add("hoa", "mot mat khau dai", "Hoa", (Role.DATA_PROTECTION, Role.REVIEWER))
    return hire(store) | {"hoa": Actor(hoa.pseudonym, hoa.roles)}


def closed(store: Store, people: dict[str, Actor], name: str = "1", outcome: Outcome = Outcome.NONE, reader: str = "an") -> str:
    case_id = open_case(store, item=make_item(store, name, f"{TEXT} {name}"))
    store.cases.apply(case_id, c.Claim(), people[reader])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, outcome)), people[reader])
    return case_id


def ask(store: Store, case_id: str | None, kind: RequestKind = ERASURE, letter: str = LETTER) -> SubjectRequest:
    return store.requests.register(kind, case_id, letter, TODAY, by="dung")


def answer(store: Store, request: SubjectRequest, outcome: RequestOutcome = GRANTED, ground: RefusalGround | None = None) -> SubjectRequest:
    return store.requests.answer(request.id, outcome, ground, by="dung", approved_by="giang").request


def test_a_request_is_known_by_the_hash_of_its_letter_and_is_due_in_thirty_days(
    store: Store, people: dict[str, Actor], clock: FixedClock, raw: sqlite3.Connection
) -> None:
    case_id = closed(store, people)
    made = ask(store, case_id)
    assert (made.due_on, made.reference_sha256) == (date(2026, 1, 31), sha256_hex(LETTER.encode()))
    assert store.requests.all() == (made,) == (store.requests.get(made.id),)
    with pytest.raises(UsageError, match=made.id):
        ask(store, case_id)
    clock.advance(days=30, hours=16)  # the last day, late in the evening
    assert store.requests.standing().overdue == 0
    clock.advance(hours=1)
    standing = store.requests.standing()
    assert (standing.open, standing.overdue, standing.next_due) == (1, 1, made.due_on)
    assert store.measures.read().requests == standing
    kept = str(raw.execute("SELECT * FROM subject_requests").fetchall()) + str(raw.execute("SELECT entry FROM audit_log").fetchall())
    assert "Ngô" not in kept
    assert "7/2026" not in kept
    assert people["dung"].pseudonym in kept
    answer(store, made)
    assert store.requests.standing().open == 0
    (said,) = raw.execute("SELECT entry FROM audit_log WHERE action = 'request.answered'").fetchone()
    assert json.loads(said)["fields"]["late"] is True


def test_what_cannot_be_registered(store: Store, people: dict[str, Actor]) -> None:
    case_id = closed(store, people)
    for where, letter, day, by in (
        (case_id, " ", TODAY, "dung"),
        (case_id, LETTER, TODAY + timedelta(days=1), "dung"),
        (case_id, LETTER, TODAY, "nobody"),
        ("no-such-case", LETTER, TODAY, "dung"),
    ):
        with pytest.raises(UsageError):
            store.requests.register(ACCESS, where, letter, day, by=by)
    assert store.requests.all() == ()


def test_a_granted_erasure_takes_the_words_from_everywhere_at_once(
    store: Store, people: dict[str, Actor], clock: FixedClock, settings: Settings, raw: sqlite3.Connection
) -> None:
    case_id = open_case(store)
    approve(store, case_id, people)
    settings.dossier_dir.mkdir(parents=True)
    pack = settings.dossier_dir / "hs-1.zip"
    pack.write_bytes(b"PK")
    store.dossiers.add(DossierRecord("hs-1", case_id, 1, "hs-1.zip", "a" * 64, START))
    send(store, case_id, people)
    (entry,) = store.cases.view(case_id).items
    while store.project():
        pass
    assert store.search.search(SearchQuery("otp")).total == 1
    made = ask(store, case_id)
    with pytest.raises(NotPermitted, match="complain"):
        answer(store, made)
    done = store.requests.answer(made.id, GRANTED, by="dung", approved_by="giang", waived=True)
    assert done.also_in == ()
    assert store.cases.facts(case_id).state is CaseState.PURGED
    assert store.cases.view(case_id).items == ()
    assert store.search.search(SearchQuery("otp")).total == 0
    assert not store.evidence.has(entry.item.captures[0].blob)
    assert not pack.exists()
    assert raw.execute("SELECT count(*) FROM texts").fetchone() == (0,)
    (stone,) = store.tombstones(START)
    assert (stone.action, stone.object_id, stone.rule) == ("case.purged", case_id, "on_request")
    assert store.cases.verify_chain(case_id) == store.audit.verify() == store.check() == []
    head = store.audit.head()
    assert store.requests.answer(made.id, GRANTED, by="dung", approved_by="giang").request == done.request, "again changes nothing"
    assert store.audit.head() == head
    with pytest.raises(Conflict):
        answer(store, made, REFUSED, RefusalGround.NOT_THEIRS)
    assert store.requests.all() == ()
    assert store.requests.all(answered=True) == (done.request,)


@pytest.mark.sqlite_only
def test_after_an_erasure_no_word_is_left_in_any_file_of_the_database(store: Store, people: dict[str, Actor], settings: Settings) -> None:
    item = make_item(store, "1", "từkhóabímật xuất hiện ở đây")
    case_id = open_case(store, item=item)
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, Outcome.NONE)), people["an"])
    store.project()
    answer(store, ask(store, case_id))
    for path in settings.home.iterdir():
        if path.is_file():
            data = path.read_bytes()
            assert "từkhóabímật".encode() not in data, path.name
            assert b"tukhoabimat" not in data, path.name


def test_what_people_still_decide_or_an_order_holds_is_not_erased(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    open_one, held = open_case(store, "1"), closed(store, people, "2")
    hold = store.holds.place(held, "CV-17/2026", clock.now() + timedelta(days=9), by="dung", approved_by="giang")
    first, second = ask(store, open_one), ask(store, held)
    with pytest.raises(IllegalTransition, match="open"):
        answer(store, first)
    with pytest.raises(NotPermitted, match="legal hold"):
        answer(store, second)
    assert store.cases.view(open_one).items
    assert store.cases.view(held).items
    assert {one.id for one in store.requests.all()} == {first.id, second.id}, "a refused command answers nothing"
    for request, wrong in ((first, RefusalGround.LEGAL_HOLD), (second, RefusalGround.NOTHING_KEPT)):
        with pytest.raises(UsageError, match="does not hold"):
            answer(store, request, REFUSED, wrong)
    assert answer(store, first, REFUSED, RefusalGround.OPEN_CASE).ground is RefusalGround.OPEN_CASE
    store.holds.release(hold.id, by="giang")
    assert answer(store, second).outcome is GRANTED


def test_an_answer_takes_two_people_and_an_erasure_one_who_had_no_part_in_the_case(store: Store, people: dict[str, Actor]) -> None:
    case_id = closed(store, people, reader="hoa")
    made = ask(store, case_id)
    for by, approved_by in (("giang", "giang"), ("dung", "an"), ("dung", "hoa")):
        with pytest.raises(NotPermitted):
            store.requests.answer(made.id, GRANTED, by=by, approved_by=approved_by)
    with pytest.raises(UsageError, match="no account"):
        store.requests.answer(made.id, GRANTED, by="nobody", approved_by="giang")
    with pytest.raises(UsageError, match="no request"):
        store.requests.answer("khong-co", GRANTED, by="dung", approved_by="giang")
    assert store.cases.view(case_id).items
    assert store.requests.answer(made.id, GRANTED, by="hoa", approved_by="giang").request.outcome is GRANTED


def test_of_nothing_nothing_can_be_granted(store: Store, people: dict[str, Actor]) -> None:
    escalated = open_case(store)
    store.cases.apply(escalated, c.Claim(), people["an"])
    store.cases.apply(escalated, c.Escalate(reason="nghi ngờ"), people["an"])
    for kind in RequestKind:
        for case_id in (None, escalated):
            made = ask(store, case_id, kind)
            with pytest.raises(UsageError, match="nothing is kept"):
                answer(store, made)
            assert answer(store, made, REFUSED, RefusalGround.NOTHING_KEPT).outcome is REFUSED
    assert store.cases.facts(escalated).state is CaseState.ESCALATED_CSE, "the line that an escalation consists of stays"


def test_access_and_rectification_change_nothing_of_the_case(store: Store, people: dict[str, Actor]) -> None:
    case_id = closed(store, people)
    before = store.cases.view(case_id)
    assert answer(store, ask(store, case_id, ACCESS)).outcome is GRANTED
    assert answer(store, ask(store, case_id, RECTIFICATION), REFUSED, RefusalGround.AS_PUBLISHED).outcome is REFUSED
    assert store.cases.view(case_id) == before


def test_posts_that_another_case_rests_on_are_named_and_not_taken_from_it(store: Store, people: dict[str, Actor]) -> None:
    item = make_item(store)
    first = open_case(store, item=item)
    store.cases.apply(first, c.Claim(), people["an"])
    store.cases.apply(first, c.Code(decision=decide(store, first, Outcome.NONE)), people["an"])
    second = open_case(store, item=make_item(store, text="lời khác, vẫn bị đánh dấu"))
    assert second != first
    done = store.requests.answer(ask(store, first).id, GRANTED, by="dung", approved_by="giang")
    assert done.also_in == (second,)
    assert store.cases.view(first).items == ()
    assert store.cases.view(second).items


def test_answered_requests_go_after_two_years_and_open_ones_stay(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    done, waiting = ask(store, None, letter="Đơn 1"), ask(store, None, letter="Đơn 2")
    answer(store, done, REFUSED, RefusalGround.NOTHING_KEPT)
    clock.advance(days=729)
    assert "requests_24m" not in store.purge(clock.now()).purged
    clock.advance(days=1)
    assert store.purge(clock.now()).purged["requests_24m"] == 1
    assert store.requests.all(answered=True) == (waiting,)


def test_what_was_erased_on_request_does_not_come_back_from_a_backup(settings: Settings, tmp_path: Path, clock: FixedClock) -> None:
    """The disk is lost: the ledger beside the backup knows, and it was written with the answer, not with the next purge."""
    at = tmp_path / "other-disk"
    safe = settings.model_copy(update={"backups": at})
    if settings.database_url:
        safe = safe.model_copy(update={"database_url": owners(settings.database_url)})
    with open_store(safe, clock=clock, ids=Ids(seed=1)) as store:
        store.accounts.add("giang", "mot mat khau dai", "Giang", (Role.DATA_PROTECTION,))
        team = hire(store)
        erased, kept = closed(store, team, "1"), closed(store, team, "2")
        made = store.backup(at)
        answer(store, ask(store, erased))
        assert ledger.read(at).erased == {ledger.hashed(erased)}
    if not settings.database_url:
        for path in safe.home.glob("rasoat.sqlite3*"):
            path.unlink()
    done = restoring.restore(safe, at / made.name, clock, replace=True)
    assert done.erased == 1
    with open_store(safe, clock=clock) as store:
        assert store.cases.view(erased).items == ()
        assert store.cases.view(kept).items
        assert store.check(deep=True) == []
