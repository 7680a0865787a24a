"""Text as a page can show it: every character that the shipped font lacks, or that nobody could see, becomes a visible `⟨U+200B⟩`.

Owns what is printable. The exact characters always stand in notice.json.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RANGES: Final = (
    (0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x17F), (0x1A0, 0x1A1), (0x1AF, 0x1B0), (0x1CD, 0x1DC),
    (0x300, 0x303), (0x306, 0x306), (0x309, 0x309), (0x31B, 0x31B), (0x323, 0x323),
    (0x391, 0x3A1), (0x3A3, 0x3CE), (0x400, 0x45F), (0x490, 0x491), (0x1E00, 0x1E9B), (0x1EA0, 0x1EF9),
    (0x2010, 0x2027), (0x2030, 0x2037), (0x2039, 0x203E), (0x2070, 0x2071), (0x2074, 0x208E),
    (0x20AB, 0x20AC), (0x20BF, 0x20BF), (0x2116, 0x2116), (0x2122, 0x2122), (0x2153, 0x2184), (0x2190, 0x2199),
    (0x2200, 0x220D), (0x220F, 0x221C), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265), (0x25CF, 0x25CF),
    (0x2605, 0x2605), (0x2639, 0x2653), (0x2660, 0x2660), (0x2663, 0x2663), (0x2665, 0x2666), (0x27E8, 0x27E9),
)  # fmt: skip
"""What Libertinus Serif (regular and bold, as shipped in typst 0.15.2) can set, less right-to-left letters and what cannot be seen.
PDF/A allows no character without a glyph. tests/dossier/test_pdf.py sets every one of them."""
PRINTABLE: Final = frozenset(chr(code) for first, last in _RANGES for code in range(first, last + 1))
_LONG_WORD: Final = re.compile(r"[^\s\u200b]{41,}")
BREAK: Final = "\u200b"
"""Where a long word may be broken. Data never holds one: `printable` shows it as `⟨U+200B⟩`."""


def printable(text: str) -> str:
    """`text` with line ends kept, every kind of space as a space, and what cannot be shown or seen as `⟨U+XXXX name⟩`."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(character if character in PRINTABLE else _shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\n":
        return character
    if character == "\t" or unicodedata.category(character) == "Zs":
        return " "
    name = unicodedata.name(character, "").lower() if unicodedata.category(character) == "So" else ""
    return f"⟨U+{ord(character):04X}{' ' if name else ''}{name}⟩"


def breakable(text: str) -> str:
    """`printable(text)` whose long words carry marks where a line may end, so that none runs off the page."""
    return _LONG_WORD.sub(lambda word: _marked(word.group()), printable(text))


def _marked(word: str) -> str:
    parts = [word[i : i + 20] for i in range(0, len(word), 20)]
    if len(word) < 400:  # an address: break where the eye expects it
        parts = [piece for part in re.split(r"(?<=[/?&=._%-])", word) for piece in _chunks(part)]
    return BREAK.join(part for part in parts if part)


def _chunks(part: str) -> list[str]:
    return [part[i : i + 24] for i in range(0, len(part), 24)]
