"""Files that are broken, hostile or too large: a clear message, nothing lost, and never the whole file in memory."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from crawlers.importers import import_file
from crawlers.importers.limits import MIB, Limits
from rasoat.clock import FixedClock, Ids
from rasoat.errors import InputError, RetryLater, UsageError
from rasoat.items import Item
from rasoat.ports import Arrival, Unmapped
from rasoat.settings import Settings
from tests.importers.conftest import Importer
from tests.importers.fakes import MemoryEvidence, MemoryInbox

CSV = "text\nmột\nhai\n"


class Counting:
    """An inbox that keeps nothing; and evidence likewise."""

    def __init__(self) -> None:
        self.items = 0

    def put(self, item: Item, *, run_id: str) -> Arrival:
        self.items += 1
        return Arrival.NEW

    def put_many(self, items: Sequence[Item], *, run_id: str) -> list[Arrival]:
        return [self.put(item, run_id=run_id) for item in items]

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None: ...


class Forgetful(MemoryEvidence):
    def put(self, data: bytes, media_type: str, *, sealed: bool = False):  # type: ignore[no-untyped-def]
        ref = super().put(data, media_type, sealed=sealed)
        self.blobs.clear()
        self.sealed.clear()
        return ref


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"\xef\xbb\xbf", "nothing in it"),
        ("a.csv", b"%PDF-1.7\n%\xe2", "this is a PDF, not text"),
        ("a.csv", b"SQLite format 3\0aaaa", "an SQLite database"),
        ("a.jsonl", b"{\0}", "binary file: zero bytes from byte 1"),
        ("a.csv", "text\nmột\n".encode("utf-16-le"), "UTF-16 needs a byte order mark"),
        ("a.csv", bytes(range(256)) * 10, "zero bytes from byte 0"),
        ("a.gz", b"\x1f\x8b\x08\x00garbage", "archive"),
        ("a.zip", b"PK\x03\x04garbage", "damaged"),
    ],
)
def test_unreadable(tmp_path: Path, take: Importer, inbox: MemoryInbox, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        take(path)
    assert caught.value.exit_code != 0
    assert name in str(caught.value)
    assert not inbox.items


def test_absent_and_folder(tmp_path: Path, take: Importer) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        take(tmp_path / "nope.csv")
    with pytest.raises(UsageError, match="is a folder"):
        take(tmp_path)


def test_a_line_of_50_mb_alone_is_an_error_with_the_limit(tmp_path: Path, take: Importer) -> None:
    path = tmp_path / "big.jsonl"
    path.write_bytes(b'{"text": "' + b"x" * (50 * MIB) + b'"}')
    with pytest.raises(InputError, match="longer than 8 MiB, the most that one record may have"):
        take(path)


@pytest.mark.parametrize("form", ["jsonl", "csv", "json"])
def test_a_line_too_long_among_others_costs_only_itself(tmp_path: Path, take: Importer, inbox: MemoryInbox, form: str) -> None:
    long = "y" * 200_000
    records = [json.dumps({"text": text}) for text in ("một", long, "ba")]
    content = {"jsonl": "\n".join(records), "json": "[" + ",".join(records) + "]", "csv": f"text\nmột\n{long}\nba\n"}[form]
    path = tmp_path / f"a.{form}"
    path.write_text(content)
    report = take(path, limits=Limits(record_bytes=100_000))
    assert {item.text for item in inbox.items.values()} == {"một", "ba"}
    assert (report.read, report.unmapped) == (3, 1)
    assert "longer than" in report.problems[0][1]
    assert 0 < next(iter(inbox.unmapped.values())).raw.size <= 70_000


@pytest.mark.parametrize("form", ["jsonl", "json", "csv"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, settings: Settings, clock: FixedClock, ids: Ids, form: str) -> None:
    record = "z" * 4000
    lines = [json.dumps({"text": f"{number} {record}"}) for number in range(3000)]  # 12 MB: more than twice what may be held
    content = {
        "jsonl": "\n".join(lines),
        "json": "[" + ",\n".join(lines) + "]",
        "csv": "text\n" + "\n".join(f"{n} {record}" for n in range(3000)),
    }
    path = tmp_path / f"a.{form}"
    path.write_text(content[form])
    inbox = Counting()
    tracemalloc.start()
    import_file(path, inbox=inbox, evidence=Forgetful(), settings=settings, clock=clock, ids=ids, run_id="r")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert inbox.items == 3000
    assert peak < 5 * MIB


def zipped(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_gzip_and_zip(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(CSV.encode()))
    take(packed)
    members = {"x/a.csv": CSV, "../../b.jsonl": '{"text": "ba"}\n', "__MACOSX/._a.csv": "junk", "photo.jpg": "junk", "inner.zip": "junk"}
    report = take(zipped(tmp_path / "b.zip", members))
    assert {item.text for item in inbox.items.values()} == {"một", "hai", "ba"}
    assert report.arrivals == {Arrival.SEEN_AGAIN: 2, Arrival.NEW: 1}
    assert set(report.skipped) == {"__MACOSX/._a.csv", "photo.jpg", "inner.zip"}
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["a.csv.gz", "b.zip"]


def bomb_gzip(path: Path) -> Path:
    path.write_bytes(gzip.compress(b"text\n" + (b"a" * 100_000 + b"\n") * 600))
    return path


def bomb_zip(path: Path) -> Path:
    return zipped(path, {f"{number}.csv": "text\n" + ("a" * 100_000 + "\n") * 150 for number in range(4)})


@pytest.mark.parametrize(("make", "name"), [(bomb_gzip, "a.csv.gz"), (bomb_zip, "a.zip")])
def test_bombs(tmp_path: Path, take: Importer, make: Callable[[Path], Path], name: str) -> None:
    path = make(tmp_path / name)
    with pytest.raises(InputError, match="decompression bomb"):
        take(path)
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        take(path, limits=Limits(unpacked_bytes=MIB))


def test_archives_that_cannot_be_read(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    whole = gzip.compress("".join(f"dòng {number * 7919}\n" for number in range(50_000)).encode())
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="ends too early"):
        take(cut, mapper="tabular")
    locked = bytearray(zipped(tmp_path / "locked.zip", {"a.csv": CSV}).read_bytes())
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(InputError, match="password"):
        take(tmp_path / "locked.zip")
    with pytest.raises(InputError, match="CSV UTF-8"):
        take(zipped(tmp_path / "book.xlsx", {"[Content_Types].xml": "<x/>"}))
    with pytest.raises(InputError, match="nothing to import"):
        take(zipped(tmp_path / "none.zip", {"a.jpg": "x"}))
    with pytest.raises(InputError, match="more than 1 files"):
        take(zipped(tmp_path / "many.zip", {"a.csv": CSV, "b.csv": CSV}), limits=Limits(members=1))


def test_stopped_in_the_middle_and_run_again(tmp_path: Path, settings: Settings, clock: FixedClock, ids: Ids) -> None:
    class Full(MemoryInbox):
        room = 3

        def put(self, item: Item, *, run_id: str) -> Arrival:
            if len(self.items) >= self.room and item.id not in self.items:
                raise RetryLater("the disk is full")
            return super().put(item, run_id=run_id)

    path = tmp_path / "a.csv"
    path.write_text("text\n" + "".join(f"số {number % 5}\n" for number in range(10)))
    inbox, evidence = Full(), MemoryEvidence()

    def again() -> None:
        import_file(path, inbox=inbox, evidence=evidence, settings=settings, clock=clock, ids=ids, run_id="r")

    with pytest.raises(RetryLater):
        again()
    inbox.room = 100
    again()
    assert sorted(item.text for item in inbox.items.values()) == sorted(f"số {number % 5}" for number in range(10))


def test_progress_tells_how_far_it_is(tmp_path: Path, settings: Settings, clock: FixedClock, ids: Ids) -> None:
    path = tmp_path / "a.csv.gz"
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as out:
        out.write(b"text\n" + b"".join(b"%d\n" % number for number in range(250)))
    path.write_bytes(packed.getvalue())
    steps = []
    import_file(path, inbox=Counting(), evidence=Forgetful(), settings=settings, clock=clock, ids=ids, run_id="r", progress=steps.append)
    assert [step.records for step in steps] == [64, 128, 192, 250, 250]
    assert steps[-1].bytes_read == steps[-1].bytes_total == path.stat().st_size
    assert all(step.bytes_read < step.bytes_total for step in steps[:-1])
