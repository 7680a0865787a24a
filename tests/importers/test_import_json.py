"""JSON Lines, arrays and documents: streamed, and no broken record takes others with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.importers.json_reading import read_array
from crawlers.importers.limits import Limits
from crawlers.importers.records import Broken, Record
from rasoat.errors import InputError
from rasoat.missing import Missing
from tests.importers.conftest import Importer
from tests.importers.fakes import MemoryEvidence, MemoryInbox


def lines(path: Path, *records: object) -> Path:
    path.write_text("\n".join(record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records) + "\n")
    return path


def test_json_lines(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    report = take(lines(tmp_path / "a.jsonl", {"id": "1", "text": "xin chào", "platform": "tiktok"}, {"text": "hai", "url": None}))
    assert report.formats == ("jsonl",)
    assert [item.text for item in inbox.items.values()] == ["xin chào", "hai"]
    assert next(iter(inbox.items.values())).url is Missing


def test_truncated_last_line_is_counted_and_kept(tmp_path: Path, take: Importer, inbox: MemoryInbox, evidence: MemoryEvidence) -> None:
    path = lines(tmp_path / "a.ndjson", {"text": "một"}, {"text": "hai"})
    path.write_text(path.read_text() + '{"text": "b')
    report = take(path)
    assert (report.mapped, report.unmapped) == (2, 1)
    assert report.problems[0][0] == "line 3"
    (record,) = inbox.unmapped.values()
    assert evidence.get(record.raw) == b'{"text": "b'
    assert record.raw.sealed


def test_cut_in_the_middle_of_a_character(tmp_path: Path, take: Importer) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "một"}\n{"text": "đường'.encode()[:-1] + b"\xe1\xbb")
    report = take(path)
    assert report.problems == (("line 2", "the file ends in the middle of a character"),)


def test_records_that_are_no_objects(tmp_path: Path, take: Importer) -> None:
    report = take(lines(tmp_path / "a.jsonl", {"text": "một"}, "17", "[1]", "null", '"a"', "{", "[" * 100_000))
    assert report.unmapped == 6
    assert [reason for _, reason in report.problems][:2] == [
        "a JSON number where an object was expected",
        "a JSON array where an object was expected",
    ]


def test_nothing_readable_is_an_error(tmp_path: Path, take: Importer) -> None:
    with pytest.raises(InputError, match=r"line 1: not JSON.*right file"):
        take(lines(tmp_path / "a.jsonl", "{", "{{"))


def test_array_and_its_broken_end(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"text": "một, ]"}, {"text": "hai \\" }"}, {"text": ')
    report = take(path)
    assert {item.text for item in inbox.items.values()} == {"một, ]", 'hai " }'}
    assert report.problems == (("item 3", "the file ends in the middle of the list: truncated?"),)


def test_api_answer_with_its_list_inside(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"kind": "list", "items": [{"text": "một"}, {"text": "hai"}]}, indent=1))
    report = take(path)
    assert report.formats == ("json document",)
    assert len(inbox.items) == 2


def test_document_over_the_limit(tmp_path: Path, take: Importer) -> None:
    path = tmp_path / "page.json"
    path.write_text(json.dumps({"items": [{"text": "x" * 300_000}]}, indent=1))
    with pytest.raises(InputError, match="JSON Lines: one object a line"):
        take(path, limits=Limits(document_bytes=100_000))


def test_nul_and_lone_surrogates_do_not_reach_the_item(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    take(lines(tmp_path / "a.jsonl", '{"text": "a\\u0000b\\ud800c\\r\\nd"}'))
    assert [item.text for item in inbox.items.values()] == ["abc\nd"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.lists(st.dictionaries(st.text(), values, max_size=4), max_size=6), st.integers(1, 40), st.booleans(), st.booleans())
def test_splitting_an_array_is_parsing_it(elements: list[dict[str, Any]], size: int, ascii_only: bool, pretty: bool) -> None:
    text = json.dumps(elements, ensure_ascii=ascii_only, indent=2 if pretty else None)
    chunks = (text[start : start + size] for start in range(0, len(text), size))
    records = list(read_array(chunks, Limits()))
    assert [record.data for record in records if isinstance(record, Record)] == elements


@given(st.text(alphabet='[]{},"\\ a1:', max_size=60))
def test_any_text_ends_and_loses_no_good_element(junk: str) -> None:
    records = list(read_array(iter(['[{"a": 1},', junk]), Limits()))
    assert isinstance(records[0], Record)
    assert all(isinstance(record, Record | Broken) for record in records)
