"""Finds words however they are spelled: without marks, spaced out, dotted, with look-alike or invisible letters.

Owns folding and phrase matching for the deny-list. Knows nothing of what is denied.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_LEET: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_LOOKALIKE: Final = str.maketrans("аеорсухіјѕвнкмтԁɡαερουνκτιıłđðøß", "aeopcyxijsbhkmtdgaepouvktiilddos")
LONG: Final = 14
"""A phrase of so many letters does not occur by chance: it is found inside a run of letters too, with any marks."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to look for. `letters` are folded and squeezed; `marks` are the marks of each letter and `firsts` says
    which begin a word; `prefix`: more letters may follow."""

    written: str
    letters: str
    marks: tuple[frozenset[str], ...]
    firsts: tuple[bool, ...]
    prefix: bool


def fold(text: str) -> str:
    """Lower case, compatibility forms undone, no marks, no invisible characters, look-alike letters as Latin, đ as d."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    visible = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf", "Me"})
    return visible.translate(_LOOKALIKE)


def squeeze(text: str) -> str:
    """Folded letters and digits only (and the slash of instrument numbers): spacing, dots and dashes cannot hide a phrase."""
    return "".join(c for c in fold(text) if c.isalnum() or c == "/")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A folded letter, the marks it was written with, and whether a word begins with it."""

    base: str
    marks: frozenset[str]
    first: bool


@lru_cache(maxsize=4096)
def _parts(char: str) -> tuple[str, frozenset[str]]:
    """The folded letters of one character, and its marks."""
    bases = "".join(base for base in fold(char) if base.isalnum())
    return bases, frozenset(c for c in unicodedata.normalize("NFD", char) if unicodedata.combining(c))


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(c for c in text.casefold() if unicodedata.category(c) != "Cf"))


def _letters(text: str) -> list[_Letter]:
    found: list[_Letter] = []
    first = True
    for char in _composed(text):
        bases, marks = _parts(char)
        if not bases:
            first = first or not unicodedata.combining(char)
        for base in bases:
            found.append(_Letter(base, marks, first))
            first = False
    return found


def phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases of a text, parted by bars. A star at the end: more letters may follow."""
    found = []
    for written in (" ".join(part.split()) for part in text.split("|")):
        letters = _letters(written)
        found.append(
            Phrase(
                written,
                "".join(x.base for x in letters),
                tuple(x.marks for x in letters),
                tuple(x.first for x in letters),
                written.endswith("*"),
            )
        )
    return tuple(found)


def find(wanted: Iterable[Phrase], text: str) -> Phrase | None:
    """The first wanted phrase in the text as it is written, or as it reads with leet digits undone."""
    for reading in dict.fromkeys((text, text.translate(_LEET))):
        squeezed = "".join(_parts(char)[0] for char in _composed(reading))
        near = [phrase for phrase in wanted if phrase.letters in squeezed]
        letters = _letters(reading) if near else []
        for phrase in near:
            if _occurs(phrase, squeezed, letters):
                return phrase
    return None


def _occurs(phrase: Phrase, squeezed: str, letters: list[_Letter]) -> bool:
    start = squeezed.find(phrase.letters)
    while start >= 0:
        end = start + len(phrase.letters)
        if len(phrase.letters) >= LONG or (_whole(phrase, start, end, letters) and _compatible(phrase, letters[start:end])):
            return True
        start = squeezed.find(phrase.letters, start + 1)
    return False


def _whole(phrase: Phrase, start: int, end: int, letters: list[_Letter]) -> bool:
    """Whether the find begins and ends where words do: `chống phá` is no part of `chống phát tán`."""
    return letters[start].first and (phrase.prefix or end == len(letters) or letters[end].first)


def _compatible(phrase: Phrase, found: list[_Letter]) -> bool:
    """Whether no syllable has a mark that the phrase's has not: `dịch vụ không` is not `vu khống`, while `vu khong` may be.

    A tone may stand on another vowel of its syllable (`thóa`, `thoá`), so marks are compared syllable by syllable.
    """
    start = 0
    for end in [n for n, letter in enumerate(phrase.firsts) if letter and n] + [len(found)]:
        marks: frozenset[str] = frozenset().union(*phrase.marks[start:end])
        if not frozenset().union(*(letter.marks for letter in found[start:end])) <= marks:
            return False
        start = end
    return True
