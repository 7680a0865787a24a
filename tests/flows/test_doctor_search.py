"""The doctor before a real Elasticsearch: alias, mapping, a document there and back, and an index that takes no writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.checkup_deep import DEEP, deep
from rasoat.clock import SystemClock
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from rasoat.store.search_elastic import ElasticIndex
from tests.services import elastic_index, service
from tests.store.makers import open_case

pytestmark = [pytest.mark.serial, pytest.mark.sqlite_only]


@pytest.fixture
def index() -> Iterator[ElasticIndex]:
    made = elastic_index()
    yield made
    made.drop()
    made.close()


@pytest.fixture
def settings(settings: Settings, index: ElasticIndex) -> Settings:
    es = service("elasticsearch")
    named = {"search_url": es["url"], "search_user": "rasoat_writer", "search_password": es["users"]["writer"], "search_ca": es["ca"]}
    return Settings(home=settings.home, search_index=index.alias, **named)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with open_store(settings) as opened:
        open_case(opened, "1")
        while opened.project():
            pass
        yield opened


def looked(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    monkeypatch.setattr("flows.checkup_deep.DEEP", {"search": DEEP["search"]})
    return [told[:2] for _, told in deep(settings, store, SystemClock())]


def test_alias_mapping_lag_and_a_round_trip(settings: Settings, store: Store, index: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    alias, _lag, trip = looked(settings, store, monkeypatch)
    assert alias[0] == trip[0] == "ok"
    assert f"{index.alias}-000001" in alias[1]
    assert "written, found and removed" in trip[1]
    assert index.client.count(index=index.alias)["count"] == 1


def test_an_index_that_takes_no_writes_is_a_failure_with_its_reason(
    settings: Settings, store: Store, index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.client.indices.put_settings(index=f"{index.alias}-*", settings={"index.blocks.read_only_allow_delete": True})
    try:
        told = looked(settings, store, monkeypatch)
    finally:
        index.client.indices.put_settings(index=f"{index.alias}-*", settings={"index.blocks.read_only_allow_delete": None})
    assert told[-1][0] == "fail"
    assert "takes no writes" in told[-1][1]
