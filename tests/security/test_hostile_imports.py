"""A file from a stranger given to `rasoat import`: its names lead nowhere, its packing takes nothing, its words stay words."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from rasoat.errors import InputError
from tests.importers.conftest import Importer, evidence, inbox, take
from tests.importers.fakes import MemoryInbox
from tests.importers.test_import_bad_files import CSV

__all__ = ["evidence", "inbox", "take"]
NAMES = (
    "../../etc/a.csv",
    "/etc/cron.d/a.csv",
    "..\\..\\a.csv",
    "C:\\Windows\\a.csv",
    "C:a.csv",
    "\\\\may-chu\\chia-se\\a.csv",
    "a/../../../a.csv",
    "./././a.csv",
    "CON.csv",
    "NUL.csv",
    "a.csv:stream.csv",
    "\u202evsc.csv",
    "x" * 3000 + ".csv",
    "-rf.csv",
    "~/a.csv",
    "$(id).csv",
)


def everything(folder: Path) -> set[str]:
    """All that lies there, with sizes and times, the test's own home left out."""
    return {
        f"{path} {path.lstat().st_size} {path.lstat().st_mtime_ns}"
        for path in sorted(folder.rglob("*"))
        if "home" not in path.relative_to(folder).parts
    }


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_member_s_name_leads_nowhere(
    tmp_path: Path, take: Importer, inbox: MemoryInbox, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "a" / "b"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    path = work / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, CSV)
    before = everything(tmp_path)
    with contextlib.suppress(InputError):  # a name that begins with a dot is left out
        take(path)
    assert {item.text for item in inbox.items.values()} <= {"một", "hai"}
    assert everything(tmp_path) == before


def test_a_link_in_an_archive_is_words_and_not_a_way(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("text\nmật khẩu của máy\n")
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("a.csv")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(secret))
        archive.writestr("b.csv", CSV)
    try:
        take(path)
    except InputError:
        return  # a link's target is no table: said so, and nothing was read
    assert all("mật khẩu" not in item.text for item in inbox.items.values())


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_ways_of_packing_are_refused_in_words(tmp_path: Path, take: Importer, method: int) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.csv", CSV * 100)
    with pytest.raises(InputError, match="packed in a way that is not read here"):
        take(path)


def test_a_thousand_names_for_the_same_bytes(tmp_path: Path, take: Importer) -> None:
    """The bomb without a repetition: every entry of the list points at one packed member."""
    stream = io.BytesIO()
    line = ("a" * 100_000 + "\n").encode()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"text\n" + line * 20)
    whole = stream.getvalue()
    start = whole.index(b"PK\x01\x02")
    entry = whole[start : whole.index(b"PK\x05\x06")]
    end = bytearray(whole[whole.index(b"PK\x05\x06") :])
    end[8:12] = (900).to_bytes(2, "little") * 2
    end[12:16] = (900 * len(entry)).to_bytes(4, "little")
    path = tmp_path / "x.zip"
    path.write_bytes(whole[:start] + entry * 900 + bytes(end))
    with pytest.raises(InputError, match=r"decompression bomb|cannot unpack|damaged"):
        take(path)


def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path, take: Importer, inbox: MemoryInbox) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", "text\nở trong\n")
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.csv", CSV)
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("inner.gz", b"\x1f\x8b")
    report = take(path)
    assert {item.text for item in inbox.items.values()} == {"một", "hai"}
    assert set(report.skipped) == {"inner.zip", "inner.gz"}


def test_more_names_than_anybody_sends(tmp_path: Path, take: Importer) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.csv", CSV)
    with pytest.raises(InputError, match="more than 1000 files"):
        take(path)


@pytest.mark.parametrize("deep", ["[" * 200_000, '{"a":' * 200_000, '{"text": ' + "[" * 100_000 + "]" * 100_000 + "}"])
def test_json_that_is_all_depth(tmp_path: Path, take: Importer, inbox: MemoryInbox, deep: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "còn lại"}}\n{deep}\n', encoding="utf-8")
    report = take(path, mapper="tabular")
    assert [item.text for item in inbox.items.values()] == ["còn lại"]
    assert sum(report.arrivals.values()) == 1


def test_formulas_tags_and_commands_stay_words(tmp_path: Path, take: Importer, inbox: MemoryInbox, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[object] = []
    monkeypatch.setattr(os, "system", lambda *given: ran.append(given))
    words = [
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "<script>alert(1)</script>",
        "$(touch /tmp/x)",
        "{{7*7}}",
        "'; DROP TABLE items; --",
        "%s%n",
    ]
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "".join(f'"{word}"\n' for word in words), encoding="utf-8")
    take(path)
    assert {item.text for item in inbox.items.values()} == set(words)
    assert ran == []
