"""The bundled posts: all import, nothing doubles, nobody is named, and each has its expectation."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from classifiers.classifier import load_classifier
from crawlers.importers import ImportReport, import_file
from rasoat.clock import FixedClock, Ids
from rasoat.harms import TEXT_ONLY_HARMS, Harm
from rasoat.ports import Arrival
from rasoat.settings import ROOT, Settings
from tests.demo.fiction import problems
from tests.importers.fakes import MemoryEvidence, MemoryInbox

POSTS = ROOT / "data" / "demo" / "posts"
FILES = sorted(path for path in POSTS.iterdir() if path.suffix in {".ndjson", ".jsonl", ".csv"})
EXPECTED_MAPPER = {
    "posts.csv": "tabular",
    "posts.jsonl": "tabular",
    "sms-reports.csv": "sms-reports",
    "youtube-comments.ndjson": "youtube-comments",
    "zeeschuimer-facebook.ndjson": "zeeschuimer-facebook",
    "zeeschuimer-tiktok-comments.ndjson": "zeeschuimer-tiktok-comments",
    "zeeschuimer-tiktok.ndjson": "zeeschuimer-tiktok",
}


class Expected(BaseModel):
    model_config = ConfigDict(extra="forbid")

    file: str
    id: str
    harms: list[Harm]
    note: str


def expected() -> list[Expected]:
    return [Expected.model_validate(entry) for entry in yaml.safe_load((POSTS / "expected.yml").read_text("utf-8"))]


def ids_in(path: Path) -> list[str]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as rows:
            return [row.get("id") or row["Mã"] for row in csv.DictReader(rows)]
    return [
        str(record.get("item_id", record["id"]) if "facebook" not in path.name else record["data"]["post_id"]) for record in records(path)
    ]


def records(path: Path) -> list[dict[str, object]]:  # the platforms' own shapes: no model of ours
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def take(inbox: MemoryInbox, settings: Settings, clock: FixedClock, ids: Ids) -> Callable[[Path], ImportReport]:
    evidence = MemoryEvidence()
    return lambda path: import_file(path, inbox=inbox, evidence=evidence, settings=settings, clock=clock, ids=ids, run_id="r")


def test_there_is_a_file_of_every_form() -> None:
    assert {path.name for path in FILES} == set(EXPECTED_MAPPER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_imports_whole_with_its_own_mapper_and_doubles_nothing(
    path: Path, take: Callable[[Path], ImportReport], inbox: MemoryInbox
) -> None:
    report = take(path)
    assert report.mappers == (EXPECTED_MAPPER[path.name],)
    assert (report.unmapped, report.mapped) == (0, len(ids_in(path)))
    assert report.arrivals == {Arrival.NEW: report.mapped}
    assert take(path).arrivals == {Arrival.SEEN_AGAIN: report.mapped}
    assert all(len(item.captures) == 1 for item in inbox.items.values())


def test_expectations_cover_all_posts_and_only_them() -> None:
    wanted = Counter((entry.file, entry.id) for entry in expected())
    there = Counter((path.name, name) for path in FILES for name in ids_in(path))
    assert wanted == there
    assert set(there.values()) == {1}


def test_all_text_codes_occur_and_at_least_half_must_not_be_flagged() -> None:
    entries = expected()
    counts = Counter(harm for entry in entries for harm in entry.harms)
    assert set(counts) == set(TEXT_ONLY_HARMS)
    harmless = sum(not entry.harms for entry in entries)
    assert len(entries) >= 120
    assert harmless * 2 >= len(entries)


def test_no_post_that_must_not_be_flagged_is_flagged(take: Callable[[Path], ImportReport], inbox: MemoryInbox) -> None:
    harms = {(entry.file, entry.id): entry.harms for entry in expected()}
    classifier = load_classifier(ROOT / "data", ROOT / "models")
    found = []
    for path in FILES:
        before = len(inbox.items)
        take(path)
        items = list(inbox.items.values())[before:]
        for name, item in zip(ids_in(path), items, strict=True):
            flagged = () if harms[path.name, name] else classifier.assess(item.text).flagged
            found += [(flagged, item.text)] if flagged else []
    assert found == []


def test_no_author_reaches_an_item(take: Callable[[Path], ImportReport], inbox: MemoryInbox) -> None:
    for path in FILES:
        take(path)
    everything = json.dumps([asdict(item) for item in inbox.items.values()], default=str, ensure_ascii=False)
    handles = set()
    for path in FILES:
        for word in path.read_text("utf-8").replace('"', " ").replace("/", " ").replace("@", " ").replace(",", " ").split():
            if word.startswith("nguoidung_") or word.startswith("UCdemo7"):
                handles.add(word)
    assert len(handles) > 100
    assert not [handle for handle in handles if handle in everything]
    with (POSTS / "sms-reports.csv").open(encoding="utf-8", newline="") as rows:
        people = [row["sender"] for row in csv.DictReader(rows) if row["sender"][0] in "+0"]
    assert len(people) > 10
    assert not [person for person in people if person in everything]


def test_near_duplicates_are_there(take: Callable[[Path], ImportReport], inbox: MemoryInbox) -> None:
    for path in FILES:
        take(path)
    words = [set(item.text.lower().split()) for item in inbox.items.values()]
    pairs = sum(1 for i, a in enumerate(words) for b in words[i + 1 :] if a and len(a & b) / len(a | b) > 0.5)
    assert pairs >= 6


def test_nothing_in_them_is_real() -> None:
    for path in FILES:
        assert not problems(path.read_text("utf-8")), path.name
