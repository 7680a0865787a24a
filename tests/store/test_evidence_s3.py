"""Evidence in an S3-compatible store: what only such a store shows. The server is S3Proxy on loopback, in place of one on the internet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from rasoat.clock import FixedClock
from rasoat.errors import ConfigError, EvidenceError, RasoatError, RetryLater
from rasoat.items import BlobRef
from rasoat.logs import secrets_of
from rasoat.settings import Settings
from rasoat.store import Store, blobs, open_store
from rasoat.store.evidence import Evidence, blob_name
from rasoat.store.evidence_opening import open_evidence
from rasoat.store.evidence_s3 import S3Shelf
from tests.services import made_bucket
from tests.store.makers import make_item

AWAY = "https://127.0.0.1:9"
BLOB = BlobRef("ab" * 32, 5, "x/y")


@pytest.fixture
def bucket() -> Iterator[dict[str, Any]]:
    with made_bucket() as values:
        yield values


@pytest.fixture
def shared(settings: Settings, bucket: dict[str, Any]) -> Settings:
    return settings.model_copy(update=bucket)


@pytest.fixture
def remote(shared: Settings, clock: FixedClock) -> Iterator[Store]:
    with open_store(shared, clock=clock) as store:
        yield store


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"evidence_url": "s3://no-such-bucket-of-ours"}, ConfigError, "NoSuchBucket.*make the bucket"),
        ({"evidence_key": "stranger"}, ConfigError, "RASOAT_EVIDENCE_KEY"),
        ({"evidence_secret": SecretStr("geheimnis")}, ConfigError, "RASOAT_EVIDENCE_KEY"),
        ({"evidence_ca": None}, ConfigError, "RASOAT_EVIDENCE_CA"),
        ({"evidence_ca": Path("/nowhere.pem")}, ConfigError, "RASOAT_EVIDENCE_CA"),
        ({"evidence_endpoint": AWAY}, RetryLater, "does not answer.*check network"),
        ({"evidence_url": "s3://A_B/x"}, ConfigError, "RASOAT_EVIDENCE_URL"),
        ({"evidence_url": "s3://key:secret@bucket/x"}, ConfigError, "settings of their own"),
        ({"evidence_url": "https://bucket.example/x"}, ConfigError, "s3://bucket/prefix"),
        ({"evidence_secret": SecretStr("")}, ConfigError, "RASOAT_EVIDENCE_SECRET_FILE"),
    ],
)
@pytest.mark.sqlite_only
def test_what_is_wrong_is_said_with_what_to_do_and_without_secrets(
    shared: Settings, change: dict[str, Any], kind: type[RasoatError], says: str
) -> None:
    wrong = shared.model_copy(update=change)
    secret = wrong.evidence_secret_text or shared.evidence_secret_text
    for act in (lambda one: one.put(b"x", "x/y"), lambda one: one.get(BLOB)):
        with pytest.raises(kind, match=says) as caught:
            act(open_evidence(wrong))
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value.__cause__)


@pytest.mark.sqlite_only
def test_the_secret_is_known_to_the_log_and_may_lie_in_a_file(shared: Settings, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("aus-der-datei\n", encoding="utf-8")
    assert shared.evidence_secret_text in secrets_of(shared)
    assert secrets_of(shared.model_copy(update={"evidence_secret_file": file}))[-1] == "aus-der-datei"
    assert shared.evidence_secret_text not in repr(shared)
    shelf: Any = open_evidence(shared)._shelf
    assert shared.evidence_secret_text not in repr(shelf._bucket)


@pytest.mark.sqlite_only
def test_a_machine_with_another_key_is_told_before_it_seals_anything(shared: Settings, tmp_path: Path) -> None:
    first = open_evidence(shared)
    ref = first.put(b"secret", "x/y", sealed=True)
    stranger = open_evidence(shared.model_copy(update={"home": tmp_path / "other"}))
    with pytest.raises(ConfigError, match="copy the folder keys/"):
        stranger.put(b"more", "x/y", sealed=True)
    keys = tmp_path / "other" / "keys"
    (keys / "evidence.key").write_bytes((shared.keys_dir / "evidence.key").read_bytes())
    assert open_evidence(shared.model_copy(update={"home": tmp_path / "other"})).get(ref) == b"secret"


@pytest.mark.sqlite_only
def test_no_version_of_what_was_removed_is_left(settings: Settings) -> None:
    with made_bucket(versioned=True) as values:
        evidence = open_evidence(settings.model_copy(update=values))
        shelf: Any = evidence._shelf
        ref, other = evidence.put(b"secret", "x/y"), evidence.put(b"another", "x/y")
        shelf.write(blob_name(ref), b"first try")
        shelf.write(blob_name(ref), b"secret")
        assert shelf.keeps_versions()
        evidence.delete(ref)
        left = shelf._call("list_object_versions", Prefix="")
        assert [found["Key"] for found in left.get("Versions", ())] == ["a/b/" + blob_name(other)]
        assert not left.get("DeleteMarkers")


@pytest.mark.sqlite_only
def test_an_old_blob_is_put_again_so_that_the_sweep_leaves_it(shared: Settings) -> None:
    evidence = open_evidence(shared)
    ref = evidence.put(b"x", "x/y")
    first = evidence._shelf._call("head_object", Key="a/b/" + blob_name(ref))["LastModified"]  # type: ignore[attr-defined]
    bucket = evidence._shelf._bucket  # type: ignore[attr-defined]
    later = Evidence(S3Shelf(bucket, now=lambda: datetime.now(UTC) + timedelta(days=2)), lambda: b"k" * 32)
    assert (later.age(ref) or 0) > blobs.ORPHAN_SECONDS
    while (now := evidence._shelf._call("head_object", Key="a/b/" + blob_name(ref))["LastModified"]) == first:  # type: ignore[attr-defined]
        later.put(b"x", "x/y")
        time.sleep(0.2)
    assert now > first


@pytest.mark.sqlite_only
def test_unfinished_uploads_end_after_a_day(shared: Settings) -> None:
    shelf: Any = open_evidence(shared)._shelf
    shelf._call("create_multipart_upload", Key="a/b/half")
    assert shelf.sweep_unfinished() == 0
    later = S3Shelf(shelf._bucket, now=lambda: datetime.now(UTC) + timedelta(days=2))
    assert later.sweep_unfinished() == 1
    assert later.sweep_unfinished() == 0


def test_items_and_orphans_on_the_way_of_the_store(
    remote: Store, shared: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home holds no evidence; what no row names goes after a day, what is named stays."""
    item = make_item(remote)
    remote.inbox.put(item, run_id="r")
    orphan = remote.evidence.put(b"orphan", "x/y")
    assert not shared.evidence_dir.exists()
    assert remote.purge(clock.now()).blobs == 0
    shelf: Any = remote.evidence._shelf
    monkeypatch.setattr(shelf, "_now", lambda: datetime.now(UTC) + timedelta(days=2))
    assert remote.purge(clock.now()).blobs == 1
    assert not remote.evidence.has(orphan)
    assert remote.evidence.has(item.captures[0].blob)
    assert remote.check(deep=True) == []
    shelf.write(blob_name(item.captures[0].blob), b"something else")
    assert any("differs" in problem or "read" in problem for problem in remote.check(deep=True))


def test_a_store_that_is_away_loses_no_mark_and_keeps_what_was_decided(remote: Store, shared: Settings, clock: FixedClock) -> None:
    item = make_item(remote)
    remote.inbox.put(item, run_id="r")
    blob = item.captures[0].blob
    there = remote.evidence._shelf
    remote.evidence._shelf = open_evidence(shared.model_copy(update={"evidence_endpoint": AWAY}))._shelf
    with remote._db.writing() as conn:
        blobs.note_captures(conn, item.id)
    remote._after_erasure()
    with pytest.raises(RetryLater):
        remote.purge(clock.now())
    with pytest.raises(RetryLater):
        remote.inbox.put(make_item(remote, "2"), run_id="r")
    remote.evidence._shelf = there
    assert remote.purge(clock.now()).blobs == 1
    with pytest.raises(EvidenceError, match="missing"):
        remote.evidence.get(blob)
