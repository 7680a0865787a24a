"""Odd words of a text by their readings, and accents that are half there. Whether a trick is believed is decided over the whole text.

What one word may mean stands in `classifiers.normalise.readings`. Knows no rule.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from classifiers.normalise.glance import ADDRESS, Glance
from classifiers.normalise.letters import backwards, replaced
from classifiers.normalise.readings import SURE, Kind, leet, readings, sure_leet
from classifiers.normalise.words import words
from rasoat.text import Mapped, fold

_TOKEN: Final = re.compile(r"[^\W_](?:[^\W_]|[@$!|](?=[^\W_])|[@$](?![^\W_]))*|(?<![^\W_])[$@|!][^\W_]+")
_WHOLE: Final = 0.3
_UNIT: Final = re.compile(
    r"[.,:/\-%]?\d|[%$]| ?(?:k|tr|trieu|nghin|ngan|ty|d|dong|usd|h|gio|phut|ngay|thang|nam|tuoi|do|lan|nguoi|cai|con|m|g|kg|so)\b"
)
"""What follows a number that is one."""
_MISSING: Final = 0.04
"""Share of words that are no words without their marks, from which on a text that has marks counts as half-accented."""
_LEAST: Final = 2
_SHARE: Final = 0.12
"""A trick that ordinary words also look like is believed from two words and 12% of the text on."""


def read(mapped: Mapped, seen: Glance) -> Mapped:
    """Odd words by their readings: sure ones everywhere, the others where the text is full of their kind."""
    tokens = _tokens(mapped.text) if seen.signs() else None
    if tokens is None:
        different, odd = len(seen.different), [word for word in seen.found if word in seen.odd]
    else:
        different, odd = len({word for _, _, word in tokens}), [word for _, _, word in tokens if word not in words().known]
    found = {word: dict(offers) for word in odd if (offers := readings(word))}
    counts = Counter(kind for offers in found.values() for kind in offers)
    if not counts:
        return mapped
    share = {kind: count / different for kind, count in counts.items()}
    believed = [kind for kind, count in counts.most_common() if kind in SURE or (count >= _LEAST and share[kind] >= _SHARE)]
    if share.get(Kind.BACKWARDS, 0) < 0.3 and Kind.BACKWARDS in believed:
        believed.remove(Kind.BACKWARDS)
    whole = believed[0] if believed and share[believed[0]] >= _WHOLE else None
    chosen = {word: new for word, offers in found.items() if (new := _chosen(word, offers, believed)) is not None}
    if not chosen and whole not in (Kind.BACKWARDS, Kind.LEET):
        return mapped
    edits: list[tuple[int, int, str]] = []
    for start, end, word in _tokens(mapped.text) if tokens is None else tokens:
        new = chosen.get(word)
        if new is None and word not in found:
            new = _dragged_along(word, whole, mapped.text[end : end + 12])
        if new is not None and new != word:
            edits.append((start, end, new))
    return replaced(mapped, edits)


def _tokens(text: str) -> list[tuple[int, int, str]]:
    signs = sum(map(text.count, "@$!|")) > 2
    return [_token(hit, text, signs=signs) for hit in _TOKEN.finditer(text)]


def _token(hit: re.Match[str], text: str, *, signs: bool) -> tuple[int, int, str]:
    """A word, with the `!` or `|` behind it where that stands for a letter: `ch!`, not `khoa!`."""
    start, end, word = hit.start(), hit.end(), hit.group()
    if end < len(text) and text[end] in "!|" and (signs or word not in words().known) and readings(word + text[end]):
        return start, end + 1, word + text[end]
    return start, end, word


def _chosen(word: str, found: dict[Kind, str], believed: list[Kind]) -> str | None:
    for kind in believed:
        if kind in found:
            return found[kind]
    if Kind.LEET in found and sure_leet(word):
        return found[Kind.LEET]
    if not word.isascii():
        return found.get(Kind.SOUND, found.get(Kind.DOUBLED))
    return None


def _dragged_along(word: str, whole: Kind | None, behind: str) -> str | None:
    """What a word that is right by itself says in a text where everything is turned round, or all letters are digits."""
    if whole is Kind.BACKWARDS and len(word) > 1 and (turned_round := backwards(word)) in words().known:
        return turned_round
    if whole is Kind.LEET and word.isdigit() and 1 < len(word) < 5 and not _UNIT.match(fold(behind)):
        return leet(word)
    return None


def even(mapped: Mapped, seen: Glance) -> Mapped:
    """A text whose accents are half there loses them all: half-accented words agree with nothing, bare ones with their like."""
    if mapped.text.isascii():
        return mapped
    bare = seen.of(ADDRESS.sub(" ", mapped.text)) if seen.addresses() else seen
    if not uneven(bare.syllables()):
        return mapped
    return Mapped(fold_even(mapped.text), mapped.original, mapped.starts, mapped.ends)


def uneven(found: Iterable[str]) -> bool:
    """Whether a text drops the accents of some words and keeps those of others, or keeps the marks of vowels but no tones."""
    different = set(found)
    if len(different) < 4:
        return False
    missing, toned = len(different & words().only_bare), len(different & words().toned)
    if missing < _MISSING * len(different) and toned >= 0.2 * len(different):
        return False  # as nearly every text with accents
    accented = [word for word in different if not word.isascii()]
    if not accented:
        return False
    if missing >= _MISSING * len(different):
        return missing > 0
    return len(accented) >= 4 and toned < 0.2 * len(accented)


def fold_even(text: str) -> str:
    """Without accents, a character for a character."""
    return text.translate(_bare_table())


@lru_cache(maxsize=1)
def _bare_table() -> dict[int, str]:
    return {ord(char): fold(char) for word in words().accented for char in word if not char.isascii()}
