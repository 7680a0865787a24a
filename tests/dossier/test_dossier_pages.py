"""Crawled words on the page: never markup, never lost, never invisible; the same input gives the same bytes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from rasoat.dossier.glyphs import BREAK, PRINTABLE, breakable, printable
from rasoat.dossier.pdf import attachment, set_letter, set_notice
from rasoat.settings import ROOT
from rasoat.text.addresses import defang
from tests.dossier.made import BUILT_AT, Desk, decision, item, view

HOSTILE = [
    "#set page(fill: red)",
    "#import \"@preview/x:1.0.0\": *",
    "#include \"/etc/passwd\"",
    "#read(\"/etc/passwd\") #json(bytes(sys.inputs.data)) #eval(\"1+1\")",
    "[*bold*] _emph_ $x^2 / y_1$ `raw` ```py code```",
    "\\ \\u{41} // comment /* block */ http://x.example <label> @reference ~ --- ... 'single' \"double\"",
    "= Heading\n== Second\n- list\n+ list\n/ term: x\n1. one",
    "{ } ( ) [ ] #{ } #[ ] #( ) ; : , | & ^ % ! ?",
    "\"]; #pagebreak() #text(size: 0pt)[hidden]",
    "{\"json\": \"inside\", \"n\": 1}",
    "</script><b>html</b> &amp; &#x27;",
    "fi ffi fl ffl ff ct st Th",
    "Kính gửi quý vị: ẵ ặ ẫ ỡ ợ ữ ự ỹ ỵ ĐđƠơƯư, “trích” ‘dẫn’ – — … ₫ € № ½",
    unicodedata.normalize("NFD", "Tiếng Việt viết rời: đường, ngã, được, khuỷu"),
]  # fmt: skip


def letter_page(paragraphs: list[str], quote: str = "") -> dict[str, Any]:
    names = ("sender", "contact", "capacity", "addressee", "subject", "not_an_order", "day", "reference", "greeting", "closing", "running")
    return {name: "-" for name in (*names, "footer", "page_word")} | {
        "parts": [{"heading": "H", "paragraphs": paragraphs, "quotes": [quote] if quote else []}]
    }


def letter(paragraphs: list[str], quote: str = "") -> bytes:
    return set_letter(letter_page(paragraphs, quote), data_dir=ROOT / "data", at=BUILT_AT)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def squeezed(text: str) -> str:
    return re.sub(rf"[\s{BREAK}]+", "", unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("words", HOSTILE)
def test_markup_in_data_is_shown_and_not_obeyed(words: str) -> None:
    found = squeezed(text_of(letter([words], words)))
    assert found.count(squeezed(printable(words))) == 2


def test_hostile_words_in_every_field_of_a_notice(desk: Desk) -> None:
    evil = '#panic("x") [*a*] $1/0$ \\u{0} // `b` @c\u202e<l>\x00'
    lead = item(desk.evidence, text=f"{evil} mã OTP {evil}", title=evil, locator=evil, url="https://x.example/#set[page](1)?a=$b$")
    ruling = decision(lead, quote=f"{evil} mã OTP", reason=f"Xin mã OTP. {evil}", innocent_reading=f"Vô hại: {evil}", context_note=evil)
    from tests.dossier.test_pack import core, files_of

    files = files_of(desk.build(view(lead, ruling=ruling)).path.read_bytes())
    assert core(files)["items"][0]["quote_original"] == f"{evil} mã OTP"
    shown = squeezed(text_of(files["notice.pdf"]))
    assert shown.count(squeezed(printable(evil))) >= 6
    assert squeezed(printable(evil)) in squeezed(text_of(files["letter.pdf"]))
    assert "\u202e" not in files["letter.txt"].decode()
    assert "⟨U+202E⟩" in files["letter.txt"].decode()


def test_a_200_kb_text_and_a_200_kb_word() -> None:
    words = " ".join(f"từ{n}" for n in range(22_000))
    pdf = letter([words], "ờ" * 66_000)
    found = squeezed(text_of(pdf))
    assert found.count("ờ") == 66_000
    at = 0
    for n in range(0, 22_000, 7):  # every seventh word is there, in order
        at = found.index(f"từ{n}", at) + 1


@pytest.mark.parametrize(
    ("word", "fits"),  # how many of its letters the 164 mm between the margins hold, from the font's own widths
    [("w" * 500, 60), ("Ẵ" * 200, 66), ("https://" + "a" * 300 + ".example/" + "b/" * 200, 120), ("mm-" * 300, 80)],
)
def test_no_word_runs_off_the_page(word: str, fits: int) -> None:
    lines = [line.replace(BREAK, "").strip() for line in text_of(letter([word], word)).split("\n")]
    assert sum(len(line) for line in lines) >= 2 * len(word)
    assert max(map(len, lines)) <= fits


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_set(words: str) -> None:
    found = squeezed(text_of(letter([], f"§{words}§")))
    expected = squeezed(printable(words))
    if not re.search("[\u0300-\u036f]", unicodedata.normalize("NFC", expected)):  # loose marks are drawn; readers order them as they like
        assert f"§{expected}§" in found


def test_every_printable_character_has_a_glyph() -> None:
    marks = {c for c in PRINTABLE if unicodedata.combining(c)}
    letters = "".join(sorted(PRINTABLE - marks - {" "}))
    found = squeezed(text_of(letter(["".join(f"a{mark} " for mark in sorted(marks))], letters)))
    assert squeezed(letters) in found


@given(st.text())
def test_what_is_shown_is_printable_and_nothing_is_dropped(words: str) -> None:
    shown = printable(words)
    assert all(c in PRINTABLE or c == "\n" for c in shown)
    assert squeezed(breakable(words)) == squeezed(shown)
    kept = [c for c in words if c in PRINTABLE and c != " "]
    assert len(shown.replace(" ", "").replace("\n", "")) >= len(kept)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("\u202egpj.exe", "⟨U+202E⟩gpj.exe"),
        ("x\x00y", "x⟨U+0000⟩y"),
        ("🔥", "⟨U+1F525 fire⟩"),
        ("a\u00a0b\tc", "a b c"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("аррӏе", "арр⟨U+04CF⟩е"),  # Cyrillic: what the font has is shown, and notice.json has the truth
        ("שלום", "⟨U+05E9⟩⟨U+05DC⟩⟨U+05D5⟩⟨U+05DD⟩"),
        ("Đường", "Đường"),
    ],
)
def test_what_nobody_could_see_is_made_visible(words: str, shown: str) -> None:
    assert printable(words) == shown


def test_no_word_stays_longer_than_a_line_holds() -> None:
    assert max(map(len, re.split(rf"[\s{BREAK}]", breakable("x" * 10_000 + " ngắn")))) <= 24
    assert breakable("ngắn gọn") == "ngắn gọn"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x.html?y=1.2", "hxxps://a[.]example/x.html?y=1.2"),
        ("http://a.b.example", "hxxp://a[.]b[.]example"),
        ("a.example/x", "a[.]example/x"),
        ("HTTPS://a.example/b.c", "hxxps://a[.]example/b.c"),
    ],
)
def test_addresses_can_be_read_and_not_clicked(url: str, shown: str) -> None:
    assert defang(url) == shown


def test_nothing_in_a_dossier_is_a_link(pack: bytes) -> None:
    from tests.dossier.test_pack import files_of

    for name in ("notice.pdf", "letter.pdf"):
        for page in PdfReader(BytesIO(files_of(pack)[name])).pages:
            assert "/Annots" not in page


def test_only_fonts_that_typst_brings_are_used(pack: bytes) -> None:
    from tests.dossier.test_pack import files_of

    fonts = set(re.findall(rb"/BaseFont/[A-Z]{6}\+([A-Za-z-]+)", files_of(pack)["notice.pdf"].replace(b" ", b"")))
    assert fonts
    assert all(name.startswith((b"Libertinus", b"DejaVuSansMono")) for name in fonts)


def test_the_same_page_gives_the_same_bytes(tmp_path: Path) -> None:
    assert letter(["a"]) == letter(["a"])


def test_the_attachment_is_read_back_or_not_at_all(pack: bytes) -> None:
    from tests.dossier.test_pack import files_of

    pdf = files_of(pack)["notice.pdf"]
    assert attachment(pdf) == files_of(pack)["notice.json"]
    assert attachment(b"") is None
    assert attachment(letter(["a"])) is None
    assert attachment(pdf + pdf) is None
    start = pdf.index(b"/EmbeddedFile")
    body = pdf.index(b"stream", start) + 10
    assert attachment(pdf[:body] + b"\0\0\0\0" + pdf[body + 4 :]) is None


def test_a_long_notice_is_still_one_document(desk: Desk) -> None:
    lead = item(desk.evidence, captures=10)
    reason = "Bài xin mã OTP để chiếm ví.\n" * 150
    others = [item(desk.evidence, name=f"ban-sao-{n}") for n in range(20)]
    from tests.dossier.test_pack import core, files_of

    files = files_of(desk.build(view(lead, *others, ruling=decision(lead, reason=reason.strip()))).path.read_bytes())
    assert len(core(files)["items"]) == 21
    reader = PdfReader(BytesIO(files["notice.pdf"]))
    last = len(reader.pages)
    assert f"trang {last}/{last}" in reader.pages[-1].extract_text()


def test_a_page_with_a_field_too_few_fails_loudly() -> None:
    import typst

    with pytest.raises(typst.TypstError):
        set_notice({"title": "x"}, b"{}", data_dir=ROOT / "data", at=BUILT_AT)


def test_a_capture_without_status_or_address_is_shown_as_missing(desk: Desk) -> None:
    from rasoat.missing import Missing
    from tests.dossier.test_pack import files_of

    lead = item(desk.evidence)
    bare = replace(lead.captures[0], http_status=Missing, final_url=Missing, requested_url=Missing)
    shown = text_of(files_of(desk.build(view(replace(lead, captures=(bare,)))).path.read_bytes())["notice.pdf"])
    assert "HTTP" not in shown
