"""Evidence in the folder of a home: orphans, half-written files, what `check` finds. The contract: `test_evidence_contract.py`."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from rasoat.clock import FixedClock
from rasoat.items import BlobRef
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from rasoat.store.evidence import blob_name
from tests.store.makers import make_item


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.evidence_dir


def test_orphans_go_after_a_day_and_fresh_ones_stay(store: Store, clock: FixedClock, folder: Path) -> None:
    old, fresh = store.evidence.put(b"old", "x/y"), store.evidence.put(b"fresh", "x/y")
    long_ago = time.time() - 2 * 24 * 3600
    os.utime((folder / blob_name(old)), (long_ago, long_ago))
    unfinished = (folder / blob_name(old)).with_suffix(".1.tmp")
    unfinished.write_bytes(b"half")
    os.utime(unfinished, (long_ago, long_ago))
    store.purge(clock.now())
    assert not store.evidence.has(old)
    assert not unfinished.exists()
    assert store.evidence.has(fresh)


def test_missing_evidence_is_found_by_check(store: Store, folder: Path) -> None:
    item = make_item(store)
    store.inbox.put(item, run_id="r")
    blob = item.captures[0].blob
    path = folder / blob_name(blob)
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
