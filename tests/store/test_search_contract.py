"""The contract of `ports.SearchIndex`: every adapter must pass all of it. A new adapter adds one line to `ADAPTERS`.

Elasticsearch is the real server of `make services`, with its users, roles and TLS; a run without it fails and says so.
"""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rasoat.errors import UsageError
from rasoat.ports import Rejected, SearchDoc, SearchIndex, SearchQuery, Sort
from rasoat.store.search_fts5 import Fts5Index
from rasoat.store.search_words import tokens
from rasoat.text import fold
from tests.services import elastic_index
from tests.store.makers import START


@contextmanager
def _fts5(folder: Path) -> Iterator[SearchIndex]:
    with closing(Fts5Index(folder / "search.sqlite3")) as index:
        yield index


@contextmanager
def _elasticsearch(folder: Path) -> Iterator[SearchIndex]:
    with closing(elastic_index()) as index:
        yield index
        index.drop()


ADAPTERS: dict[str, Callable[[Path], AbstractContextManager[SearchIndex]]] = {"fts5": _fts5, "elasticsearch": _elasticsearch}


@pytest.fixture(params=list(ADAPTERS))
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    with ADAPTERS[request.param](tmp_path) as made:
        yield made


def doc(name: str, text: str = "", **fields: object) -> SearchDoc:
    plain = SearchDoc(name, f"case-{name}", "triage", ("FRD",), "demo", "web", "", text, f"https://{name}.example/", None, START)
    return replace(plain, **fields)  # type: ignore[arg-type]


def found(index: SearchIndex, text: str = "", **fields: object) -> list[str]:
    return [hit.doc.id for hit in index.search(SearchQuery(text, **fields)).hits]  # type: ignore[arg-type]


def test_accents_and_d_are_optional_both_ways(index: SearchIndex) -> None:
    index.upsert([doc("a", "Lừa đảo qua mạng"), doc("b", "LUA DAO QUA MANG"), doc("c", "Đường phố")])
    for text in ("lừa đảo", "lua dao", "LỪA ĐẢO", "lu\u031b\u0300a đa\u0309o"):
        assert sorted(found(index, text)) == ["a", "b"]
    assert found(index, "duong") == ["c"]


def test_an_equals_sign_asks_for_the_word_as_it_is_written(index: SearchIndex) -> None:
    index.upsert([doc("a", "bán MÁ giả", title="Ma túy"), doc("b", "con ma"), doc("c", "cha má"), doc("d", "mà thôi, đá")])
    assert sorted(found(index, "má")) == ["a", "b", "c", "d"]
    assert sorted(found(index, "=má")) == ["a", "c"]
    assert sorted(found(index, "=Ma")) == ["a", "b"]
    assert found(index, "=mà da") == ["d"]
    assert found(index, "=mà =da") == []
    assert found(index, "=mạ") == []
    (hit,) = index.search(SearchQuery("=má bán")).hits
    assert ([span.of(hit.doc.text) for span in hit.text_spans], hit.title_spans) == (["bán", "MÁ"], ())


def test_an_equals_sign_before_a_phrase_asks_for_all_of_its_accents(index: SearchIndex) -> None:
    index.upsert([doc("a", "mua nhà cái"), doc("b", "nhà cai, cái nhà"), doc("c", "nha cai"), doc("d", "cái", title="nhà")])
    assert sorted(found(index, '"nhà cái"')) == ["a", "b", "c"]
    assert found(index, '="nhà cái"') == ["a"]
    assert found(index, "=“nha cai”") == ["c"]
    assert found(index, '="nhà cai" cái') == ["b"]
    assert found(index, "=nhà-cái") == ["a"]


def test_where_the_tone_mark_stands_is_no_difference(index: SearchIndex) -> None:
    index.upsert([doc("a", "Toà soạn"), doc("b", "tòa soạn"), doc("c", "to\u0300a soa\u0323n"), doc("d", "TOẢ SOẠN")])
    for text in ('="tòa soạn"', "=toà =soạn", "=TÒA"):
        assert sorted(found(index, text)) == ["a", "b", "c"]


