"""The inbox: what becomes of an item at its first, second and changed sighting, and what is left when it is not flagged."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from rasoat.errors import EvidenceError, Quarantine, RetryLater
from rasoat.harms import Harm
from rasoat.items import BlobRef, Item
from rasoat.ports import Arrival, Unmapped
from rasoat.settings import Settings
from rasoat.store import Store
from tests.store.makers import TEXT, changed, make_assessment, make_item, open_case


def test_an_item_comes_back_as_it_went_in(store: Store) -> None:
    item = make_item(store)
    assert store.inbox.put(item, run_id="r") is Arrival.NEW
    assert store.inbox.pending(10) == [item]
    assert store.inbox.count_pending() == 1


def test_missing_fields_stay_missing(store: Store) -> None:
    full = make_item(store)
    bare = Item(full.id, full.platform, full.kind, full.locator, "demo", "", "", full.captured_at)
    store.inbox.put(bare, run_id="r")
    assert store.inbox.pending(1) == [bare]


def test_a_second_sighting_adds_its_capture_and_nothing_else(store: Store) -> None:
    first, second = make_item(store), make_item(store, seen=1)
    store.inbox.put(first, run_id="r")
    assert store.inbox.put(second, run_id="r2") is Arrival.SEEN_AGAIN
    assert store.inbox.put(second, run_id="r2") is Arrival.SEEN_AGAIN
    (found,) = store.inbox.pending(10)
    assert found == replace(first, captures=(*first.captures, *second.captures))
    assert store.counts()["items"] == 1
    assert store.counts()["captures"] == 2


def test_changed_words_replace_what_nobody_has_read(store: Store) -> None:
    first = make_item(store)
    store.inbox.put(first, run_id="r")
    second = make_item(store, text="lời khác hẳn")
    assert store.inbox.put(second, run_id="r") is Arrival.CHANGED
    assert store.inbox.pending(10) == [second]


@pytest.mark.sqlite_only
def test_dropping_leaves_hashes_and_counters_only(store: Store, raw: sqlite3.Connection, settings: Settings) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    store.inbox.drop(item, make_assessment(), audit=False)
    with pytest.raises(EvidenceError):
        store.evidence.get(item.captures[0].blob)
    counts = store.counts()
    assert {name: counts[name] for name in ("pages", "captures", "items", "assessed", "dropped", "pending", "audit")} == {
        "pages": 1,
        "captures": 1,
        "items": 1,
        "assessed": 1,
        "dropped": 1,
        "pending": 0,
        "audit": 0,
    }
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    kept = (settings.home / "rasoat.sqlite3").read_bytes()
    assert b"OTP" not in kept
    assert item.locator.encode() not in kept
    assert item.content_hash.encode() in kept
    assert item.url_hash.encode() in kept


def test_a_dropped_item_that_is_seen_again_moves_a_counter_only(store: Store, raw: sqlite3.Connection) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    store.inbox.drop(item, make_assessment(), audit=False)
    again = make_item(store, seen=2)
    assert store.inbox.put(again, run_id="r") is Arrival.KNOWN_DROPPED
    assert not store.evidence.has(again.captures[0].blob)
    assert raw.execute("SELECT sightings FROM dropped").fetchall() == [(2,)]
    assert store.counts()["captures"] == 2
    assert store.inbox.put(make_item(store, text="nay đã đổi lời"), run_id="r") is Arrival.CHANGED
    assert store.inbox.count_pending() == 1
    assert store.counts()["items"] == 1


def test_the_audit_slice_keeps_words_but_no_address_and_no_capture(store: Store, raw: sqlite3.Connection) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    store.inbox.drop(item, make_assessment(), audit=True)
    assert store.counts()["audit"] == 1
    assert raw.execute("SELECT text FROM audit_slice").fetchall() == [(TEXT,)]
    assert not store.evidence.has(item.captures[0].blob)


def test_a_blob_that_another_item_needs_stays(store: Store) -> None:
    one = make_item(store, "1")
    other = replace(make_item(store, "2"), captures=(replace(make_item(store, "2").captures[0], blob=one.captures[0].blob),))
    store.inbox.put(one, run_id="r")
    store.inbox.put(other, run_id="r")
    store.inbox.drop(one, make_assessment(), audit=False)
    assert store.evidence.has(one.captures[0].blob)
    store.inbox.drop(other, make_assessment(), audit=False)
    assert not store.evidence.has(one.captures[0].blob)


def test_dropping_twice_or_after_a_change_does_no_harm(store: Store) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    store.inbox.put(make_item(store, text="lời mới"), run_id="r")
    store.inbox.drop(item, make_assessment(), audit=False)
    assert store.inbox.count_pending() == 1
    (now,) = store.inbox.pending(1)
    store.inbox.drop(now, make_assessment(), audit=False)
    store.inbox.drop(now, make_assessment(), audit=False)
    assert store.counts()["dropped"] == 1


def test_a_case_keeps_the_words_it_was_opened_on_when_newer_ones_are_dropped(store: Store) -> None:
    item = make_item(store)
    case_id = open_case(store, item=item)
    newer = make_item(store, text="bài đã được sửa, không còn gì")
    assert store.inbox.put(newer, run_id="r") is Arrival.CHANGED
    (waiting,) = store.inbox.pending(5)
    assert waiting.text == newer.text
    store.inbox.drop(waiting, make_assessment(), audit=False)
    assert store.cases.view(case_id).items[0].item.text == TEXT
    assert not store.evidence.has(newer.captures[0].blob)
    assert store.evidence.has(item.captures[0].blob)
    assert store.inbox.put(newer, run_id="r") is Arrival.KNOWN_DROPPED or not newer.captures
    assert store.counts()["flagged"] == 1


def test_an_item_whose_evidence_is_not_there_is_refused(store: Store) -> None:
    item = make_item(store)
    store.evidence.delete(item.captures[0].blob)
    with pytest.raises(RetryLater, match="put the bytes first"):
        store.inbox.put(item, run_id="r")
    assert store.counts()["items"] == 0


def test_many_at_once_become_what_each_would_alone(store: Store) -> None:
    known, dropped, new, other = (make_item(store, name, f"{TEXT} {name}") for name in ("cũ", "bỏ", "mới", "khác"))
    for item in (known, dropped):
        store.inbox.put(item, run_id="r")
    store.inbox.drop(dropped, make_assessment(), audit=False)
    dropped = make_item(store, "bỏ", f"{TEXT} bỏ")  # its bytes again
    twice = make_item(store, "mới", f"{TEXT} mới", seen=1)
    newer = make_item(store, "cũ", "lời khác hẳn")
    batch = [new, make_item(store, "cũ", f"{TEXT} cũ", seen=1), dropped, twice, other, newer]
    found = store.inbox.put_many(batch, run_id="r2")
    assert found == [Arrival.NEW, Arrival.SEEN_AGAIN, Arrival.KNOWN_DROPPED, Arrival.SEEN_AGAIN, Arrival.NEW, Arrival.CHANGED]
    waiting = {item.id: item for item in store.inbox.pending(10)}
    assert set(waiting) == {known.id, new.id, other.id}
    assert waiting[known.id].text == "lời khác hẳn"
    assert {capture.id for capture in waiting[new.id].captures} == {capture.id for one in (new, twice) for capture in one.captures}
    assert not store.evidence.has(dropped.captures[0].blob)
    assert store.inbox.put_many(batch[:1], run_id="r3") == [Arrival.SEEN_AGAIN]
    assert store.inbox.put_many([], run_id="r3") == []
    assert store.check() == []


def test_of_many_none_is_taken_when_one_cannot_be(store: Store) -> None:
    good, bare, half = make_item(store, "a"), make_item(store, "b", f"{TEXT} b"), changed(make_item(store, "c", f"{TEXT} c"), "nửa \ud83d")
    with pytest.raises(Quarantine):
        store.inbox.put_many([good, half], run_id="r")
    store.evidence.delete(bare.captures[0].blob)
    with pytest.raises(RetryLater, match="put the bytes first"):
        store.inbox.put_many([good, bare], run_id="r")
    assert store.counts()["items"] == 0


def test_quarantined_items_wait_no_more_until_they_change(store: Store) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    store.inbox.quarantine(item.id, "văn bản quá dài")
    assert store.inbox.pending(5) == []
    assert store.inbox.quarantined() == [(item.id, "văn bản quá dài")]
    assert store.inbox.put(changed(item, "ngắn"), run_id="r") is Arrival.CHANGED
    assert store.inbox.count_pending() == 1


def test_unmapped_records_are_listed_with_reasons_and_resolved(store: Store) -> None:
    raw = store.evidence.put(b'{"id":1}', "application/json", sealed=True)
    record = Unmapped("bai-dang", "zeeschuimer", 1, "line 17", "không có trường text", raw)
    store.inbox.put_unmapped(record, run_id="r")
    store.inbox.put_unmapped(record, run_id="r")
    (found,) = store.inbox.unmapped("bai-dang")
    assert found.record == record
    assert store.inbox.unmapped("khac") == []
    assert store.counts()["unmapped"] == 1
    store.inbox.resolve_unmapped(found.id)
    store.inbox.resolve_unmapped(found.id)
    assert store.inbox.unmapped() == []
    assert not store.evidence.has(raw)


def test_numbers_add_up(store: Store) -> None:
    for n in range(12):
        item = make_item(store, str(n), f"{TEXT} {n}")
        store.inbox.put(item, run_id="r")
        if n % 4 == 1:
            store.inbox.drop(item, make_assessment(), audit=n == 1)
        elif n % 4 == 2:
            store.inbox.quarantine(item.id, "x")
        elif n % 4 == 3:
            open_case(store, item=item, harm=Harm.GAM)
    counts = store.counts()
    assert counts["items"] == counts["pending"] + counts["assessed"] + counts["quarantined"] == 12
    assert counts["assessed"] == counts["flagged"] + counts["dropped"] == 6
    assert store.check() == []


def test_an_unknown_blob_type_survives(store: Store) -> None:
    ref = store.evidence.put(b"", "application/warc")
    assert ref == BlobRef(ref.sha256, 0, "application/warc", False)
    assert store.evidence.get(ref) == b""


def test_half_a_character_is_quarantined(store: Store) -> None:
    item = changed(make_item(store), "nửa chữ \ud83d")
    with pytest.raises(Quarantine, match="half a character"):
        store.inbox.put(item, run_id="r")
    assert store.counts()["items"] == 0
