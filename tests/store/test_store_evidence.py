"""Evidence: whole or absent, hashed on every read, unreadable at rest when sealed."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rasoat.errors import EvidenceError
from rasoat.items import BlobRef
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from rasoat.store.evidence import FileEvidence


@pytest.fixture
def evidence(tmp_path: Path) -> FileEvidence:
    return FileEvidence(tmp_path / "evidence", lambda: b"k" * 32)


def only_file(evidence: FileEvidence) -> Path:
    (path,) = [path for path in evidence._root.rglob("*") if path.is_file()]
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(data=st.binary(max_size=300), sealed=st.booleans())
def test_what_goes_in_comes_out(evidence: FileEvidence, data: bytes, sealed: bool) -> None:
    ref = evidence.put(data, "x/y", sealed=sealed)
    assert evidence.put(data, "x/y", sealed=sealed) == ref
    assert evidence.get(ref) == data
    assert (ref.size, ref.sealed) == (len(data), sealed)


@pytest.mark.parametrize("sealed", [True, False])
def test_a_changed_byte_is_an_error(evidence: FileEvidence, sealed: bool) -> None:
    ref = evidence.put(b"one two three", "x/y", sealed=sealed)
    path = only_file(evidence)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(EvidenceError):
        evidence.get(ref)


def test_sealed_bytes_are_not_readable_at_rest_and_not_exchangeable(evidence: FileEvidence, tmp_path: Path) -> None:
    one = evidence.put(b"secret name", "x/y", sealed=True)
    path = only_file(evidence)
    assert b"secret" not in path.read_bytes()
    two = evidence.put(b"other words", "x/y", sealed=True)
    os.replace(path, evidence._path(two))
    with pytest.raises(EvidenceError):
        evidence.get(two)
    with pytest.raises(EvidenceError, match="missing"):
        evidence.get(one)
    other_home = FileEvidence(tmp_path / "evidence", lambda: b"x" * 32)
    with pytest.raises(EvidenceError):
        other_home.get(two)


def test_sealed_and_open_are_two_blobs(evidence: FileEvidence) -> None:
    sealed, plain = evidence.put(b"x", "x/y", sealed=True), evidence.put(b"x", "x/y")
    evidence.delete(plain)
    evidence.delete(plain)
    assert evidence.get(sealed) == b"x"
    assert not evidence.has(plain)


def test_half_a_file_is_written_anew(evidence: FileEvidence) -> None:
    ref = evidence.put(b"whole text", "x/y")
    only_file(evidence).write_bytes(b"who")
    assert evidence.get(evidence.put(b"whole text", "x/y")) == b"whole text"
    assert evidence.get(ref) == b"whole text"


def test_orphans_go_after_a_day_and_fresh_ones_stay(store: Store, clock: object) -> None:
    old, fresh = store.evidence.put(b"old", "x/y"), store.evidence.put(b"fresh", "x/y")
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(store.evidence._path(old), (long_ago, long_ago))
    unfinished = store.evidence._path(old).with_suffix(".1.tmp")
    unfinished.write_bytes(b"half")
    os.utime(unfinished, (long_ago, long_ago))
    store.purge(clock.now())  # type: ignore[attr-defined]
    assert not store.evidence.has(old)
    assert not unfinished.exists()
    assert store.evidence.has(fresh)


def test_missing_evidence_is_found_by_check(store: Store) -> None:
    from tests.store.makers import make_item

    item = make_item(store)
    store.inbox.put(item, run_id="r")
    blob = item.captures[0].blob
    path = store.evidence._path(blob)
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(bytes(data))
    assert store.check() == []
    assert store.check(deep=True)
    path.unlink()
    assert any("missing" in problem for problem in store.check())


def test_the_key_of_the_home_opens_it_again(settings: Settings) -> None:
    with open_store(settings) as store:
        ref: BlobRef = store.evidence.put(b"x" * 99, "x/y", sealed=True)
    with open_store(settings) as store:
        assert store.evidence.get(replace(ref, media_type="")) == b"x" * 99
