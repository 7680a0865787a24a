"""What is particular to the embedded index: its row ids, its caps, its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasoat.errors import ConfigError
from rasoat.ports import Rejected, SearchQuery, Sort
from rasoat.store import search_keys, search_reader
from rasoat.store.search_fts5 import Fts5Index
from tests.store.test_search_contract import doc


@pytest.fixture
def fts5(tmp_path: Path) -> Iterator[Fts5Index]:
    with closing(Fts5Index(tmp_path / "search.sqlite3")) as index:
        yield index


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, search_keys.MAX_PLACE), st.integers(0, search_keys.MAX_FACET))
def test_row_ids_keep_their_parts_and_fit_sqlite(moment: datetime, place: int, facet: int) -> None:
    second = search_keys.second_of(moment)
    row = search_keys.rowid(second, place, facet)
    low, high = search_keys.second_range(second)
    assert 0 <= low <= row <= high < 2**63
    assert (search_keys.place_of(row), search_keys.facet_of(row)) == (place, facet)


def test_beyond_the_ranked_ones_the_newest_follow_and_all_are_counted(fts5: Fts5Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_reader, "RANKED", 5)
    texts = ["khóa" if n == 1 else "từ khóa khác" for n in range(12)]
    fts5.upsert([doc(f"{n:02d}", text, captured_at=datetime(2026, 1, 1, 0, n, tzinfo=UTC)) for n, text in enumerate(texts)])
    page = fts5.search(SearchQuery("khoa", limit=200))
    names = [hit.doc.id for hit in page.hits]
    assert page.total == 12
    assert sorted(names) == [f"{n:02d}" for n in range(12)]
    assert names[5:] == [f"{n:02d}" for n in range(6, -1, -1)]
    paged = [hit.doc.id for offset in range(0, 12, 4) for hit in fts5.search(SearchQuery("khoa", limit=4, offset=offset)).hits]
    assert paged == names


def test_facet_numbers_that_nobody_uses_are_given_anew(fts5: Fts5Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_keys, "MAX_FACET", 3)
    for n in range(20):
        fts5.upsert([doc("moving", "x", state=f"state-{n}"), doc("still", "x", state="still")])
        page = fts5.search(SearchQuery("x", states=(f"state-{n}",)))
        assert ([hit.doc.state for hit in page.hits], page.total) == ([f"state-{n}"], 1)
        assert fts5.search(SearchQuery()).facets["states"] == {f"state-{n}": 1, "still": 1}
    with pytest.raises(Rejected, match="combinations") as caught:
        fts5.upsert([doc(f"more-{n}", "x", state=f"more-{n}") for n in range(5)])
    assert fts5.search(SearchQuery("x")).total == 7 - len(caught.value.reasons) == 4


def test_many_items_of_one_second_spill_into_the_next(fts5: Fts5Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_keys, "MAX_PLACE", 1)
    fts5.upsert([doc(str(n), "x") for n in range(9)])
    assert fts5.search(SearchQuery("x", sort=Sort.NEWEST)).total == 9


def test_after_a_rebuild_small_changes_are_merged_again(fts5: Fts5Index, tmp_path: Path) -> None:
    """Every piece of the index that is left unmerged is looked into by every search."""
    fts5.rebuild([doc(f"old-{n}", "khoa tài khoản") for n in range(50)])
    for n in range(60):
        fts5.upsert([doc(f"new-{n}", "khoa tài khoản")])
    with closing(sqlite3.connect(tmp_path / "search.sqlite3")) as conn:
        (name,) = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE name LIKE 'fts_%_idx'")]
        segments = conn.execute(f"SELECT count(DISTINCT segid) FROM {name}").fetchone()[0]
    assert segments < 20
    assert fts5.search(SearchQuery("tai khoan")).total == 110


def test_an_index_of_another_format_asks_for_a_rebuild(fts5: Fts5Index, tmp_path: Path) -> None:
    fts5.upsert([doc("a", "x")])
    with closing(sqlite3.connect(tmp_path / "search.sqlite3")) as conn:
        conn.execute("UPDATE meta SET format = 0")
        conn.commit()
    with pytest.raises(ConfigError, match="rebuild-index"):
        fts5.search(SearchQuery("x"))
    assert fts5.rebuild([doc("b", "x")]) == 1
    assert [hit.doc.id for hit in fts5.search(SearchQuery("x")).hits] == ["b"]


def test_a_damaged_index_costs_one_rebuild(tmp_path: Path) -> None:
    path = tmp_path / "search.sqlite3"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with closing(Fts5Index(path)) as index:
        with pytest.raises(ConfigError, match="damaged"):
            index.search(SearchQuery("x"))
        assert index.rebuild([doc("b", "x")]) == 1
        assert index.search(SearchQuery("x")).total == 1


def test_deleted_words_are_gone_from_the_file_after_compacting(fts5: Fts5Index, tmp_path: Path) -> None:
    fts5.upsert([doc("a", "bimatkhongai biet"), doc("b", "x")])
    fts5.delete(["a"])
    fts5.compact()
    with closing(sqlite3.connect(tmp_path / "search.sqlite3")) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in tmp_path.iterdir():
        assert b"bimatkhongai" not in path.read_bytes()
