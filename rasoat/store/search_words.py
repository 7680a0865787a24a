"""The words of a text as the search indexes hold them: folded, and exact beside it. Pure: knows no query, no SQL, no server.

Folded: accents and đ gone. Exact: as written, in lower case, with its accents; where the tone mark stands (`hoà`, `hòa`) is a habit of
spelling and makes no difference. An exact token begins with `=`, so that no folded one ever equals it and both can lie in one index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from rasoat.text import fold_mapped

TONES: Final = {"\u0300": "<", "\u0301": ">", "\u0303": "~", "\u0309": "^", "\u0323": "|"}
"""The five tone marks of Vietnamese, as they stand in an exact token: after `=`, before the letters."""
MARKERS: Final = "=" + "".join(TONES.values())
TOKEN: Final = re.compile(r"[^\W_]+")
"""A word: letters and digits."""
_PIECE: Final = re.compile(r"[^\s!-/:-@\[-`{-~]+")
"""What stands between white space and ASCII punctuation: no word reaches over those. Folded and cut further one by one."""
_CACHE_LIMIT: Final = 100_000
_CACHED_LENGTH: Final = 64


class Word(NamedTuple):
    """One word in both forms."""

    folded: str
    exact: str


class _Cache(dict[str, tuple[Word, ...]]):
    """The words of each piece as it was written: a text's words are seldom new. Threads may share it: at worst both work one out."""

    def __missing__(self, piece: str) -> tuple[Word, ...]:
        made = tuple(_read(piece))
        if len(piece) <= _CACHED_LENGTH:
            if len(self) >= _CACHE_LIMIT:
                self.clear()
            self[piece] = made
        return made


_CACHE: Final = _Cache()


def exact_of(written: str) -> str:
    """The exact token of one written word."""
    parts = unicodedata.normalize("NFD", written.lower())
    tones = "".join(sorted({TONES[part] for part in parts if part in TONES}))
    letters = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
    return f"={tones}{''.join(letter for letter in letters if letter.isalnum())}"


def words(text: str) -> list[Word]:
    """All words of a text in order: runs of letters and digits. A microsecond for four of them."""
    return list(chain.from_iterable(map(_CACHE.__getitem__, _PIECE.findall(text))))


def tokens(text: str) -> list[str]:
    """The folded words alone."""
    return [word.folded for word in words(text)]


def both(text: str) -> tuple[str, str]:
    """All folded words, and all exact ones, joined by spaces."""
    found = words(text)
    return " ".join([word.folded for word in found]), " ".join([word.exact for word in found])


def _read(text: str) -> Iterator[Word]:
    mapped = fold_mapped(text)
    for match in TOKEN.finditer(mapped.text):
        yield Word(match.group(), exact_of(mapped.span(match.start(), match.end()).of(text)))
