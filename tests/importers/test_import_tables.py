"""CSV and TSV: what a person's spreadsheet export does to us, and what must not be lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasoat.errors import InputError, UsageError
from rasoat.items import ItemKind, Platform, PublisherKind
from rasoat.missing import Missing
from rasoat.ports import Arrival
from tests.importers.conftest import Importer
from tests.importers.fakes import MemoryEvidence, MemoryInbox


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_one_text_column_is_enough(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    report = take(write(tmp_path / "dev.csv", 'free_text,label_id\nCoi cười xỉu,0\n"Một, hai",1\n'))
    assert report.mappers == ("tabular",)
    assert [item.text for item in inbox.items.values()] == ["Coi cười xỉu", "Một, hai"]
    assert all(item.platform is Platform.FILE and item.publisher is Missing for item in inbox.items.values())


@pytest.mark.parametrize("name", ["text", "content", "Comment", "nội dung", "NỘI_DUNG", "Nội dung bình luận", "commentText", "Tin nhắn"])
def test_text_column_is_found_by_its_name(tmp_path: Path, take: Importer, inbox: MemoryInbox, name: str) -> None:
    take(write(tmp_path / "a.csv", f"nhãn,{name}\n0,xin chào\n"))
    assert [item.text for item in inbox.items.values()] == ["xin chào"]


def test_same_file_twice_doubles_nothing_and_equal_rows_stay_two(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    path = write(tmp_path / "a.csv", "text\nxin chào\nxin chào\ntạm biệt\n")
    assert take(path).arrivals == {Arrival.NEW: 3}
    assert take(path).arrivals == {Arrival.SEEN_AGAIN: 3}
    assert len(inbox.items) == 3
    assert sum(len(item.captures) for item in inbox.items.values()) == 3


def test_renamed_reordered_and_longer_file_adds_only_what_is_new(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    take(write(tmp_path / "a.csv", "text\nmột\nhai\nhai\n"))
    report = take(write(tmp_path / "b.csv", "text\nhai\nba\nhai\nmột\nhai\n"))
    assert report.arrivals == {Arrival.SEEN_AGAIN: 3, Arrival.NEW: 2}
    assert len(inbox.items) == 5


def test_more_likes_is_no_new_item(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    take(write(tmp_path / "a.csv", "id,text,likes\n1,xin chào,3\n"))
    report = take(write(tmp_path / "b.csv", "id,text,likes\n1,xin chào,900\n"))
    assert report.arrivals == {Arrival.SEEN_AGAIN: 1}
    assert next(iter(inbox.items.values())).reach == 900


def test_platform_column_makes_the_id_the_platforms(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    take(write(tmp_path / "a.csv", "id,platform,kind,text\n77,facebook,comment,chào\n"))
    report = take(write(tmp_path / "b.csv", "id,platform,kind,text\n77,facebook,comment,chào nhé\n"))
    item = next(iter(inbox.items.values()))
    assert report.arrivals == {Arrival.CHANGED: 1}
    assert (item.platform, item.kind, item.locator) == (Platform.FACEBOOK, ItemKind.COMMENT, "comment/77")


def test_all_columns_and_the_fill_table(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    header = "Tiêu đề;Nội dung;Tác giả;Ngày đăng;Lượt xem;Đường dẫn\n"
    rows = "A;chào;lan_vd;05/11/2026 08:30;1,2 N;http://x.example/a\nB;chào nhé;;hôm qua;;\n"
    report = take(write(tmp_path / "a.csv", header + rows))
    first = next(iter(inbox.items.values()))
    assert first.title == "A"
    assert first.reach == 1200
    assert str(first.published_at) == "2026-11-05 01:30:00+00:00"
    assert first.publisher is not Missing
    assert first.publisher.kind is PublisherKind.PERSON
    fill = {rate.field: (rate.given, rate.missing, rate.unreadable) for rate in report.fill}
    assert fill["published_at"] == (1, 1, 1)
    assert fill["publisher"] == (1, 1, 0)
    assert fill["url"] == (1, 1, 0)
    assert {rate.field: rate.share for rate in report.fill}["text"] == 1.0


def test_an_unclosed_quote_costs_one_row(tmp_path: Path, take: Importer, inbox: MemoryInbox, evidence: MemoryEvidence) -> None:
    report = take(write(tmp_path / "a.csv", 'id,text\n1,một\n2,"hai\n3,ba\n4,"bốn\nvẫn bốn"\n5,năm\n'))
    assert {item.text for item in inbox.items.values()} == {"một", "ba", "bốn\nvẫn bốn", "năm"}
    assert report.unmapped == 1
    assert report.problems[0][0] == "line 3"
    (record,) = inbox.unmapped.values()
    assert evidence.get(record.raw) == b'2,"hai'


def test_rows_with_too_many_cells_or_no_text_are_listed(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    report = take(write(tmp_path / "a.csv", "id,text\n1,một,hai\n2,\n\n3,ba\n4\n"))
    assert (report.read, report.mapped, report.unmapped) == (4, 1, 3)
    assert [position for position, _ in report.problems] == ["line 2", "line 3", "line 6"]
    assert "unquoted delimiter" in report.problems[0][1]
    assert report.reasons["the column 'text' is empty"] == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_mark(tmp_path: Path, take: Importer, inbox: MemoryInbox, encoding: str) -> None:
    take(write(tmp_path / "a.csv", "text\nđường\n", encoding))
    assert [item.text for item in inbox.items.values()] == ["đường"]


def test_windows_line_ends_and_tabs(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    report = take(write(tmp_path / "a.txt", "id\ttext\r\n1\tmột, hai\r\n2\tba\u2028bốn\r\n"))
    assert report.formats == ("tsv",)
    assert [item.text for item in inbox.items.values()] == ["một, hai", "ba\u2028bốn"]


def test_old_vietnamese_encoding_names_the_byte(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text\nxin\n" + "ngày".encode("cp1258") + b"\n")
    with pytest.raises(InputError, match=r"a\.csv: not utf-8: byte 11 .*iconv"):
        take(path)


def test_bad_byte_far_in_keeps_what_stood_before(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    head = "text\n" + "".join(f"dòng số {number}\n" for number in range(20_000))
    path = tmp_path / "a.csv"
    path.write_bytes(head.encode() + b"\xff\xfe\n")
    with pytest.raises(InputError, match=f"byte {len(head.encode())} "):
        take(path)
    assert len(inbox.items) > 15_000


def test_no_text_column_names_what_is_there_and_what_could_be(tmp_path: Path, take: Importer) -> None:
    with pytest.raises(UsageError, match=r"holds 'giá', 'màu'.*--mapper.*tabular"):
        take(write(tmp_path / "a.csv", "giá,màu\n1,đỏ\n"))


def test_header_only(tmp_path: Path, take: Importer) -> None:
    with pytest.raises(InputError, match="nothing in it but a header"):
        take(write(tmp_path / "a.csv", "text,label\n"))


def test_unknown_mapper_names_them_all(tmp_path: Path, take: Importer) -> None:
    with pytest.raises(UsageError, match=r"no mapper is called 'x'.*sms-reports, tabular"):
        take(write(tmp_path / "a.csv", "text\na\n"), mapper="x")


def test_wrong_mapper_sets_all_aside_and_says_so(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    report = take(write(tmp_path / "a.csv", "text\na\nb\n"), mapper="zeeschuimer-tiktok")
    assert report.failed
    assert report.unmapped == len(inbox.unmapped) == 2
