"""The words of a text as the search indexes hold them: folded, and exact beside it. Pure: knows no query, no SQL, no server.

Folded: accents and đ gone. Exact: as written, in lower case, with its accents; where the tone mark stands (`hoà`, `hòa`) is a habit of
spelling and makes no difference. An exact token begins with `=`, so that no folded one ever equals it and both can lie in one index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from operator import itemgetter
from typing import Final, NamedTuple

from rasoat.text import fold_mapped

TONES: Final = {"\u0300": "<", "\u0301": ">", "\u0303": "~", "\u0309": "^", "\u0323": "|"}
"""The five tone marks of Vietnamese, as they stand in an exact token: after `=`, before the letters."""
MARKERS: Final = "=" + "".join(TONES.values())
TOKEN: Final = re.compile(r"[^\W_]+")
"""A word: letters and digits."""
_CACHE_LIMIT: Final = 100_000
_CACHED_LENGTH: Final = 64


class Word(NamedTuple):
    """One word in both forms."""

    folded: str
    exact: str


class _Piece(NamedTuple):
    """What stands between white space, which no word reaches over: its words, and both forms of them joined by spaces."""

    words: tuple[Word, ...]
    folded: str
    exact: str


class _Cache(dict[str, _Piece]):
    """Each piece as it was written: a text's words are seldom new. Threads may share it: at worst both work one out."""

    def __missing__(self, written: str) -> _Piece:
        found = tuple(_read(written))
        made = _Piece(found, " ".join(word.folded for word in found), " ".join(word.exact for word in found))
        if len(written) <= _CACHED_LENGTH:
            if len(self) >= _CACHE_LIMIT:
                self.clear()
            self[written] = made
        return made


_CACHE: Final = _Cache()
_FOLDED, _EXACT = itemgetter(1), itemgetter(2)


def exact_of(written: str) -> str:
    """The exact token of one written word."""
    parts = unicodedata.normalize("NFD", written.lower())
    tones = "".join(sorted({TONES[part] for part in parts if part in TONES}))
    letters = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
    return f"={tones}{''.join(letter for letter in letters if letter.isalnum())}"


def words(text: str) -> list[Word]:
    """All words of a text in order: runs of letters and digits."""
    return [word for piece in text.split() for word in _CACHE[piece].words]


def tokens(text: str) -> list[str]:
    """The folded words alone."""
    return [word.folded for word in words(text)]


def both(text: str) -> tuple[str, str]:
    """All folded words, and all exact ones, joined by spaces. A microsecond for ten of them."""
    pieces = [*map(_CACHE.__getitem__, text.split())]
    return " ".join(filter(None, map(_FOLDED, pieces))), " ".join(filter(None, map(_EXACT, pieces)))


def _read(text: str) -> Iterator[Word]:
    mapped = fold_mapped(text)
    for match in TOKEN.finditer(mapped.text):
        yield Word(match.group(), exact_of(mapped.span(match.start(), match.end()).of(text)))