def test_what_is_written_as_it_was_typed_comes_first(index: SearchIndex) -> None:
    index.upsert([doc("a", "con ma nhà"), doc("b", "con má nhà"), doc("c", "con mã nhà"), doc("d", "con mà nhà")])
    for text, first in (("má", "b"), ("mã", "c"), ('"mà nhà"', "d")):
        names = found(index, text)
        assert (names[0], len(names)) == (first, 4)


def test_all_words_must_occur_in_title_or_text(index: SearchIndex) -> None:
    index.upsert([doc("a", "chuyển tiền ngay", title="Trúng thưởng"), doc("b", "chuyển nhà")])
    assert found(index, "tiền chuyển") == ["a"]
    assert found(index, "thưởng tiền") == ["a"]
    assert found(index, "chuyển vàng") == []
    assert found(index, "chuy") == []


def test_phrases_are_in_order(index: SearchIndex) -> None:
    index.upsert([doc("a", "nhà cái uy tín"), doc("b", "cái nhà uy tín"), doc("c", "nhà có cái")])
    assert found(index, '"nhà cái"') == ["a"]
    assert found(index, '"nha cai" "uy tin"') == ["a"]
    assert found(index, "“cái nhà”") == ["b"]
    assert found(index, '"uy tín nhà') == []
    assert found(index, "nhà-cái") == ["a"]


def test_filters_take_any_value_of_a_kind_and_all_kinds(index: SearchIndex) -> None:
    index.upsert(
        [
            doc("a", "x", codes=("FRD", "SPM"), state="triage", source="s1", platform="web"),
            doc("b", "x", codes=("GAM",), state="approval", source="s2", platform="sms"),
            doc("c", "x", codes=(), state="sent", source="s1", platform="sms"),
        ]
    )
    for text in ("", "x"):
        assert sorted(found(index, text)) == ["a", "b", "c"]
        assert found(index, text, codes=("SPM",)) == ["a"]
        assert sorted(found(index, text, codes=("SPM", "GAM"))) == ["a", "b"]
        assert found(index, text, states=("sent",)) == ["c"]
        assert sorted(found(index, text, sources=("s1",))) == ["a", "c"]
        assert found(index, text, sources=("s1",), platforms=("sms",)) == ["c"]
        assert found(index, text, codes=("HAT",)) == []
        assert found(index, text, sources=("' OR 1=1 --",)) == []


def test_dates_include_the_start_and_exclude_the_end_to_the_microsecond(index: SearchIndex) -> None:
    step = timedelta(microseconds=1)
    at = START + timedelta(seconds=5, microseconds=500)
    index.upsert([doc("before", "x", captured_at=at - step), doc("at", "x", captured_at=at), doc("after", "x", captured_at=at + step)])
    for text in ("", "x"):
        assert sorted(found(index, text, since=at)) == ["after", "at"]
        assert found(index, text, until=at) == ["before"]
        assert found(index, text, since=at, until=at + step) == ["at"]
        assert index.search(SearchQuery(text, since=at)).facets["states"] == {"triage": 2}
    index.upsert([doc("old", "x", captured_at=START.replace(year=1969))])
    assert found(index, "x", until=START) == ["old"]


def test_newest_first_and_pages(index: SearchIndex) -> None:
    names = [f"{n:02d}" for n in range(30)]
    docs = [doc(name, "từ khóa", captured_at=START + timedelta(minutes=int(name))) for name in names]
    random.Random(1).shuffle(docs)
    index.upsert(docs)
    for text in ("", "khoa"):
        assert found(index, text, sort=Sort.NEWEST, limit=200) == names[::-1]
        assert found(index, text, sort=Sort.NEWEST, limit=7, offset=7) == names[::-1][7:14]
        page = index.search(SearchQuery(text, sort=Sort.NEWEST, limit=3, offset=29))
        assert ([hit.doc.id for hit in page.hits], page.total) == (["00"], 30)
        assert index.search(SearchQuery(text, limit=0)).total == 30
        assert index.search(SearchQuery(text, offset=1000)).hits == ()


