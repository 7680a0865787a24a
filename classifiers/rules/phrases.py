"""Phrases: how the words of a rule file become something to look for, and whether written words carry the same accents."""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache
from typing import Final

from classifiers.rules.nodes import Accents, Phrase
from rasoat.text import fold

WORD: Final = re.compile(r"[^\W_]+")
_VIETNAMESE_MARKS: Final = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
"""Grave, acute, circumflex, tilde, breve, hook, horn, dot below. Any other (`täng`) is decoration that hides a word."""
_KEPT: Final = 60
"""Letters of a word whose marks are remembered."""
UNKNOWN: Final = "?"
"""Stands for whatever accents the rule wants."""
_GROUP: Final = re.compile(r"\(([^()]*\)\??)")
MOST_FORMS: Final = 4096
"""Most phrases that the brackets of one line may unfold to."""


def marks(word: str) -> str:
    """The diacritics of a word, sorted, so that `toà` and `tòa` agree; đ counts as one. Foreign marks give `UNKNOWN`."""
    if word.isascii():
        return ""
    return _marks(word) if len(word) <= _KEPT else _marks.__wrapped__(word)


@lru_cache(maxsize=65536)
def _marks(word: str) -> str:
    found = []
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _VIETNAMESE_MARKS:
            found.append(char)
        elif unicodedata.category(char) == "Mn":
            return UNKNOWN
        elif char == "đ":
            found.append("-")
    return "".join(sorted(found))


def unfold(line: str) -> list[str]:
    """`(nhận|lấy) tiền (ngay)?` is four phrases.

    Raises:
        ValueError: brackets that do not pair, or too many forms.
    """
    parts = _GROUP.split(line)
    if any("(" in part or ")" in part for part in parts[::2]):
        raise ValueError("brackets do not pair, or stand inside each other")
    choices = [[part] for part in parts]
    for i, group in enumerate(parts[1::2]):
        choices[2 * i + 1] = group.rstrip(")?").split("|") + ([""] if group.endswith("?") else [])
    if len(parts) > 1 and ((parts[-2].endswith("?") and not parts[-1].strip()) or (parts[1].endswith("?") and not parts[0].strip())):
        raise ValueError("a word that may be left out changes nothing at the end of a phrase: leave it out")
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_FORMS:
        raise ValueError(f"this line unfolds to {count} phrases, more than {MOST_FORMS}")
    return [" ".join("".join(form).split()) for form in itertools.product(*choices)]


_key = lru_cache(maxsize=65536)(fold)


def phrase(written: str) -> Phrase | None:
    """One phrase; None when no word is left. `=` in front asks for exactly these accents."""
    exact = written.startswith("=")
    text = unicodedata.normalize("NFC", written.lstrip("=").strip().lower())
    words = WORD.findall(text)
    if not words:
        return None
    word_marks = tuple(marks(word) for word in words)
    accents = Accents.ONLY if exact else Accents.AUTO if any(word_marks) else Accents.OFF
    return Phrase(tuple(map(_key, words)), word_marks, accents, text)


def agrees(wanted: Phrase, written: tuple[str, ...], *, accented_text: bool) -> bool:
    """Whether words in the text, given by their marks, are the ones meant.

    In a text that uses diacritics a bare word is a word of its own (`cho` is not `chó`); in one that does not, it may be any.
    """
    if wanted.accents is Accents.OFF:
        return True
    if wanted.accents is Accents.ONLY:
        return written == wanted.marks
    return all(have in (want, UNKNOWN) or (not have and not accented_text) for have, want in zip(written, wanted.marks, strict=True))
