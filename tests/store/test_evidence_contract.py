"""Evidence in a folder and in an S3-compatible store: whole or absent, hashed on every read, unreadable at rest when sealed.

The second is a real server, S3Proxy over TLS (`make services`), so that signatures, pages, ranges, conditions and versions are its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from rasoat.errors import ConfigError, EvidenceError
from rasoat.items import BlobRef
from rasoat.settings import Settings
from rasoat.store import evidence_s3
from rasoat.store.evidence import Evidence, blob_name
from rasoat.store.evidence_files import FileShelf
from rasoat.store.evidence_opening import open_evidence
from rasoat.store.evidence_shelf import Shelf
from tests.services import made_bucket

pytestmark = pytest.mark.sqlite_only  # no database at all: once is enough


@dataclass
class Place:
    """One kind of shelf, opened as often as machines use it."""

    shelf: Callable[[], Shelf]

    def open(self, key: bytes = b"k" * 32) -> Evidence:
        return Evidence(self.shelf(), lambda: key)


@pytest.fixture(params=["folder", "s3", "s3 with versions"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "folder":
        yield Place(lambda: FileShelf(tmp_path / "evidence"))
        return
    with made_bucket(versioned="versions" in request.param) as values:
        settings = Settings(home=tmp_path, **values)
        yield Place(lambda: open_evidence(settings)._shelf)


@pytest.mark.parametrize("sealed", [True, False])
def test_what_goes_in_comes_out_also_on_another_machine(place: Place, sealed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_s3, "PART", 5 * 2**20)
    here, there = place.open(), place.open()
    for data in (b"", b"x", "chữ có dấu ".encode() * 1000, bytes(range(256)) * 4096 * 6):  # the last one goes up in parts
        ref = here.put(data, "x/y", sealed=sealed)
        assert here.put(data, "x/y", sealed=sealed) == ref
        assert there.get(replace(ref, media_type="")) == data
        assert (ref.size, ref.sealed) == (len(data), sealed)


@pytest.mark.parametrize("sealed", [True, False])
def test_what_was_changed_cut_or_swelled_is_an_error(place: Place, sealed: bool) -> None:
    evidence, shelf = place.open(), place.shelf()
    ref = evidence.put(b"one two three", "x/y", sealed=sealed)
    stored = shelf.read(blob_name(ref), 1000)
    for other in (stored[:-1] + bytes([stored[-1] ^ 1]), stored[:5], b"", stored + b"!", stored * 1000):
        shelf.write(blob_name(ref), other)
        with pytest.raises(EvidenceError):
            evidence.get(ref)


def test_sealed_bytes_are_not_readable_at_rest_and_not_exchangeable(place: Place) -> None:
    evidence, shelf = place.open(), place.shelf()
    one, two = (evidence.put(text, "x/y", sealed=True) for text in (b"secret name", b"other words"))
    stored = shelf.read(blob_name(one), 1000)
    assert b"secret" not in stored
    shelf.write(blob_name(two), stored)
    with pytest.raises(EvidenceError):
        evidence.get(two)
    evidence.delete(one)
    with pytest.raises(EvidenceError, match="missing"):
        evidence.get(one)


def test_another_key_opens_nothing(place: Place) -> None:
    ref = place.open().put(b"secret", "x/y", sealed=True)
    with pytest.raises((EvidenceError, ConfigError)):
        place.open(b"x" * 32).get(ref)


def test_sealed_and_open_are_two_blobs(place: Place) -> None:
    evidence = place.open()
    sealed, plain = evidence.put(b"x", "x/y", sealed=True), evidence.put(b"x", "x/y")
    evidence.delete(plain)
    evidence.delete(plain)
    assert evidence.get(sealed) == b"x"
    assert not evidence.has(plain)
    assert evidence.has(sealed)


def test_half_a_blob_is_written_anew(place: Place) -> None:
    evidence = place.open()
    ref = evidence.put(b"whole text", "x/y")
    place.shelf().write(blob_name(ref), b"who")
    assert evidence.get(evidence.put(b"whole text", "x/y")) == b"whole text"


def test_everything_is_listed_with_its_age_and_removed_at_once(place: Place) -> None:
    evidence = place.open()
    refs = [evidence.put(f"blob {n}".encode(), "x/y", sealed=n % 2 == 0) for n in range(40)]
    found = dict(evidence.all())
    assert {(ref.sha256, ref.sealed) for ref in found} == {(ref.sha256, ref.sealed) for ref in refs}
    assert all(-5 < age < 300 for age in found.values())
    evidence.delete_many(refs[:39])
    assert [ref.sha256 for ref, _ in evidence.all()] == [refs[39].sha256]
    assert evidence.age(refs[0]) is None
    assert evidence.sweep_unfinished() == 0


def test_a_probe_leaves_nothing(place: Place) -> None:
    evidence = place.open()
    evidence.probe()
    assert list(evidence.all()) == []


def test_of_two_that_write_once_the_first_one_stays(place: Place) -> None:
    shelf: Any = place.shelf()
    shelf.write_once("key.check", b"first")
    shelf.write_once("key.check", b"second")
    assert shelf.read("key.check", 100) == b"first"


def test_absent_is_absent(place: Place) -> None:
    evidence = place.open()
    ref = BlobRef("ab" * 32, 5, "x/y")
    assert not evidence.has(ref)
    with pytest.raises(EvidenceError, match="missing"):
        evidence.get(ref)
    assert list(evidence.all()) == []
