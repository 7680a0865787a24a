"""The reading pane: pieces cover the text exactly once, atoms are whole, nothing personal or clickable is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rasoat.assessments import Span
from rasoat.text.addresses import defang
from review_ui.views.text import Mark, PieceKind, mask_text, pieces

TEXT = "Gọi 0912 345 678 hoặc vào https://nha-cai.example/dk?x=1, nhận thưởng 😀 ngay."


def mark(number: int, words: str, text: str = TEXT, code: str = "FRD") -> Mark:
    start = text.index(words)
    return Mark(number=number, code=code, start=start, end=start + len(words))


def test_personal_data_and_addresses_are_never_shown_as_they_are() -> None:
    shown = mask_text(TEXT)
    assert "345 678" not in shown
    assert "https://" not in shown
    assert "hxxps://nha-cai[.]example/dk?x=1" in shown


def test_nested_and_overlapping_marks_each_keep_their_number() -> None:
    text = "một hai ba bốn năm"
    cut = pieces(text, [mark(1, "hai ba bốn", text), mark(2, "ba", text, "HAT"), mark(3, "bốn năm", text)])
    by_words = {piece.shown: piece.reasons for piece in cut}
    assert by_words["ba"] == (1, 2)
    assert by_words["bốn"] == (1, 3)
    assert by_words[" năm"] == (3,)
    assert [n for piece in cut for n in piece.closes] == [2, 1, 3]
    assert next(piece for piece in cut if piece.shown == "ba").codes == ("FRD", "HAT")


def test_a_mark_through_a_phone_number_covers_the_whole_of_it() -> None:
    cut = pieces(TEXT, [mark(1, "Gọi 0912")])
    masked = next(piece for piece in cut if piece.kind is PieceKind.MASKED)
    assert masked.reasons == (1,)
    assert "345" not in "".join(piece.shown for piece in cut)


def test_a_revealed_value_is_shown_and_no_other() -> None:
    text = "Lan 0912 345 678, Minh 0987 654 321"
    first = next(piece for piece in pieces(text, ()) if piece.kind is PieceKind.MASKED)
    shown = "".join(piece.shown for piece in pieces(text, (), (Span(first.start, first.end),)))
    assert "0912 345 678" in shown
    assert "654 321" not in shown


def test_defanged_addresses_are_no_addresses() -> None:
    assert defang("https://a.b.example/x.html?y=http") == "hxxps://a[.]b[.]example/x.html?y=http"
    assert defang("a.example") == "a[.]example"
    assert mask_text("Chào em.Anh là bảo vệ.Mình ở bao-moi.example/a.") == "Chào em.Anh là bảo vệ.Mình ở bao-moi[.]example/a."
    assert "javascript:" not in mask_text("http://x.example") + defang("http://x.example")


@given(
    st.text(alphabet=st.sampled_from("a0. 9/đ😀:hwtp\n"), max_size=80),
    st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=6),
)
def test_pieces_cover_the_text_exactly_once(text: str, spans: list[tuple[int, int]]) -> None:
    marks = [Mark(number=n, code="FRD", start=start, end=start + size) for n, (start, size) in enumerate(spans, 1)]
    cut = pieces(text, marks)
    assert [piece.start for piece in cut] == [0, *(piece.end for piece in cut)][: len(cut)]
    assert (cut[-1].end if cut else 0) == len(text)
    for piece in cut:
        if piece.kind is PieceKind.PLAIN:
            assert piece.shown == text[piece.start : piece.end]
    for one in marks:
        if one.start < len(text):
            covered = {i for piece in cut if one.number in piece.reasons for i in range(piece.start, piece.end)}
            assert set(range(one.start, min(one.end, len(text)))) <= covered