def test_relevance_prefers_titles_and_dense_matches(index: SearchIndex) -> None:
    filler = " ".join(f"từ{n}" for n in range(60))
    index.upsert(
        [doc("far", f"{filler} thuốc {filler}"), doc("title", filler, title="Thuốc gia truyền"), doc("dense", "thuốc thuốc thuốc")]
    )
    hits = index.search(SearchQuery("thuoc")).hits
    assert hits[-1].doc.id == "far"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_facets_count_all_that_matches(index: SearchIndex) -> None:
    index.upsert([doc(str(n), "x y", codes=("FRD", "SPM") if n % 2 else ("GAM",), state="triage" if n % 3 else "sent") for n in range(12)])
    page = index.search(SearchQuery("x", limit=2))
    assert page.total == 12
    assert page.facets == {
        "codes": {"FRD": 6, "GAM": 6, "SPM": 6},
        "states": {"triage": 8, "sent": 4},
        "sources": {"demo": 12},
        "platforms": {"web": 12},
    }
    assert index.search(SearchQuery("", codes=("GAM",))).facets["states"] == {"triage": 4, "sent": 2}


def test_highlights_are_offsets_into_the_original(index: SearchIndex) -> None:
    text = "  Đa\u0309o\u200b  lộn: lừa ĐẢO,\tdao phay"
    index.upsert([doc("a", text, title="Về dao")])
    (hit,) = index.search(SearchQuery('dao "lua dao"')).hits
    assert [span.of(text) for span in hit.text_spans] == ["Đa\u0309o", "lừa ĐẢO", "dao"]
    assert [span.of("Về dao") for span in hit.title_spans] == ["dao"]
    (plain,) = index.search(SearchQuery()).hits
    assert (plain.text_spans, plain.title_spans) == ((), ())


def test_documents_come_back_whole(index: SearchIndex) -> None:
    full = doc("a", "văn bản", title="T", codes=("FRD", "HAT"), published_at=START - timedelta(days=3, microseconds=7))
    index.upsert([full])
    assert [hit.doc for hit in index.search(SearchQuery("van ban")).hits] == [full]


def test_upsert_replaces_and_delete_forgets(index: SearchIndex) -> None:
    index.upsert([doc("a", "cũ kỹ"), doc("b", "cũ")])
    index.upsert([doc("a", "mới", state="sent", captured_at=START + timedelta(days=1))])
    index.upsert([doc("a", "mới", state="sent", captured_at=START + timedelta(days=1))])
    assert found(index, "cũ") == ["b"]
    assert found(index, "mới", states=("sent",)) == ["a"]
    index.delete(["a", "unknown"])
    index.delete([])
    index.upsert([])
    page = index.search(SearchQuery())
    assert ([hit.doc.id for hit in page.hits], page.total, page.facets["states"]) == (["b"], 1, {"triage": 1})


def test_rebuild_replaces_everything_and_readers_read_on(index: SearchIndex) -> None:
    index.upsert([doc("old", "x")])
    seen: list[list[str]] = []

    def docs() -> Iterator[SearchDoc]:
        yield doc("new-0", "x")
        seen.append(found(index, "x"))
        for n in range(1, 2500):
            yield doc(f"new-{n}", "x")
        seen.append(found(index, "x"))

    assert index.rebuild(docs()) == 2500
    assert seen == [["old"], ["old"]]
    page = index.search(SearchQuery("x"))
    assert page.total == 2500
    assert "old" not in found(index, "x", limit=200)
    assert index.rebuild([]) == 0
    assert found(index) == []


