"""Retention on every store at once, the real ones: the database, Elasticsearch, evidence in a bucket, a backup, the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rasoat.cases import commands as c
from rasoat.clock import FixedClock, Ids
from rasoat.harms import Outcome
from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store, backup, ledger, open_store
from tests.services import elastic_index, made_bucket, owners, service
from tests.store.makers import decide, hire, make_item, open_case


@pytest.fixture
def shared(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Everything that a department has, with an index and a bucket of this test's own."""
    es, alias = service("elasticsearch"), f"rasoat-test-{uuid.uuid4().hex[:12]}"
    elastic = {
        "search_url": es["url"],
        "search_user": "rasoat_writer",
        "search_password_file": tmp_path / "es.password",
        "search_ca": Path(es["ca"]),
        "search_index": alias,
    }
    (tmp_path / "es.password").write_text(es["users"]["writer"], encoding="utf-8")
    if settings.database_url:
        settings = settings.model_copy(update={"database_url": owners(settings.database_url)})
    with made_bucket() as bucket:
        yield settings.model_copy(update={**elastic, **bucket, "backups": tmp_path / "backups"})
    index = elastic_index(alias=alias)
    for name in index.client.indices.get(index=f"{alias}-*", allow_no_indices=True):
        index.client.indices.delete(index=name)
    index.close()


def _project(store: Store) -> None:
    while store.project():
        pass


def test_what_is_due_goes_from_every_store_and_what_is_not_stays(shared: Settings, clock: FixedClock) -> None:
    with open_store(shared, clock=clock, ids=Ids(seed=1)) as store:
        people = hire(store)
        item, other = make_item(store, "1", "Gửi mã OTP nhận thưởng ngay"), make_item(store, "2", "Nạp tiền, nhận mã OTP hôm nay")
        due, kept = open_case(store, item=item, seed=1), open_case(store, item=other, seed=2)
        _project(store)
        assert store.search.search(SearchQuery("otp")).total == 2
        store.cases.apply(due, c.Claim(), people["an"])
        store.cases.apply(due, c.Code(decision=decide(store, due, Outcome.OOS)), people["an"])
        made = store.backup(shared.backups or Path())

        report = store.purge(clock.now() + timedelta(days=shared.backup_days))

        assert report.purged == {"oos_24h": 1, "backup_expired": 1}
        assert report.blobs == 1
        assert [hit.doc.case_id for hit in store.search.search(SearchQuery("otp")).hits] == [kept]
        assert {ref.sha256 for ref, _ in store.evidence.all()} == {other.captures[0].blob.sha256}
        assert not (shared.backups or Path()).joinpath(made.name).exists()
        assert ledger.read(shared.backups or Path()).erased == {ledger.hashed(due)}
        assert backup.all_of(shared.backups or Path()) == []
        rules = [stone.rule for stone in store.tombstones(clock.now() - timedelta(days=1))]
        assert sorted(rules) == ["backup_expired", "oos_24h"]
        assert store.check(deep=True) == []
