"""What only a server can show: users and rights, certificates, a server that is away, documents that it never takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from rasoat.cases import commands as c
from rasoat.errors import ConfigError, RetryLater, UsageError
from rasoat.ports import Rejected, SearchQuery
from rasoat.settings import Settings
from rasoat.store import open_store
from rasoat.store.search_elastic import ElasticIndex, connect
from tests.services import elastic_index, service
from tests.store.makers import hire, open_case
from tests.store.test_search_contract import doc, found


@pytest.fixture
def index() -> Iterator[ElasticIndex]:
    with closing(elastic_index()) as made:
        yield made
        made.drop()


def test_the_reader_reads_and_may_not_write(index: ElasticIndex) -> None:
    index.upsert([doc("a", "lừa đảo")])
    with closing(elastic_index("reader", index.alias)) as reader:
        assert found(reader, "lua dao") == ["a"]
        with pytest.raises(ConfigError, match="role"):
            reader.delete(["a"])
        with pytest.raises(ConfigError, match="may not"):
            reader.rebuild([])
    assert found(index, "lua dao") == ["a"]


def test_a_wrong_password_a_wrong_authority_and_a_missing_certificate_are_named(index: ElasticIndex, tmp_path: Path) -> None:
    es = service("elasticsearch")
    url, ca = es["url"], Path(es["ca"])
    stranger = ElasticIndex(connect(url, user="rasoat_writer", password="no", ca=ca), index.alias)
    with closing(stranger), pytest.raises(ConfigError, match="RASOAT_SEARCH_USER"):
        stranger.search(SearchQuery("x"))
    unsure = ElasticIndex(connect(url, user="rasoat_writer", password="no"), index.alias)
    with closing(unsure), pytest.raises(ConfigError, match="RASOAT_SEARCH_CA"):
        unsure.search(SearchQuery("x"))
    with pytest.raises(ConfigError, match="RASOAT_SEARCH_CA"):
        connect(url, ca=tmp_path / "none.pem")
    with pytest.raises(ConfigError, match="RASOAT_SEARCH_URL"):
        connect("search.example")


def test_a_server_that_is_away_is_tried_again_later() -> None:
    with (
        closing(ElasticIndex(connect("http://127.0.0.1:9"), "rasoat-test-away")) as away,
        pytest.raises(RetryLater, match="does not answer"),
    ):
        away.search(SearchQuery("x"))


def test_an_index_that_takes_no_writes_says_so_and_reads_on(index: ElasticIndex) -> None:
    """As the server does by itself when its disk is nearly full."""
    index.upsert([doc("a", "x")])
    index.client.indices.put_settings(index=index.alias, settings={"index.blocks.read_only_allow_delete": True})
    with pytest.raises(RetryLater, match=r"no writes|cannot do that now"):
        index.upsert([doc("b", "x")])
    assert found(index, "x") == ["a"]
    index.client.indices.put_settings(index=index.alias, settings={"index.blocks.read_only_allow_delete": None})
    index.upsert([doc("b", "x")])
    assert sorted(found(index, "x")) == ["a", "b"]


def test_what_the_server_never_takes_is_named_and_the_rest_is_taken(index: ElasticIndex) -> None:
    too_long = doc("c", "từ", state="s" * 40_000)  # a keyword may have 32,766 bytes
    with pytest.raises(Rejected) as caught:
        index.upsert([doc("a", "từ"), too_long, doc("b", "từ")])
    assert list(caught.value.reasons) == [too_long.id]
    assert sorted(found(index, "tu")) == ["a", "b"]


def test_a_text_of_megabytes_goes_in_and_is_found(index: ElasticIndex) -> None:
    index.upsert([doc(str(n), "nhà cái " * 100_000, title="dài") for n in range(8)] + [doc("end", "uy tín")])
    assert len(found(index, '"nha cai"')) == 8
    assert found(index, "uy") == ["end"]


def test_pages_end_where_the_server_s_do(index: ElasticIndex) -> None:
    index.upsert([doc("a", "x")])
    with pytest.raises(UsageError, match="narrow"):
        index.search(SearchQuery("x", offset=9_990, limit=20))


def test_an_index_of_another_version_asks_for_a_rebuild(index: ElasticIndex) -> None:
    index.upsert([doc("a", "x")])
    index.client.indices.put_mapping(index=index.alias, meta={"format": 0})
    with closing(elastic_index(alias=index.alias)) as later:
        with pytest.raises(ConfigError, match="rebuild-index"):
            later.search(SearchQuery("x"))
        assert later.rebuild([doc("b", "x")]) == 1
        assert found(later, "x") == ["b"]


def test_the_store_projects_into_the_server(settings: Settings, index: ElasticIndex, tmp_path: Path) -> None:
    es = service("elasticsearch")
    secret = tmp_path / "password"
    secret.write_text(es["users"]["writer"] + "\n", encoding="utf-8")
    shared = settings.model_copy(
        update={"search_url": es["url"], "search_user": "rasoat_writer", "search_password_file": secret, "search_ca": Path(es["ca"])}
        | {"search_index": index.alias}
    )
    with open_store(shared) as store:
        assert store.counts()["indexed"] == 0
        assert store.rebuild_index() == 0
        assert store.check() == []
    assert es["users"]["writer"] not in repr(shared.model_copy(update={"search_password": SecretStr(es["users"]["writer"])}))


def test_one_item_that_the_server_never_takes_is_a_dead_letter_and_the_rest_is_found(
    settings: Settings, index: ElasticIndex, tmp_path: Path
) -> None:
    es = service("elasticsearch")
    shared = settings.model_copy(
        update={"search_url": es["url"], "search_user": "rasoat_writer", "search_password": SecretStr(es["users"]["writer"])}
        | {"search_ca": Path(es["ca"]), "search_index": index.alias}
    )
    with open_store(shared) as store:
        people = hire(store)
        good = open_case(store, "1", "lừa đảo một")
        bad = open_case(store, "2", "lừa đảo hai", source="s" * 40_000)  # a keyword may have 32,766 bytes
        assert store.project() == 2
        assert [letter.case_id for letter in store.dead_letters()] == [bad]
        problem = store.dead_letters()[0].problem
        assert "failed to parse field [source]" in problem
        assert "sss" not in problem, "the server's preview shows words of the item"
        store.cases.apply(good, c.Claim(), people["an"])
        store.cases.apply(good, c.Escalate(reason="nghi ngờ"), people["an"])
        assert store.project() >= 1
        assert store.search.search(SearchQuery()).total == 0
        assert store.rebuild_index() == 0
        assert [letter.tries for letter in store.dead_letters()] == [2]
