"""What was written to be overlooked is read, and every reading leads back to the words as they were written."""

from __future__ import annotations

import itertools
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers import normalise as room
from classifiers.evaluation.evasion import KINDS
from classifiers.normalise import between, letters, normalise, numbers, suspicious, tables, undo, wording
from classifiers.normalise.glance import Glance
from rasoat.text import Mapped, fold

VOCABULARY = frozenset(
    "lua lừa dao đảo ngan ngân hang hàng lien liên he hệ zalo ca cá cuoc cược tien tiền nhan nhận khong gai tinh tình mua".split()  # noqa: SIM905
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("l ừ a đ ả o", "lừa đảo"),
        ("l.ừ.a đ.ả.o", "lừa đảo"),
        ("c.á c.ư.ợ.c", "cá cược"),
        ("c-á_c*ư*ợ*c", "cá cược"),
        ("nh4n t1ền", "nhan tiền"),
        ("lừa🔥đảo", "lừa đảo"),
        ("LIENHEZALO", "lien he zalo"),
        ("ngân\u200bhàng", "ngân hàng"),
        ("ngonnnnnn", "ngon"),
        ("tjnh", "tinh"),
        ("tieenf luwaf ddaor", "tiền lừa đảo"),
        ("tie62n", "tien"),
        ("сá сượс", "cá cược"),
        ("𝐜á ｃược", "cá cược"),
        ("ko biết j", "không biết gì"),
        ("abc chấm com", "abc.com"),
        ("abc(.)com", "abc.com"),
        ("1OO%", "100%"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_evasions_are_read_and_lead_back(written: str, read: str, form: Literal["NFC", "NFD"]) -> None:
    text = f"này {unicodedata.normalize(form, written)} nhé"
    result = normalise(text, VOCABULARY)
    assert f" {read} " in result.accented.text
    start = result.text.index(fold(read))
    assert result.span(start, start + len(fold(read))).of(text) == unicodedata.normalize(form, written)
    assert suspicious(fold(text))


@pytest.mark.parametrize(
    "text", ["giá 100k, lúc 12h30 ngày 4/5", "3tr5 và 2tr", "mạng 5g, xe a4", "t.me/abc và https://vidu.example/a-b", "số 0900.000.198"]
)
def test_numbers_and_addresses_stay_what_they_are(text: str) -> None:
    assert normalise(text, VOCABULARY).text == fold(text)


def test_accents_survive_beside_the_folded_reading() -> None:
    result = normalise("Báo chí bảo vệ", VOCABULARY)
    assert (result.accented.text, result.text) == ("báo chí bảo vệ", "bao chi bao ve")


def test_plain_text_is_not_suspicious() -> None:
    assert not suspicious(fold("Hôm nay trời đẹp, cả nhà cùng nhau về quê thăm bà"))


def test_the_documented_order_names_real_passes() -> None:
    assert all(hasattr(room.passes, name) for name in room.PASSES)


TEXTS = st.one_of(st.text(), st.text(alphabet="l.ừ ađảo0134🔥*-ctjzwngnhàkсá\u200b\u0301 @|'"), st.text(alphabet="aeiouctnhgk "))


@given(TEXTS)
def test_every_character_of_the_reading_comes_from_the_original_in_order(text: str) -> None:
    result = normalise(text, VOCABULARY)
    spans = [result.span(i, i + 1) for i in range(len(result.text))]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.start <= b.start and a.end <= b.end for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize(
    ("spaced", "read"),
    [
        ("v a y   n ó n g gấp", "vay nóng gấp"),  # a wider gap ends a word
        ("v a y  n ó n g gấp", "vay nóng gấp"),
        ("n ổ h ũ đổi thưởng", "nổ hũ đổi thưởng"),  # the words of the rules do
        ("c-á c-ư-ợ-c", "cá cược"),
    ],
)
def test_spaced_out_words_are_parted_again(spaced: str, read: str) -> None:
    words = frozenset({"vay", "nóng", "nong", "nổ", "hũ", "no", "hu", "cá", "ca", "cược", "cuoc"})
    assert normalise(spaced, words).accented.text == read


def _every_pass(text: str) -> Mapped:
    """`undone` without asking beforehand whether a pass has anything to do."""
    mapped = letters.turned(letters.decoded(Mapped.identity(text)))
    cleaned = letters.clean(mapped.text)
    mapped = between.brackets(mapped.then(cleaned.text, cleaned.starts, cleaned.ends))
    mapped = room.passes.another_scheme(room.passes.spoken_dots(room.passes.pictures(mapped)))
    mapped = between.dotted(between.spaced(mapped))
    mapped = room.passes.repeated_letters(numbers.look_alikes(numbers.compact(numbers.spoken(mapped))))
    mapped = between.broken(mapped, text, Glance(mapped.text))
    mapped = between.unquoted(between.without_pictures(mapped))
    mapped = wording.read(mapped, Glance(mapped.text))
    return wording.even(mapped, Glance(mapped.text))


def _same(one: Mapped, other: Mapped) -> bool:
    return (one.text, list(one.starts), list(one.ends)) == (other.text, list(other.starts), list(other.ends))


@pytest.mark.parametrize("name", KINDS)
def test_a_pass_that_is_not_run_would_have_found_nothing(name: str) -> None:
    for text in (
        "Tài khoản của bạn đã bị khóa, gọi ngay số 0900 115 158 hoặc vào vidu-xacminh.example để mở lại.",
        "Tuyển người làm tại nhà, mỗi ngày năm trăm nghìn, liên hệ zalo 0900000198 nhé!\nAi hỏi gì thì “nhắn” mình, ko ngại.",
    ):
        written = KINDS[name](text)
        assert _same(undo.undone(written), _every_pass(written))


@given(TEXTS)
def test_no_pass_is_left_out_that_changes_any_text(text: str) -> None:
    assert _same(undo.undone(text), _every_pass(text))


def test_ordinary_characters_are_cleaned_by_lowering_them() -> None:
    for char in tables.PLAIN - tables.VIETNAMESE_MARKS:
        assert letters.CLEAN[ord(char)] == char.lower()
