"""The words of a text in both forms: the quick way through the cache reads what the slow way reads, and no form hides in another."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasoat.store.search_query import Term, highlight, parse
from rasoat.store.search_words import TOKEN, both, exact_of, tokens, words
from rasoat.text import fold

_TEXTS = st.text(max_size=60) | st.text(st.sampled_from('aAáảãạđĐƠưộ \u0300\u0301\u0323\u200b\u00ad.-_="“”1½😂❤\ufe0fｆⅣ'), max_size=40)


@given(_TEXTS)
def test_words_are_the_runs_of_letters_and_digits_of_the_folded_text(text: str) -> None:
    assert tokens(text) == TOKEN.findall(fold(text))
    assert all(word.exact.startswith("=") and " " not in word.exact for word in words(text))


@given(_TEXTS)
def test_composed_and_decomposed_text_have_the_same_words(text: str) -> None:
    assert words(unicodedata.normalize("NFC", text)) == words(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("hoà", "hòa", True),
        ("THUÝ", "thúy", True),
        ("má", "ma1", False),
        ("đá", "dá", False),
        ("mơ", "mo", False),
        ("m\u200bá", "má", True),
    ],
)
def test_exact_is_letters_and_tone_whatever_the_spelling_of_the_tone(one: str, other: str, same: bool) -> None:
    assert (exact_of(one) == exact_of(other)) is same


def test_both_forms_have_the_same_number_of_words() -> None:
    folded, exact = both("Toà soạn: nhà-cái 1.2 đ\u200bẹp 😂")
    assert len(folded.split()) == len(exact.split()) == 7


def test_strict_is_what_an_equals_sign_stands_before() -> None:
    assert [(term.tokens, term.strict) for term in parse('=má "nhà cái" ="bán đá" a=b')] == [
        (("ma",), True),
        (("nha", "cai"), False),
        (("ban", "da"), True),
        (("a", "b"), False),
    ]
    assert not Term(("xe",), ("=xe",)).accented


def test_highlights_of_a_strict_word_leave_its_other_spellings_alone() -> None:
    text = "Má, mà ma\u0301 m\u200bá ma"
    assert [span.of(text) for span in highlight(text, parse("=má"))] == ["Má", "ma\u0301", "m\u200bá"]
