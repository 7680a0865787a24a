"""Two views of a text: folded (no accents) and accented lower case. Owns how each is made and the way back to the original.

Must not know n-grams or weights.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterator
from typing import Final

from rasoat.text import Mapped, fold, fold_mapped

_FORMATS: Final = ((0xAD, 0xAD), (0x61C, 0x61C), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2064), (0x2066, 0x2069), (0xFEFF, 0xFEFF))
_INVISIBLE: Final = {code: None for first, last in _FORMATS for code in range(first, last + 1)}
"""Format characters that carry no letter: soft hyphen, joiners, direction marks, byte order mark."""


def folded(text: str) -> str:
    """The search fold: `LỪA  đảo` becomes `lua dao`."""
    return fold(text)


def folded_mapped(text: str) -> Mapped:
    """`folded(text)` with the way back."""
    return fold_mapped(text)


def accented(text: str) -> str:
    """NFC, lower case, without invisible marks, white space squeezed; the accents stay: `LỪA  đảo` becomes `lừa đảo`."""
    plain = text if text.isascii() else unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return " ".join(plain.lower().split())


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of one base character with the marks that ride on it."""
    start = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or not (unicodedata.combining(text[i]) or ord(text[i]) in _INVISIBLE):
            yield start, i
            start = i


def accented_mapped(text: str) -> Mapped | None:
    """`accented(text)` with the way back; None for the rare text whose lower case depends on its neighbours (Greek final sigma)."""
    out: list[str] = []
    starts, ends = array("l"), array("l")
    for start, end in _clusters(text):
        for char in unicodedata.normalize("NFC", text[start:end]).translate(_INVISIBLE).lower():
            if char.isspace():
                if not out or out[-1] == " ":
                    continue
                char = " "  # noqa: PLW2901  (every white space is one space)
            out.append(char)
            starts.append(start)
            ends.append(end)
    if out and out[-1] == " ":
        out.pop(), starts.pop(), ends.pop()
    made = "".join(out)
    return Mapped(made, text, starts, ends) if made == accented(text) else None
