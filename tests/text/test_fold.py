"""Folding: one key for every way to write a word, and the way back from it."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasoat.assessments import Span
from rasoat.text import Mapped, fold, fold_mapped

VIETNAMESE = "aăâeêioôơuưyđAĐ áàảãạắặầậốợưứựỳỵ\u0301\u0300\u0309\u0303\u0323\u0302\u0306\u031b\u200b\u00ad\ufeff \t\n\u00a0.,01"
TEXTS = st.one_of(st.text(), st.text(alphabet=VIETNAMESE), st.text(alphabet=st.characters(min_codepoint=0x80)))


@pytest.mark.parametrize(
    "written",
    ["Toà soạn", "Tòa soạn", "TOA SOAN", "toa  soan", " Tòa\u00a0soạn\n", "To\u200bà so\u00adạn", unicodedata.normalize("NFD", "Tòa soạn")],
)
def test_every_way_to_write_a_word_gives_one_key(written: str) -> None:
    assert fold(written) == "toa soan"


def test_d_with_stroke_is_folded() -> None:
    assert fold("Đường đời Ðức") == "duong doi duc"


def test_other_scripts_stay_readable() -> None:
    assert fold("Привет 你好 ΣΟΦΟΣ") == "привет 你好 σοφοσ"


@given(TEXTS)
def test_mapped_and_plain_folding_agree(text: str) -> None:
    assert fold_mapped(text).text == fold(text)


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_composed_and_decomposed_input_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(TEXTS)
def test_every_folded_character_comes_from_somewhere_in_order(text: str) -> None:
    mapped = fold_mapped(text)
    spans = [mapped.span(i, i + 1) for i in range(len(mapped.text))]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.start <= b.start and a.end <= b.end for a, b in itertools.pairwise(spans))


@given(TEXTS, st.data())
def test_the_words_behind_a_range_fold_to_that_range(text: str, data: st.DataObject) -> None:
    mapped = fold_mapped(text)
    start = data.draw(st.integers(0, len(mapped.text)))
    end = data.draw(st.integers(start, len(mapped.text)))
    assert fold(mapped.text[start:end]) in fold(mapped.span(start, end).of(text))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_hit_is_shown_with_its_diacritics(form: str) -> None:
    text = unicodedata.normalize(form, "Cảnh báo:  lừa\u200b đảo!")
    mapped = fold_mapped(text)
    start = mapped.text.index("lua dao")
    assert mapped.span(start, start + 7).of(text) == unicodedata.normalize(form, "lừa\u200b đảo")


def test_a_range_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="not a range"):
        fold_mapped("abc").span(1, 4)


def test_empty_ranges_are_empty_spans() -> None:
    assert fold_mapped("").span(0, 0) == Span(0, 0)
    assert fold_mapped(" ab ").span(0, 0) == Span(1, 1)
    assert fold_mapped(" ab ").span(2, 2) == Span(3, 3)


def test_passes_can_be_chained() -> None:
    mapped = fold_mapped("Đ ỏ")  # "d o"
    shorter = mapped.then("do", [0, 2], [1, 3])
    assert shorter.span(0, 2).of("Đ ỏ") == "Đ ỏ"
    assert Mapped.identity("ab").span(1, 2) == Span(1, 2)
