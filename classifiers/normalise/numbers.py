"""Numbers written around a filter: in words (`không chín …`), with letters for digits (`O9Ol…`). Only long runs: years and prices stay."""

from __future__ import annotations

import re
from typing import Final

from classifiers.normalise.letters import replaced
from rasoat.text import Mapped

_DIGITS: Final[dict[str, str]] = {
    **dict.fromkeys(["không", "khong", "ko", "o", "zero"], "0"),
    **dict.fromkeys(["một", "mốt", "mot"], "1"),
    "hai": "2",
    "ba": "3",
    **dict.fromkeys(["bốn", "bon", "tư"], "4"),
    **dict.fromkeys(["năm", "lăm", "nam", "lam"], "5"),
    **dict.fromkeys(["sáu", "sau"], "6"),
    **dict.fromkeys(["bảy", "bẩy", "bay"], "7"),
    **dict.fromkeys(["tám", "tam"], "8"),
    **dict.fromkeys(["chín", "chin"], "9"),
}
NUMBERS: Final = frozenset(_DIGITS)
"""Words that may be a digit."""
_ONE: Final = "|".join(sorted(map(re.escape, _DIGITS), key=len, reverse=True))
_SPOKEN: Final = re.compile(rf"(?<![^\W_])(?:{_ONE}|\d{{1,4}})(?:[ ,.\-]{{1,3}}(?:{_ONE}|\d{{1,4}})){{5,24}}(?![^\W_])")
_PART: Final = re.compile(r"[^\W_]+")
_ALIKE: Final = str.maketrans("oqlisbzg", "00115826")
_MIXED: Final = re.compile(r"(?<![^\W_.@/-])[+]?[\doqlisbzg](?:[ .\-]?[\doqlisbzg]){6,14}(?![^\W_@/]|[.\-][a-z])")
_LIKE_PHONE: Final = re.compile(r"[0o][ .\-]?[35789sbzg](?:[ .\-]?[\doqlisbzg]){8}")
_SINGLES: Final = re.compile(r"(?<![^\W_.,])\d(?:([ .\-_*/|])\d)(?:\1\d){6,13}(?![^\W_])")
_LEAST: Final = 8
"""Digits of the shortest number that anybody would be called by, or paid at."""


def spoken(mapped: Mapped) -> Mapped:
    """`không chín không không …` reads `0900…`: from eight digits on, and only where most of them are words."""
    edits: list[tuple[int, int, str]] = []
    for hit in _SPOKEN.finditer(mapped.text):
        parts = _PART.findall(hit.group())
        said = [_DIGITS.get(part, part) for part in parts]
        number = "".join(said)
        if len(number) >= _LEAST and sum(part in _DIGITS for part in parts) * 2 >= len(parts) and len(set(number)) > 1:
            edits.append((hit.start(), hit.end(), number))
    return replaced(mapped, edits)


def compact(mapped: Mapped) -> Mapped:
    """`0.9.0.0.…` and `0 9 0 0 …`, digit by digit, are one number."""
    edits: list[tuple[int, int, str]] = []
    for hit in _SINGLES.finditer(mapped.text):
        edits += [(i, i + 1, "") for i in range(*hit.span()) if not mapped.text[i].isdigit()]
    return replaced(mapped, edits)


def look_alikes(mapped: Mapped) -> Mapped:
    """`o9ool2s8o1` reads `0900125801`: letters for digits where at least three digits, and no more letters than that, say so."""
    edits: list[tuple[int, int, str]] = []
    for hit in _MIXED.finditer(mapped.text):
        found = hit.group()
        digits, letters = sum(map(str.isdigit, found)), sum(map(str.isalpha, found))
        looks = letters <= 3 * digits or bool(_LIKE_PHONE.match(found))
        if (
            letters
            and digits >= (1 if _LIKE_PHONE.match(found) and found.count("o") > 2 else 2)
            and digits + letters >= _LEAST
            and looks
            and found[0] in "+0o8"
        ):
            edits += [(hit.start() + i, hit.start() + i + 1, char.translate(_ALIKE)) for i, char in enumerate(found) if char.isalpha()]
    return replaced(mapped, edits)
