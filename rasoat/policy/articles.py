"""Finds instruments, article numbers and clauses in the fields of a legal ground, however they are written.

Owns reading of citations. Knows nothing of which of them are denied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from rasoat.policy.wording import fold, squeeze

_ARTICLE: Final = re.compile(
    r"(?:\b(?:cac\s+)?dieu|\bdd?\.|\bd(?=\s?\d)|\bart(?:icle)?s?\b\.?|§+)\s*(?:so\s*)?((?:\d+[a-z]?(?:\s*(?:,|;|–|—|-|\.\.\.?|&|/|to|den|va|and|and)\s*)*)+)"
)
_CLAUSE: Final = re.compile(r"(?:khoan|clauses?|paragraphs?|para\.?|k\.)\s*((?:\d+\s*(?:,|;|&|va|and)?\s*)+)|\((\d+)\)")
_RANGE: Final = re.compile(r"(\d+)\s*(?:-|–|—|\.\.\.?|to|den)\s*(\d+)")
_SPACED_DIGITS: Final = re.compile(r"(?<![\w])(?:\d[\s._·-]){2,}\d(?!\w)")
SEPARATORS: Final = " .-_·•,"
MAX_RANGE: Final = 200


def respaced(text: str) -> str:
    """Folded; where nearly every letter stands alone, the letters put together again."""
    folded = fold(text)
    for separator in SEPARATORS:
        parts = folded.split(separator)
        if len(parts) > 4 and sum(len(part) <= 1 for part in parts) >= 0.8 * len(parts):
            return re.sub(r"\s+", " ", "".join(part or " " for part in parts))
    return folded


def named(name: str, squeezed: str, text: str) -> bool:
    """Whether an instrument is named. `name` is squeezed letters, or `number/year`; `squeezed` is `squeeze(text)`."""
    if not name[0].isdigit():
        return name in squeezed
    number, year = name.split("/")[:2]  # 15/2020 must not be found inside 115/2020; "15-2020" and "15 of 2020" count
    pattern = rf"(?<!\d)0*{number}\s*(?:/|-|_|\.|\s|of|nam)+\s*{re.escape(year)}(?!\d)"
    return re.search(pattern, fold(text)) is not None


def numbers(article: str, texts: tuple[str, ...], names: tuple[str, ...], *, anywhere: bool) -> set[int]:
    """Every article number in the fields of a ground.

    All numbers of `article`; in `texts` those after a word for "article", those that end an id, and, with `anywhere`,
    all numbers of a text that names the instrument.
    """
    found = set(_numbers(_without_clauses(_joined(article))))
    for text in texts:
        folded = _joined(text)
        for match in _ARTICLE.finditer(folded):
            found |= set(_numbers(match[1]))
        if anywhere and any(named(name, squeeze(text), text) for name in names):
            found |= set(_numbers(_without_instrument(folded)))
    return found | _id_numbers(texts)


def clauses(texts: Iterable[str]) -> set[int]:
    """Every clause number in the texts."""
    found: set[int] = set()
    for text in texts:
        for match in _CLAUSE.finditer(fold(text)):
            found |= set(_numbers(match[1] or match[2]))
    return found


def _id_numbers(texts: tuple[str, ...]) -> set[int]:
    """Numbers that end an id such as VN-BLHS-331."""
    return {int(match[1]) for text in texts if (match := re.fullmatch(r"[A-Za-z][\w-]*?-(\d{1,3})[a-z]?", text.strip()))}


def _without_instrument(folded: str) -> str:
    return re.sub(r"\d+\s*/\s*(?:19|20)\d\d(?:/[\w-]+)?", " ", folded)


def _joined(text: str) -> str:
    """Folded, with digits that were spaced out put together: `3 3 1` is 331."""
    return _SPACED_DIGITS.sub(lambda match: re.sub(r"\D", "", match[0]), fold(text))


def _without_clauses(folded: str) -> str:
    return _CLAUSE.sub(" ", _without_instrument(folded))


def _numbers(text: str) -> Iterator[int]:
    for low, high in _RANGE.findall(text):
        if 0 < int(high) - int(low) <= MAX_RANGE:
            yield from range(int(low), int(high) + 1)
    yield from (int(number) for number in re.findall(r"\d{1,4}", text))
