"""One byte changed, one file missing, one added: `verify` never says ok, and says what."""

from __future__ import annotations

import json
import stat
import warnings
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rasoat.canonical import canonical_json
from rasoat.dossier import PublicKey, Signer, Status, Verdict, verify_bytes, verify_pack
from rasoat.dossier.archive import write_archive
from rasoat.dossier.manifest import make_manifest, sums
from rasoat.errors import UsageError
from rasoat.messages import Messages
from rasoat.settings import ROOT
from tests.dossier.made import BUILT_AT, DOSSIER_ID

NAMES = [
    "README.txt",
    "SHA256SUMS",
    "archive/00000000-0000-4000-8000-000000000001.warc.gz",
    "custody.json",
    "exports/dsa-article-16.json",
    "letter.pdf",
    "letter.txt",
    "manifest.json",
    "manifest.sig",
    "notice.json",
    "notice.pdf",
    "signer.pub",
    "text",
]
UNSIGNED = {"manifest.json", "manifest.sig"}


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def named(files: dict[str, bytes], name: str) -> str:
    return next(found for found in files if found == name or (name == "text" and found.startswith("text/")))


def zipped(files: dict[str, bytes]) -> bytes:
    return write_archive(files, BUILT_AT)


def resigned(files: dict[str, bytes], seed: bytes = bytes(32)) -> bytes:
    """A pack whose manifest and signature were made anew, by somebody with another key."""
    signer = Signer.from_seed(seed)
    files = {name: data for name, data in files.items() if name not in UNSIGNED} | {"signer.pub": signer.public.pem}
    files["SHA256SUMS"] = sums(files)
    created = json.loads(files["notice.json"])["built_at"] if "notice.json" in files else "2026-03-05T08:00:00.000000Z"
    manifest = make_manifest(files, dossier_id=DOSSIER_ID, created=created, key=signer.public).to_bytes()
    return zipped(files | {"manifest.json": manifest, "manifest.sig": signer.sign(manifest)})


def codes(verdict: Verdict) -> set[str]:
    assert verdict.status is not Status.OK
    for locale in ("vi", "en"):
        messages = Messages.load(ROOT / "data", locale)
        assert all(problem.text(messages) for problem in verdict.problems)
    return {problem.code for problem in verdict.problems}


def test_a_good_pack(pack: bytes) -> None:
    verdict = verify_bytes(pack)
    assert (verdict.status, verdict.problems) == (Status.OK, ())
    assert verdict.facts["key_checked"] is False
    assert verdict.to_json()["facts"]["dossier_id"] == DOSSIER_ID
    assert json.loads(json.dumps(verdict.to_json()))["status"] == "ok"