def test_a_rebuild_that_dies_leaves_the_old_index(index: SearchIndex) -> None:
    index.upsert([doc("old", "x")])

    def docs() -> Iterator[SearchDoc]:
        for n in range(1500):
            yield doc(str(n), "x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.rebuild(docs())
    assert found(index, "x") == ["old"]
    assert index.rebuild([doc("new", "x")]) == 1
    assert found(index, "x") == ["new"]


def test_readers_and_a_writer_at_once(index: SearchIndex) -> None:
    index.upsert([doc("a", "x")])
    problems: list[BaseException] = []

    def read() -> None:
        try:
            for _ in range(60):
                page = index.search(SearchQuery("x", limit=200))
                assert len(page.hits) == page.total == sum(page.facets["states"].values())
        except BaseException as error:  # noqa: BLE001  (a thread has nobody else to tell)
            problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(40):
        index.upsert([doc(str(n), "x", state=f"state-{n % 7}")])
        if n % 20 == 10:
            index.rebuild([doc(str(k), "x") for k in range(5)])
    for reader in readers:
        reader.join()
    assert problems == []


@pytest.mark.parametrize("text", ["!!!", '""', "…", '" - "', "\u0301", "\0", "x" * 1001, " ".join(f"w{n}" for n in range(40))])
def test_a_query_that_cannot_be_read_says_why(index: SearchIndex, text: str) -> None:
    with pytest.raises(UsageError, match="search text"):
        index.search(SearchQuery(text))


def test_white_space_lists_all(index: SearchIndex) -> None:
    index.upsert([doc("a", "x")])
    assert found(index, " \n\t ") == ["a"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            ['"', "AND", "OR", "NOT", "NEAR(", ")", "*", "^", ":", "title:", "-", "x", "+", "{", "'", ";", "--", "\\", "đ", "1"]
        ),
        max_size=12,
    ).map(" ".join)
)
@example('title : "')
@example("\ud800")
@example("NEAR(a b, 5)")
@example("x*")
def test_no_query_is_ever_an_sql_error(index: SearchIndex, text: str) -> None:
    for query in (SearchQuery(text, codes=(text,), sources=(text,), limit=3), SearchQuery(text, limit=-5, offset=-3, sort=Sort.NEWEST)):
        try:
            page = index.search(query)
        except UsageError:
            continue
        assert page.total >= len(page.hits)


_WORDS = ["Lừa", "đảo", "TIỀN", "tien", "nhà", "cái", "x1", "Đ"]
_texts = st.lists(st.sampled_from(_WORDS), min_size=0, max_size=7).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(_texts, min_size=1, max_size=8), words=st.lists(st.sampled_from(_WORDS), min_size=1, max_size=3), phrase=st.booleans()
)
def test_the_index_finds_what_a_plain_reading_finds(texts: list[str], words: list[str], phrase: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, _fts5(Path(folder)) as index:
        index.upsert([doc(str(n), text) for n, text in enumerate(texts)])
        query = " ".join(words)
        wanted = tokens(query)

        def matches(text: str) -> bool:
            if phrase:
                return f" {' '.join(wanted)} " in f" {' '.join(tokens(text))} "
            return set(wanted) <= set(tokens(text))

        page = index.search(SearchQuery(f'"{query}"' if phrase else query))
        assert sorted(hit.doc.id for hit in page.hits) == sorted(str(n) for n, text in enumerate(texts) if matches(text))
        for hit in page.hits:
            assert hit.text_spans
            assert all(set(fold(span.of(hit.doc.text)).split()) <= set(wanted) for span in hit.text_spans)


def test_a_smaller_number_never_goes_over_a_greater_one(index: SearchIndex) -> None:
    """Two projectors at once: the one that read later bears the greater number."""
    assert index.upsert([doc("a", "mới", state="approval")], 7) == frozenset()
    assert index.upsert([doc("a", "cũ")], 6) == {"a"}
    assert index.delete(["a"], 5) == {"a"}
    assert found(index, "moi") == ["a"]
    assert index.upsert([doc("a", "mới nữa")], 7) == frozenset()  # the same projector again
    assert index.delete(["a"], 8) == frozenset()
    assert index.upsert([doc("a", "cũ")], 7) == {"a"}
    assert found(index) == []


def test_a_rebuilt_index_takes_nothing_from_a_projector_of_before(index: SearchIndex) -> None:
    index.upsert([doc("a", "cũ")], 3)
    assert index.rebuild([doc("a", "mới")], 9) == 1
    assert index.upsert([doc("a", "cũ")], 4) == {"a"}
    assert found(index, "moi") == ["a"]


def test_half_a_character_is_refused_and_the_rest_is_taken(index: SearchIndex) -> None:
    docs = [doc("a", "từ"), doc("b", "từ", title="nửa \ud800"), doc("c", "từ")]
    with pytest.raises(Rejected) as caught:
        index.upsert(docs, 1)
    assert list(caught.value.reasons) == ["b"]
    assert sorted(found(index, "tu")) == ["a", "c"]
    with pytest.raises(Rejected) as caught:
        index.rebuild(docs, 2)
    assert (list(caught.value.reasons), caught.value.taken) == (["b"], 2)
    assert sorted(found(index, "tu")) == ["a", "c"]
