"""Undoes evasion in a whole text: what stands between letters goes, broken words are mended, odd words are read.

Cheap where nothing is odd: a look at the characters and at the words, most of which are known. Knows no rule, and takes no vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from classifiers.normalise.between import between, brackets, broken, dotted, spaced, unquoted, without_pictures
from classifiers.normalise.glance import ADDRESS, PICTURE, Glance
from classifiers.normalise.letters import clean, decoded, turned
from classifiers.normalise.numbers import compact, look_alikes, spoken
from classifiers.normalise.passes import another_scheme, pictures, repeated_letters, spoken_dots
from classifiers.normalise.quotes import strewn_quotes
from classifiers.normalise.readings import readings
from classifiers.normalise.tables import PLAIN
from classifiers.normalise.wording import even, read, uneven
from rasoat.text import Mapped

_STRANGE: Final = re.compile(f"[^{re.escape(''.join(sorted(PLAIN)))}]")
_PICTURES: Final = re.compile(rf"[{PICTURE}]")
LONGEST: Final = 200_000
"""Characters that are read, as many as rules and models look at: what comes after is not in the result."""


def worth(text: str) -> bool:
    """Whether a text has anything to undo, or may have: some 10 microseconds for a comment."""
    return _strange(text) or _odd(Glance(_lower(text)))


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _strange(text: str) -> bool:
    """Characters that no ordinary text has, and pictures where they may be in the way."""
    if _STRANGE.search(text) is None:
        return False
    strange = set(text) - PLAIN
    if not strange.isdisjoint("\u200b\u200d\u00ad") or not all(map(_PICTURES.match, strange)):
        return True
    return pictured(_lower(text)) or 3 <= len(_PICTURES.findall(text)) >= 0.15 * text.count(" ")


def _odd(seen: Glance) -> bool:
    """Marks inside words, odd words, accents that are half there, cut lines: in lower case."""
    lower = seen.text
    if seen.codes() or (seen.marks_inside() and between(lower)) or not seen.marks.isdisjoint("@$!|"):
        return True
    bare = Glance(ADDRESS.sub(" ", lower)) if "/" in seen.marks else seen
    if any(map(readings, bare.odd)) or bare.singles() > 2 or seen.tripled() or (not lower.isascii() and uneven(bare.different)):
        return True
    if ('"' in seen.marks and strewn_quotes(lower)) or ("\n" in seen.marks and (_CUT.search(lower) or (bare.odd and _LINES.search(lower)))):
        return True
    return not seen.different.isdisjoint(_FIRST_NUMBERS) and _SPOKEN_NUMBER.search(lower) is not None


_CUT: Final = re.compile(
    r"[^\W\d_]\n(?:ng|nh|ch|[nmctp])(?![^\W_])|(?<![^\W_])(?:ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdđghklmnprstvx])\n[^\W\d_]"
)
_LINES: Final = re.compile(r"[^\W\d_]\n[^\W\d_]")
_SPOKEN_NUMBER: Final = re.compile(
    r"(?:không|khong|chín|chin|ba|bảy|tám|o|0)\s+(?:ba|bảy|tám|chín|năm|hai|một|không|khong|chin|tam|bay|nam|mot)\b"
)

_FIRST_NUMBERS: Final = frozenset({"không", "khong", "chín", "chin", "ba", "bảy", "tám", "o", "0"})


def pictured(lower: str) -> bool:
    """A picture inside a word."""
    return re.search(rf"[^\W_][{PICTURE}]{{1,9}}[^\W_]", lower) is not None


_SHORT: Final = 3000
_LONG: Final = 20_000
_KEPT: Final = {_SHORT: 2048, _LONG: 64, LONGEST: 2}
"""How many texts of up to so many characters are remembered: rules, models and reasons ask one after the other."""


@lru_cache(maxsize=_KEPT[_SHORT])
def _short(text: str) -> Mapped:
    return _deobfuscated(text)


@lru_cache(maxsize=_KEPT[_LONG])
def _long(text: str) -> Mapped:
    return _deobfuscated(text)


@lru_cache(maxsize=_KEPT[LONGEST])
def _longest(text: str) -> Mapped:
    return _deobfuscated(text)


def deobfuscated(text: str) -> Mapped:
    """The text as it was meant to be read, lower case and NFC, or the text itself, letter for letter, where nothing was undone.

    `span` of the result leads back to what was written. Bounded: up to `LONGEST`.
    """
    if len(text) < _SHORT:
        return _short(text)
    return _long(text) if len(text) < _LONG else _longest(text[:LONGEST])


def _deobfuscated(text: str) -> Mapped:
    seen = Glance(_lower(text))
    if not (_strange(text) or _odd(seen)):
        return Mapped.identity(text)
    cleaned = clean(text)
    made = _undone(text, cleaned, seen)
    return Mapped.identity(text) if made.text == cleaned.text and made.text == " ".join(text.lower().split()) else made


def undone(text: str) -> Mapped:
    """Every pass, whether it looks needed or not; always lower case."""
    cleaned = clean(text)
    return _undone(text, cleaned, Glance(cleaned.text))


def _undone(text: str, cleaned: Mapped, seen: Glance) -> Mapped:
    """`seen`: a look at a text, of which use is made where it is the one that is needed."""
    mapped = turned(decoded(Mapped.identity(text)))
    if mapped.text != text:
        cleaned = clean(mapped.text)
    mapped = mapped.then(cleaned.text, cleaned.starts, cleaned.ends)
    mapped, seen = _parted(mapped, seen.of(mapped.text))
    mapped, seen = _counted(mapped, seen)
    if seen.tripled():
        mapped = repeated_letters(mapped)
    mapped = broken(mapped, text, seen.of(mapped.text))
    seen = seen.of(mapped.text)
    if seen.pictured():
        mapped = without_pictures(mapped)
    if seen.quoted():
        mapped = unquoted(mapped)
    seen = seen.of(mapped.text)
    mapped = read(mapped, seen)
    return even(mapped, seen.of(mapped.text))


def _parted(mapped: Mapped, seen: Glance) -> tuple[Mapped, Glance]:
    """What stands between the letters of a word goes, and addresses are written as such."""
    if seen.bracketed():
        mapped = brackets(mapped)
    if seen.pictured():
        mapped = pictures(mapped)
    seen = seen.of(mapped.text)
    if seen.spoken_dots():
        mapped = spoken_dots(mapped)
    if seen.another_scheme():
        mapped = another_scheme(mapped)
    seen = seen.of(mapped.text)
    if seen.spaced():
        mapped = spaced(mapped)
        seen = seen.of(mapped.text)
    if seen.marks_inside():
        mapped = dotted(mapped)
    return mapped, seen.of(mapped.text)


def _counted(mapped: Mapped, seen: Glance) -> tuple[Mapped, Glance]:
    """Numbers that are written around a filter."""
    if seen.spoken_number():
        mapped = spoken(mapped)
    seen = seen.of(mapped.text)
    if seen.singles() > 7:
        mapped = compact(mapped)
    seen = seen.of(mapped.text)
    if seen.digits_of_letters():
        mapped = look_alikes(mapped)
    return mapped, seen.of(mapped.text)


__all__ = ["deobfuscated", "undone", "worth"]