def test_the_key_is_checked_when_given(pack: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(pack)
    right, wrong = Signer.from_seed(bytes(range(32))).public, Signer.from_seed(bytes(32)).public
    assert verify_pack(path, key=right.pem).facts["key_checked"] is True
    assert codes(verify_pack(path, key=wrong.pem)) == {"other_signer"}
    with pytest.raises(UsageError):
        verify_pack(path, key=b"no key")


@pytest.mark.parametrize("name", NAMES)
def test_one_byte_changed_in_a_file(pack: bytes, name: str) -> None:
    files = files_of(pack)
    name = named(files, name)
    for position in (0, len(files[name]) // 2, len(files[name]) - 1):
        changed = bytearray(files[name])
        changed[position] ^= 0x01
        verdict = verify_bytes(zipped(files | {name: bytes(changed)}))
        assert verdict.status is Status.BROKEN
        assert name in UNSIGNED or any(p.code == "file_changed" and p.subject == name for p in verdict.problems)


@pytest.mark.parametrize("name", NAMES)
def test_one_byte_changed_inside_the_zip_as_it_lies_on_disk(pack: bytes, name: str) -> None:
    files = files_of(pack)
    data = files[named(files, name)]
    position = pack.index(data) + len(data) // 2
    changed = pack[:position] + bytes([pack[position] ^ 0xFF]) + pack[position + 1 :]
    verdict = verify_bytes(changed)
    assert verdict.status is Status.BROKEN
    assert any(p.subject == named(files, name) for p in verdict.problems)


@pytest.mark.parametrize("name", NAMES)
def test_one_file_removed(pack: bytes, name: str) -> None:
    files = files_of(pack)
    name = named(files, name)
    verdict = verify_bytes(zipped({n: d for n, d in files.items() if n != name}))
    if name in UNSIGNED:
        assert verdict.status is Status.UNVERIFIABLE
    else:
        assert verdict.status is Status.BROKEN
        assert any(p.code == "file_missing" and p.subject == name for p in verdict.problems)


@pytest.mark.parametrize("name", ["extra.txt", "captures/extra.warc.gz", "manifest.json.bak", "a"])
def test_one_file_added(pack: bytes, name: str) -> None:
    verdict = verify_bytes(zipped(files_of(pack) | {name: b"x"}))
    assert verdict.status is Status.BROKEN
    assert codes(verdict) >= {"file_added"}


def test_one_file_added_with_another_program(pack: bytes) -> None:
    stream = BytesIO(pack)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("extra.txt", "x")
    assert codes(verify_bytes(stream.getvalue())) >= {"file_added"}


@pytest.mark.parametrize("name", NAMES)
def test_one_file_renamed(pack: bytes, name: str) -> None:
    files = files_of(pack)
    files["renamed"] = files.pop(named(files, name))
    assert verify_bytes(zipped(files)).status is not Status.OK


@pytest.mark.parametrize("name", NAMES[1:])
def test_two_files_swapped(pack: bytes, name: str) -> None:
    files = files_of(pack)
    name = named(files, name)
    files[name], files["README.txt"] = files["README.txt"], files[name]
    assert verify_bytes(zipped(files)).status is not Status.OK


@pytest.mark.parametrize("tail", [b"\0", b"x" * 100, b"PK\5\6" + bytes(18)])
def test_bytes_after_the_end(pack: bytes, tail: bytes) -> None:
    assert verify_bytes(pack + tail).status is not Status.OK


def test_bytes_before_the_start(pack: bytes) -> None:
    assert verify_bytes(b"#!/bin/sh\n" + pack).status is Status.BROKEN


def test_a_pack_packed_anew_is_not_what_was_sealed(pack: bytes) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files_of(pack).items():
            archive.writestr(name, data)
    assert codes(verify_bytes(stream.getvalue())) == {"container_differs"}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_flipped_byte_anywhere_passes(pack: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(pack) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = bytearray(pack)
    changed[position] ^= flip
    assert verify_bytes(bytes(changed)).status is not Status.OK


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_shortened_pack_passes_or_crashes(pack: bytes, data: st.DataObject) -> None:
    verdict = verify_bytes(pack[: data.draw(st.integers(0, len(pack) - 1))])
    assert verdict.status is not Status.OK


def test_every_byte_of_the_zip_s_own_structure_counts(pack: bytes) -> None:
    directory = pack.index(b"PK\1\2")
    for position in range(directory, len(pack)):
        changed = bytearray(pack)
        changed[position] ^= 0x10
        assert verify_bytes(bytes(changed)).status is not Status.OK, position


@given(st.binary(max_size=400))
def test_anything_else_never_passes_and_never_crashes(data: bytes) -> None:
    assert verify_bytes(data).status is not Status.OK


@pytest.mark.parametrize("kind", ["empty", "absent", "folder", "text", "other zip"])
def test_what_is_no_pack(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.zip"
    if kind == "folder":
        path.mkdir()
    elif kind == "other zip":
        path.write_bytes(zipped({"a.txt": b"a"}))
    elif kind != "absent":
        path.write_bytes(b"" if kind == "empty" else b"This is no pack.")
    verdict = verify_pack(path)
    assert verdict.status is Status.UNVERIFIABLE
    assert codes(verdict) <= {"not_a_zip", "unreadable", "no_manifest"}


def test_a_pack_from_a_later_version(pack: bytes) -> None:
    files = files_of(pack)
    manifest = json.loads(files["manifest.json"]) | {"format": "rasoat-pack/2"}
    assert codes(verify_bytes(zipped(files | {"manifest.json": canonical_json(manifest)}))) == {"unknown_version"}


@pytest.mark.parametrize("manifest", [b"", b"[]", b"{}", b"\xff", b'{"format":"rasoat-pack/1"}', b"[" * 100_000])
def test_a_manifest_that_says_nothing(pack: bytes, manifest: bytes) -> None:
    assert codes(verify_bytes(zipped(files_of(pack) | {"manifest.json": manifest}))) <= {"manifest_unreadable", "unknown_version"}


def test_a_pack_signed_anew_has_another_key(pack: bytes) -> None:
    forged = resigned(files_of(pack))
    assert verify_bytes(forged).facts["key_id"] != verify_bytes(pack).facts["key_id"]
    assert codes(verify_bytes(forged, key=Signer.from_seed(bytes(range(32))).public)) == {"other_signer"}


def test_another_key_beside_the_old_signature(pack: bytes) -> None:
    other = Signer.from_seed(bytes(32)).public.pem
    assert codes(verify_bytes(zipped(files_of(pack) | {"signer.pub": other}))) >= {"bad_signature", "file_changed"}


def test_without_its_key_a_pack_can_be_checked_with_ours(pack: bytes) -> None:
    files = files_of(pack)
    del files["signer.pub"]
    assert "file_missing" in codes(verify_bytes(zipped(files), key=Signer.from_seed(bytes(range(32))).public))


@pytest.mark.parametrize("old", [b'"FRD"', b"dossier/1"])
def test_a_notice_that_differs_from_the_one_in_the_pdf(pack: bytes, old: bytes) -> None:
    files = files_of(pack)
    changed = resigned(files | {"notice.json": files["notice.json"].replace(old, b'"GAM"' if old == b'"FRD"' else b"dossier/2")})
    assert "attachment_differs" in codes(verify_bytes(changed))


def test_a_pdf_without_its_notice(pack: bytes) -> None:
    files = files_of(pack)
    assert codes(verify_bytes(resigned(files | {"notice.pdf": files["letter.pdf"]}))) == {"no_attachment"}


def test_a_capture_that_differs_from_the_notice(pack: bytes) -> None:
    files = files_of(pack)
    assert codes(verify_bytes(resigned(files | {NAMES[2]: b"another page"}))) == {"capture_differs"}


def test_a_capture_that_nobody_enclosed(pack: bytes) -> None:
    files = {name: data for name, data in files_of(pack).items() if name != NAMES[2]}
    assert codes(verify_bytes(resigned(files))) == {"capture_missing"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor", "x"), ("at", "2020-01-01T00:00:00.000000Z"), ("kind", "sent"), ("payload", {}), ("prev_hash", "0" * 64), ("hash", "f" * 64)],
)
def test_a_custody_log_with_one_field_changed(pack: bytes, field: str, value: Any) -> None:
    files = files_of(pack)
    log = json.loads(files["custody.json"])
    log["events"][2][field] = value
    verdict = verify_bytes(resigned(files | {"custody.json": canonical_json(log)}))
    assert codes(verdict) == {"custody_broken"}
    assert any("event 3" in p.subject for p in verdict.problems)


@pytest.mark.parametrize("cut", [slice(0, 3), slice(1, None), slice(0, 0)])
def test_a_custody_log_with_events_cut_out(pack: bytes, cut: slice) -> None:
    files = files_of(pack)
    log = json.loads(files["custody.json"])
    log["events"] = log["events"][cut]
    assert codes(verify_bytes(resigned(files | {"custody.json": canonical_json(log)}))) == {"custody_broken"}


@pytest.mark.parametrize("log", [b"", b"[]", b"{}", b'{"format":"rasoat-custody/1","case_id":1,"head":2,"events":[3]}', b"[" * 50_000])
def test_a_custody_log_that_is_none(pack: bytes, log: bytes) -> None:
    assert codes(verify_bytes(resigned(files_of(pack) | {"custody.json": log}))) == {"custody_broken"}


def test_a_custody_log_with_a_float_in_it(pack: bytes) -> None:
    files = files_of(pack)
    log = files["custody.json"].replace(b'"seq":3', b'"seq":3.0')
    assert codes(verify_bytes(resigned(files | {"custody.json": log}))) == {"custody_broken"}


def written(names: list[str], **entry: Any) -> bytes:
    stream = BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as archive:
        warnings.simplefilter("ignore")
        for name in names:
            info = zipfile.ZipInfo(name)
            for key, value in entry.items():
                setattr(info, key, value)
            archive.writestr(info, b"x")
    return stream.getvalue()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a//b", "C:evil", "a\\b", "a/./b", "tệp\u202egpj.exe"])
def test_a_name_that_would_leave_the_folder(name: str) -> None:
    assert codes(verify_bytes(written([name]))) == {"dangerous_name"}


def test_two_files_of_one_name() -> None:
    assert codes(verify_bytes(written(["manifest.json", "manifest.json"]))) == {"doubled_name"}


def test_a_symbolic_link() -> None:
    assert codes(verify_bytes(written(["link"], external_attr=(stat.S_IFLNK | 0o777) << 16))) == {"dangerous_name"}


def test_a_file_behind_a_password(pack: bytes) -> None:
    locked = bytearray(pack)
    locked[pack.index(b"PK\1\2") + 8] |= 1
    assert codes(verify_bytes(bytes(locked))) == {"encrypted"}


def test_a_zip_bomb_is_not_unpacked() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb", "w") as bomb:
        for _ in range(200):
            bomb.write(bytes(1 << 20))
    assert codes(verify_bytes(stream.getvalue())) == {"too_large"}


def test_a_zip_that_understates_its_size_is_not_read_further() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(1 << 20))
    lying = bytearray(stream.getvalue())
    entry = bytes(lying).index(b"PK\1\2")
    lying[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    assert codes(verify_bytes(bytes(lying))) == {"file_changed"}


def test_ten_thousand_and_one_files() -> None:
    assert codes(verify_bytes(written([f"f{n}" for n in range(10_001)]))) == {"too_large"}


def test_dates_before_1980_and_far_away_do_not_matter() -> None:
    assert zipfile.ZipFile(BytesIO(write_archive({"a": b"x"}, datetime.fromisoformat("1970-01-01T00:00:00+00:00")))).namelist() == ["a"]


def test_a_key_file_is_read_or_refused(tmp_path: Path) -> None:
    key = Signer.from_seed(bytes(32)).public
    (tmp_path / "k.pem").write_bytes(key.pem)
    assert PublicKey.read(tmp_path / "k.pem") == key
    for bad in ("missing.pem", "."):
        with pytest.raises(UsageError):
            PublicKey.read(tmp_path / bad)
