"""Retention by a clock that is set: nothing goes too early, everything goes in time, and the log says what, never which words."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from rasoat.cases import commands as c
from rasoat.cases.states import CaseState
from rasoat.cases.workflow import Actor
from rasoat.clock import FixedClock
from rasoat.harms import Harm, Outcome
from rasoat.ports import Arrival, SearchQuery, Unmapped
from rasoat.settings import Settings
from rasoat.store import Store
from rasoat.store.records import DossierRecord
from tests.store.makers import START, TEXT, approve, decide, hire, make_assessment, make_item, no_contact, open_case, send


@pytest.fixture
def people(store: Store) -> dict[str, Actor]:
    return hire(store)


def close(store: Store, case_id: str, people: dict[str, Actor], outcome: Outcome) -> None:
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Code(decision=decide(store, case_id, outcome)), people["an"])


def state(store: Store, case_id: str) -> CaseState:
    return store.cases.facts(case_id).state


@pytest.mark.parametrize(
    ("outcome", "rule", "keep"),
    [
        (Outcome.OOS, "oos_24h", timedelta(hours=24)),
        (Outcome.NONE, "none_30d", timedelta(days=30)),
        (Outcome.DUP, "dup_30d", timedelta(days=30)),
    ],
)
def test_no_harm_cases_lose_their_words_in_time(
    store: Store, people: dict[str, Actor], clock: FixedClock, raw: sqlite3.Connection, outcome: Outcome, rule: str, keep: timedelta
) -> None:
    item = make_item(store)
    case_id = open_case(store, item=item, seed=1)
    close(store, case_id, people, outcome)
    store.project()
    blob = item.captures[0].blob
    report = store.purge(clock.now() + keep - timedelta(seconds=1))
    assert rule not in report.purged
    assert store.evidence.has(blob)
    report = store.purge(clock.now() + keep)
    assert report.purged[rule] == 1
    assert state(store, case_id) is CaseState.PURGED
    assert not store.evidence.has(blob)
    assert store.search.search(SearchQuery("otp")).total == 0
    assert store.cases.verify_chain(case_id) == []
    assert store.audit.verify() == []
    assert store.check() == []
    view = store.cases.view(case_id)
    assert view.items == ()
    assert all(record.decision is None and record.reason == "" for record in view.decisions)
    assert raw.execute("SELECT count(*) FROM audit_log WHERE action = 'case.purged'").fetchone() == (1,)
    assert store.purge(clock.now() + keep).purged == {}


def test_no_word_is_left_in_any_file_of_the_database(store: Store, people: dict[str, Actor], clock: FixedClock, settings: Settings) -> None:
    case_id = open_case(store, text="từkhóabímật xuất hiện ở đây")
    close(store, case_id, people, Outcome.OOS)
    while store.project():
        pass
    store.purge(clock.now() + timedelta(days=2))
    for path in settings.home.iterdir():
        if path.is_file():
            data = path.read_bytes()
            assert "từkhóabímật".encode() not in data, path.name
            assert b"tukhoabimat" not in data, path.name
            assert "không vi phạm".encode() not in data, path.name


def test_a_purged_item_seen_again_is_not_kept_again(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    case_id = open_case(store, seed=1)
    close(store, case_id, people, Outcome.OOS)
    store.purge(clock.now() + timedelta(days=2))
    again = make_item(store, seen=3)
    assert store.inbox.put(again, run_id="r") is Arrival.KNOWN_DROPPED
    assert not store.evidence.has(again.captures[0].blob)
    assert open_case(store, "2", "gần như vậy", seed=1) != case_id


def test_words_that_another_case_rests_on_stay(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    item = make_item(store)
    first = open_case(store, item=item)
    close(store, first, people, Outcome.OOS)
    second = open_case(store, item=make_item(store, text="lời khác, vẫn bị đánh dấu"))
    assert second != first
    store.purge(clock.now() + timedelta(days=2))
    assert store.cases.view(first).items == ()
    assert store.cases.view(second).items[0].item.text == "lời khác, vẫn bị đánh dấu"
    assert store.check() == []


def test_waiting_for_information_ends_after_two_weeks(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    case_id = open_case(store)
    close(store, case_id, people, Outcome.CTX)
    assert store.purge(clock.now() + timedelta(days=13)).purged == {}
    assert store.purge(clock.now() + timedelta(days=14)).purged == {"wait_info_14d": 1}
    assert state(store, case_id) is CaseState.CLOSED_NONE
    assert store.purge(clock.now() + timedelta(days=44)).purged["none_30d"] == 1


def test_sent_requests_stay_for_the_complaint_window(store: Store, people: dict[str, Actor], clock: FixedClock, settings: Settings) -> None:
    case_id = open_case(store)
    approve(store, case_id, people)
    settings.dossier_dir.mkdir()
    pack = settings.dossier_dir / "hs-1.zip"
    pack.write_bytes(b"PK")
    store.dossiers.add(DossierRecord("hs-1", case_id, 1, "hs-1.zip", "a" * 64, START))
    send(store, case_id, people)
    assert store.purge(clock.now() + timedelta(days=212)).purged.get("sent_6m_30d") is None
    assert pack.exists()
    assert store.purge(clock.now() + timedelta(days=213)).purged["sent_6m_30d"] == 1
    assert not pack.exists()
    assert len(store.dossiers.of(case_id)) == 1


def test_a_sent_request_that_nobody_closed_is_reported_and_not_touched(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    case_id = open_case(store)
    approve(store, case_id, people)
    store.cases.apply(case_id, no_contact(), people["chi"])
    store.cases.apply(case_id, c.Seal(dossier_id="hs-1", pack_sha256="a" * 64), people["chi"])
    store.cases.apply(case_id, c.MarkSent(channel="biểu mẫu"), people["chi"])
    assert store.purge(clock.now() + timedelta(days=400)).purged["overdue_open"] == 1
    assert state(store, case_id) is CaseState.SENT


def test_mended_and_letter_cases_stay_ninety_days(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    fixed = open_case(store, "1", harm=Harm.ADV)
    approve(store, fixed, people, Harm.ADV)
    store.cases.apply(fixed, c.Fixed(reason="bài đã được sửa"), people["chi"])
    assert store.purge(clock.now() + timedelta(days=89)).purged == {}
    assert state(store, fixed) is CaseState.CLOSED_FIXED
    assert store.purge(clock.now() + timedelta(days=90)).purged["fixed_90d"] == 1


def test_who_was_in_distress_is_kept_seven_days(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    """Taken for a promotion of self-harm, found to be none. Any other text that is found to be none stays thirty days."""
    distress, other = open_case(store, "1", harm=Harm.SHM), open_case(store, "2", f"{TEXT} khác", seed=2)
    for case_id in (distress, other):
        close(store, case_id, people, Outcome.NONE)
    assert store.purge(clock.now() + timedelta(days=7) - timedelta(seconds=1)).purged == {}
    assert store.purge(clock.now() + timedelta(days=7)).purged == {"distress_7d": 1}
    assert state(store, distress) is CaseState.PURGED
    assert store.cases.view(distress).items == ()
    assert state(store, other) is CaseState.CLOSED_NONE


def test_who_gave_a_verdict_is_forgotten_after_a_year_and_counted(
    store: Store, people: dict[str, Actor], clock: FixedClock, raw: sqlite3.Connection
) -> None:
    erased, alive = open_case(store, "1"), open_case(store, "2", f"{TEXT} khác", seed=2)
    for case_id in (erased, alive):
        approve(store, case_id, people)
    send(store, erased, people)
    clock.advance(days=364)
    assert store.purge(clock.now()).purged == {"sent_6m_30d": 1}
    given = len(store.cases.view(erased).decisions)
    assert given > 2
    clock.advance(days=1)
    assert store.purge(clock.now()).purged["verdicts_12m"] == given
    assert {one.actor for one in store.cases.view(erased).decisions} == {""}
    assert all(one.actor for one in store.cases.view(alive).decisions), "a case that lives needs its people"
    rows = dict(raw.execute("SELECT name, value FROM counters WHERE substr(name, 1, 8) = 'verdicts'").fetchall())
    assert sum(rows.values()) == given
    assert rows["verdicts_approved"] == 1
    assert raw.execute(f"SELECT count(*) FROM case_readers WHERE case_id = '{erased}'").fetchone() == (0,)
    assert store.check() == []
    assert "verdicts_12m" not in store.purge(clock.now()).purged


def test_the_skeleton_of_a_dossier_ends_after_two_years_and_the_chain_stays(
    store: Store, people: dict[str, Actor], clock: FixedClock
) -> None:
    case_id = open_case(store)
    approve(store, case_id, people)
    store.dossiers.add(DossierRecord("hs-1", case_id, 1, "hs-1.zip", "a" * 64, START))
    send(store, case_id, people)
    clock.advance(days=213)
    assert store.purge(clock.now()).purged["sent_6m_30d"] == 1
    before = store.counts()
    clock.advance(days=729)
    assert "skeleton_24m" not in store.purge(clock.now()).purged
    assert len(store.dossiers.of(case_id)) == 1
    clock.advance(days=1)
    assert store.purge(clock.now()).purged["skeleton_24m"] == 1
    assert len(store.dossiers.of(case_id)) == 0
    assert store.cases.view(case_id).decisions == ()
    after = store.counts()
    assert (after["sealed"], after["cases"], after["purged"]) == (before["sealed"], before["cases"], before["purged"])
    assert store.check() == []
    assert "skeleton_24m" not in store.purge(clock.now()).purged


def test_child_safety_keeps_nothing_from_the_moment_of_escalation(store: Store, people: dict[str, Actor], settings: Settings) -> None:
    item = make_item(store)
    case_id = open_case(store, item=item)
    store.project()
    store.cases.apply(case_id, c.Claim(), people["an"])
    store.cases.apply(case_id, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    assert not store.evidence.has(item.captures[0].blob)
    view = store.cases.view(case_id)
    assert view.items == ()
    assert [record.reason for record in view.decisions] == ["nghi ngờ liên quan trẻ em"]
    store.project()
    assert store.search.search(SearchQuery()).total == 0
    assert store.counts()["escalated"] == 1


def test_a_restored_backup_is_masked_again(store: Store, people: dict[str, Actor], clock: FixedClock, raw: sqlite3.Connection) -> None:
    case_id = open_case(store)
    store.cases.apply(case_id, c.Escalate(reason="nghi ngờ"), people["an"])
    raw.execute("UPDATE cases SET erased = FALSE")
    assert store.purge(clock.now()).purged == {"cse_at_once": 1}


def test_audit_slice_unmapped_and_quarantine_have_their_days(store: Store, clock: FixedClock) -> None:
    kept, aside = make_item(store, "1"), make_item(store, "2", "đọc không được")
    for item in (kept, aside):
        store.inbox.put(item, run_id="r")
    store.inbox.drop(kept, make_assessment(), audit=True)
    store.inbox.quarantine(aside.id, "hỏng")
    raw = store.evidence.put(b"{}", "application/json", sealed=True)
    store.inbox.put_unmapped(Unmapped("s", "m", 1, "line 1", "lạ", raw), run_id="r")
    assert store.purge(clock.now() + timedelta(days=29)).purged == {}
    assert store.purge(clock.now() + timedelta(days=30)).purged == {"unmapped_30d": 1, "quarantined_30d": 1}
    assert not store.evidence.has(raw)
    assert not store.evidence.has(aside.captures[0].blob)
    assert store.counts()["audit"] == 1
    assert store.purge(clock.now() + timedelta(days=90)).purged == {"audit_slice_90d": 1}
    assert store.counts()["audit"] == 0
    assert store.counts()["items"] == 2
    assert store.check() == []


def test_the_audit_log_is_pruned_to_hashes_after_two_years_and_still_verifies(
    store: Store, clock: FixedClock, raw: sqlite3.Connection
) -> None:
    store.audit.log("login.failed", "p-1", "account", "x")
    clock.advance(days=400)
    store.audit.log("login.failed", "p-2", "account", "y")
    assert "audit_log_24m" not in store.purge(START + timedelta(days=729)).purged
    assert store.purge(START + timedelta(days=731)).purged["audit_log_24m"] == 1
    entries = [row[0] for row in raw.execute("SELECT entry FROM audit_log ORDER BY seq")]
    assert entries[0] is None
    assert all(entries[1:])
    assert store.audit.verify() == []
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute("UPDATE audit_log SET entry = NULL WHERE seq = 2")


def test_counts_still_add_up_after_a_purge(store: Store, people: dict[str, Actor], clock: FixedClock) -> None:
    for n in range(4):
        close(store, open_case(store, str(n), f"{TEXT} {n}"), people, Outcome.OOS)
    before = store.counts()
    store.purge(clock.now() + timedelta(days=2))
    after = store.counts()
    for name in ("pages", "captures", "items", "assessed", "flagged", "dropped", "cases"):
        assert after[name] == before[name], name
    assert after["purged"] == 4


def test_newer_words_that_waited_while_the_case_was_purged_leave_nothing_either(
    store: Store, people: dict[str, Actor], clock: FixedClock, raw: sqlite3.Connection
) -> None:
    case_id = open_case(store)
    close(store, case_id, people, Outcome.OOS)
    newer = make_item(store, text="bài viết về thời tiết")
    store.inbox.put(newer, run_id="r")
    store.purge(clock.now() + timedelta(days=2))
    (waiting,) = store.inbox.pending(5)
    store.inbox.drop(waiting, make_assessment(), audit=False)
    assert raw.execute("SELECT url, locator, publisher_name FROM items").fetchall() == [(None, "", None)]
    assert raw.execute("SELECT count(*) FROM texts").fetchone() == (0,)
    assert not store.evidence.has(newer.captures[0].blob)
    assert store.inbox.put(make_item(store, text="bài viết về thời tiết", seen=4), run_id="r") is Arrival.KNOWN_DROPPED
    assert store.check() == []
