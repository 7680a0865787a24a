"""Sealed packs in a folder and in an S3-compatible store: what was noted or an error, one copy, and gone with its case."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rasoat.canonical import sha256_hex
from rasoat.cases import commands as c
from rasoat.cases.states import CaseState
from rasoat.clock import FixedClock
from rasoat.errors import EvidenceError, RetryLater
from rasoat.harms import Outcome
from rasoat.settings import Settings
from rasoat.store import Store, blobs, open_store, packs
from rasoat.store.evidence_opening import open_packs
from rasoat.store.evidence_s3 import S3Shelf
from rasoat.store.records import DossierRecord
from tests.services import made_bucket
from tests.store.makers import decide, hire, make_item, open_case

AWAY = "https://127.0.0.1:9"


@pytest.fixture(params=["folder", "s3", "s3 with versions"])
def place(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    with ExitStack() as stack:
        s3 = request.param != "folder"
        bucket = stack.enter_context(made_bucket(versioned="versions" in request.param)) if s3 else {}
        yield settings.model_copy(update=bucket)


@pytest.fixture
def house(place: Settings, clock: FixedClock) -> Iterator[Store]:
    with open_store(place, clock=clock) as store:
        yield store


def add(store: Store, case_id: str, name: str) -> None:
    """A pack that is put and noted."""
    store.packs.put(f"{name}.zip", name.encode())
    store.dossiers.add(DossierRecord(name, case_id, 1, f"{name}.zip", sha256_hex(name.encode()), store.cases.view(case_id).opened_at))


def names(store: Store) -> set[str]:
    return {name for name, _ in store.packs.all()}


def test_what_goes_in_comes_out_and_what_is_removed_is_gone(place: Settings, tmp_path: Path) -> None:
    here = open_packs(place)
    there = open_packs(place.model_copy(update={"home": tmp_path / "other"}) if place.evidence_url else place)
    data = bytes(range(256)) * 4096
    for name in ("a-1.zip", "b_2.zip"):
        here.put(name, data)
        assert there.get(name, sha256_hex(data)) == data
    found = dict(there.all())
    assert {name: one.size for name, one in found.items()} == {"a-1.zip": len(data), "b_2.zip": len(data)}
    assert all(-5 < one.age < 300 for one in found.values())
    there.remove(["a-1.zip", "never.zip"])
    assert not here.has("a-1.zip")
    assert here.has("b_2.zip")
    assert (place.dossier_dir / "b_2.zip").exists() is not here.shared, "a user finds it in the home, or nobody does"
    shelf: Any = here._shelf
    if here.shared and shelf.keeps_versions():
        assert [one["Key"] for one in shelf._call("list_object_versions", Prefix="").get("Versions", ())] == ["a/b/dossiers/b_2.zip"]


def test_what_was_changed_cut_or_lost_is_an_error(place: Settings) -> None:
    here = open_packs(place)
    here.put("x.zip", b"one two three")
    for other in (b"one two thred", b"one", b"", b"one two three!"):
        here._shelf.write("x.zip", other)
        with pytest.raises(EvidenceError, match=r"x\.zip differs"):
            here.get("x.zip", sha256_hex(b"one two three"))
    here.remove(["x.zip"])
    with pytest.raises(EvidenceError, match=r"x\.zip is missing"):
        here.get("x.zip", sha256_hex(b"one two three"))


@pytest.mark.parametrize("name", ["../x.zip", "/etc/x.zip", "a/x.zip", "..", ".zip", ".x.zip", "x.txt", "", "x.zip\n", 'x".zip'])
@pytest.mark.sqlite_only
def test_a_name_that_is_no_pack_s_is_refused(settings: Settings, name: str) -> None:
    here = open_packs(settings)
    for act in (here.read, here.has, lambda name: here.put(name, b"x"), lambda name: here.remove([name])):
        with pytest.raises(EvidenceError, match="no pack is called"):
            act(name)


def test_a_disk_that_gives_back_something_else_keeps_nothing(place: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    here = open_packs(place)
    with monkeypatch.context() as patch:
        patch.setattr(here._shelf, "read", lambda *_: b"something else")
        with pytest.raises(EvidenceError, match="does not read back"):
            here.put("x.zip", b"data")
    assert not here.has("x.zip")


def _make_old(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for shelf in (store.evidence._shelf, store.packs._shelf):
        if isinstance(shelf, S3Shelf):
            monkeypatch.setattr(shelf, "_now", lambda: datetime.now(UTC) + timedelta(days=2))
        else:
            for path in Path(shelf.where).rglob("*.*"):
                os.utime(path, (0, 0))


def test_neither_sweep_takes_what_belongs_to_the_other(house: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    item = make_item(house)
    case_id = open_case(house, item=item)
    add(house, case_id, "named")
    orphan = house.evidence.put(b"orphan", "x/y")
    house.packs.put("unnamed.zip", b"left by one who died")
    assert packs.sweep(house._db, house.packs) == blobs.sweep(house._db, house.evidence) == 0, "it may be on its way still"
    _make_old(house, monkeypatch)
    assert packs.sweep(house._db, house.packs) == 1
    assert names(house) == {"named.zip"}
    assert house.evidence.has(orphan)
    assert blobs.sweep(house._db, house.evidence) == 1
    assert not house.evidence.has(orphan)
    assert house.evidence.has(item.captures[0].blob)
    assert names(house) == {"named.zip"}


def test_an_escalated_case_keeps_no_pack_that_was_built_ahead(house: Store) -> None:
    people = hire(house)
    escalated, other = open_case(house), open_case(house, "2", "Lời khác hẳn, nạp tiền nhận thưởng", seed=2)
    add(house, escalated, "escalated")
    add(house, other, "other")
    house.cases.apply(escalated, c.Escalate(reason="nghi ngờ liên quan trẻ em"), people["an"])
    assert names(house) == {"other.zip"}


def test_a_pack_that_could_not_be_removed_goes_with_the_next_purge(settings: Settings, clock: FixedClock) -> None:
    with made_bucket() as bucket, open_store(shared := settings.model_copy(update=bucket), clock=clock) as store:
        people, case_id = hire(store), open_case(store)
        add(store, case_id, "due")
        store.cases.apply(case_id, c.Claim(), people["an"])
        store.cases.apply(case_id, c.Code(decision=decide(store, case_id, Outcome.OOS)), people["an"])
        there = store.packs
        store.packs = open_packs(shared.model_copy(update={"evidence_endpoint": AWAY}))
        with pytest.raises(RetryLater):
            store.packs.put("new.zip", b"x")
        with pytest.raises(RetryLater):
            store.purge(clock.now() + timedelta(days=2))
        assert store.cases.facts(case_id).state is CaseState.PURGED
        store.packs = there
        assert names(store) == {"due.zip"}
        store.purge(clock.now() + timedelta(days=2))
        assert names(store) == set()


def test_packs_from_before_the_bucket_move_there_and_leave_the_home(settings: Settings, clock: FixedClock) -> None:
    with open_store(settings, clock=clock) as store:
        add(store, open_case(store), "old")
    with made_bucket() as bucket, open_store(settings.model_copy(update=bucket), clock=clock) as store:
        assert names(store) == set()
        store.purge(clock.now())
        assert store.packs.read("old.zip") == b"old"
        assert list(settings.home.rglob("*.zip")) == []
