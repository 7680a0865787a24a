"""Mapping again after an update, from the sealed raw records, without importing again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.importers import registry, remap
from crawlers.importers.fields import object_at
from crawlers.importers.mapping import Mapper, MappingContext
from crawlers.importers.records import Record
from crawlers.importers.tiktok import TikTokVideos
from rasoat.clock import FixedClock
from rasoat.errors import EvidenceError
from rasoat.items import Item
from rasoat.ports import Arrival
from rasoat.settings import Settings
from tests.importers.conftest import Importer
from tests.importers.fakes import MemoryEvidence, MemoryInbox


class NewerTikTok(TikTokVideos):
    """Knows that `desc` is called `caption` now."""

    version = 2

    def map(self, record: Record, context: MappingContext) -> Item:
        data = dict(object_at(record.data, "data"))
        data.setdefault("desc", data.get("caption", ""))
        return super().map(replace(record, data={"data": data}), context)


@pytest.fixture
def updated(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Mapper]:
    newer = {**registry.MAPPERS, "zeeschuimer-tiktok": NewerTikTok()}
    monkeypatch.setattr(registry, "MAPPERS", newer)
    return newer


def export(path: Path) -> Path:
    known = {"id": "1", "desc": "cũ", "createTime": 1750000000, "author": "a_vd"}
    changed = {"id": "2", "caption": "mới", "createTime": 1750000000, "author": "b_vd"}
    lines = [json.dumps({"source_platform": "tiktok.com", "data": data}) for data in (known, changed)]
    path.write_text("\n".join([*lines, '{"id": "3", "cap']) + "\n")
    return path


def test_unmapped_records_are_mapped_after_an_update(
    tmp_path: Path, take: Importer, inbox: MemoryInbox, evidence: MemoryEvidence, settings: Settings, clock: FixedClock
) -> None:
    path = export(tmp_path / "t.ndjson")
    assert take(path).unmapped == 2
    waiting = list(inbox.unmapped.values())
    assert {record.mapper_version for record in waiting} == {1}
    path.unlink()
    report = remap(waiting, inbox=inbox, evidence=evidence, settings=settings, clock=clock, run_id="r2")
    assert (len(report.resolved), len(report.still)) == (0, 2)


def test_what_the_update_understands_becomes_items_once(
    tmp_path: Path,
    take: Importer,
    inbox: MemoryInbox,
    evidence: MemoryEvidence,
    settings: Settings,
    clock: FixedClock,
    request: pytest.FixtureRequest,
) -> None:
    path = export(tmp_path / "t.ndjson")
    take(path)
    waiting = list(inbox.unmapped.values())
    request.getfixturevalue("updated")
    report = remap(waiting, inbox=inbox, evidence=evidence, settings=settings, clock=clock, run_id="r2")
    assert [record.position for record in report.resolved] == ["line 2"]
    assert report.arrivals == {Arrival.NEW: 1}
    assert report.still[0][1].startswith("not JSON")
    assert {item.text for item in inbox.items.values()} == {"cũ", "mới"}
    assert take(path).arrivals == {Arrival.SEEN_AGAIN: 2}
    assert sum(len(item.captures) for item in inbox.items.values()) == 2


def test_equal_rows_stay_apart_when_mapped_again(
    tmp_path: Path, take: Importer, inbox: MemoryInbox, evidence: MemoryEvidence, settings: Settings, clock: FixedClock
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n1,chào\n1,chào\n2,tạm biệt\n")
    take(path, mapper="zeeschuimer-tiktok")
    assert len(inbox.unmapped) == 3
    for _ in range(2):
        waiting = list(inbox.unmapped.values())
        report = remap(waiting, mapper="tabular", inbox=inbox, evidence=evidence, settings=settings, clock=clock, run_id="r")
        assert len(report.resolved) == 3
    assert sorted(item.text for item in inbox.items.values()) == ["chào", "chào", "tạm biệt"]
    assert take(path, mapper="tabular").arrivals == {Arrival.SEEN_AGAIN: 3}


def test_a_damaged_raw_record_is_an_error(
    tmp_path: Path, take: Importer, inbox: MemoryInbox, evidence: MemoryEvidence, settings: Settings, clock: FixedClock
) -> None:
    take(export(tmp_path / "t.ndjson"))
    evidence.blobs.clear()
    with pytest.raises(EvidenceError):
        remap(list(inbox.unmapped.values()), inbox=inbox, evidence=evidence, settings=settings, clock=clock, run_id="r")
