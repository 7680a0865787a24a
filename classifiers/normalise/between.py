"""What stands between the letters of a word goes: marks, spaces, brackets, line breaks, pictures and quotation marks.

Each of these passes looks through the whole text; `Glance` tells whether it is worth it. Knows no rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from itertools import pairwise
from operator import add
from typing import Final

from classifiers.normalise.glance import ADDRESS, PICTURE, WORD, Glance
from classifiers.normalise.letters import replaced
from classifiers.normalise.quotes import strewn_quotes
from classifiers.normalise.words import FOREIGN, toneless, words
from rasoat.text import Mapped

_SPACED: Final = re.compile(r"(?<![^\W_])[^\W_](?:[ ._\-*/|',~+=^`:;\\#]{1,3}[^\W_]){2,400}(?![^\W_])")
_DOTTED: Final = re.compile(r"(?<![^\W_])[^\W\d_]{1,6}(?:[._\-*/|'~+=^`:;\\\"#][^\W\d_]{1,6}){1,8}(?![^\W_])")
_BRACKETS: Final = re.compile(r"(?:[(\[{<][^\W\d_][)\]}>]){2,40}")
_WIDE: Final = 99
_STREWN: Final = re.compile(rf"(?<=\w) ?[{PICTURE}]{{1,9}} ?(?=\w)| [{PICTURE}]{{1,9}} ")
_SHARE: Final = 0.12
"""Spaces inside words are believed where 12% of the words are so cut."""


def between(lower: str) -> bool:
    """Whether something stands between letters."""
    return _SPACED.search(lower) is not None or _DOTTED.search(lower) is not None


def brackets(mapped: Mapped) -> Mapped:
    """`[l][ừ][a]` reads `lừa`."""
    edits = [(i, i + 1, "") for hit in _BRACKETS.finditer(mapped.text) for i in range(*hit.span()) if not mapped.text[i].isalpha()]
    return replaced(mapped, edits)


def spaced(mapped: Mapped) -> Mapped:
    """`l ừ a  đ ả o`, `l.ừ.a đ.ả.o`: the wider gap parts words; where all are alike, the dictionary does."""
    edits: list[tuple[int, int, str]] = []
    for hit in _SPACED.finditer(mapped.text):
        at = [i for i in range(hit.start(), hit.end()) if mapped.text[i].isalnum()]
        if sum(mapped.text[i].isalpha() for i in at) < 3:
            continue
        gaps = [(a, b, _gap(mapped, a, b)) for a, b in pairwise(at)]
        least = min(gap for _, _, gap in gaps)
        if all(gap == least for _, _, gap in gaps):
            ends = _word_ends("".join(mapped.text[i] for i in at), at)
            edits += [(a + 1, b, " " if a in ends else "") for a, b, _ in gaps]
        else:
            edits += [(a + 1, b, "" if gap == least else " ") for a, b, gap in gaps]
    return replaced(mapped, edits)


def _gap(mapped: Mapped, a: int, b: int) -> tuple[bool, int]:
    """How far two letters stand apart: with or without a space, and how wide a plain one is in the original."""
    between = mapped.text[a + 1 : b]
    if " " not in between:
        return False, 0
    return True, mapped.starts[b] - mapped.ends[a] if between.isspace() else _WIDE


def _word_ends(word: str, at: list[int]) -> frozenset[int]:
    """Where words end in evenly spaced letters."""
    parts = [word] if word in words().known else words().segment(word)
    ends, place = set(), -1
    for part in parts[:-1]:
        place += len(part)
        ends.add(at[place])
    return frozenset(ends)


def dotted(mapped: Mapped) -> Mapped:
    """Marks inside a syllable go (`c.á`, `kh-oản`); marks between syllables are spaces (`lừa_đảo`), but for what may be an address."""
    edits: list[tuple[int, int, str]] = []
    known = words().accented
    addresses = [hit.span() for hit in ADDRESS.finditer(mapped.text)] if "/" in mapped.text else []
    for hit in _DOTTED.finditer(mapped.text):
        before = bisect_right(addresses, (hit.start(), len(mapped.text))) - 1
        if before >= 0 and hit.start() < addresses[before][1]:
            continue
        marks = [i for i in range(hit.start(), hit.end()) if not mapped.text[i].isalpha()]
        parts = re.split(r"[\W_]", hit.group())
        whole = "".join(parts)
        if (_syllable(whole) or (whole in words().known and len(whole) > 3)) and not all(part in known and len(part) > 1 for part in parts):
            edits += [(i, i + 1, "") for i in marks]
        elif all(part in words().rank for part in parts) and (not whole.isascii() or "." not in hit.group()):
            edits += [(i, i + 1, " ") for i in marks if mapped.text[i] != "'"]
    return replaced(mapped, edits)


def _syllable(word: str) -> bool:
    return word in words().rank or (not word.isascii() and toneless(word) in words().spelling)


@lru_cache(maxsize=1)
def joinable() -> frozenset[str]:
    """What two halves may make."""
    return frozenset(words().rank) | frozenset(word for word in FOREIGN if len(word) > 3)


def _halved(seen: Glance, *, everywhere: bool) -> bool:
    """Whether two neighbours make a word; one of them must be none, but `everywhere`."""
    found, whole = seen.found, joinable()
    if everywhere:
        return any(map(whole.__contains__, map(add, found, found[1:])))
    halves = seen.different.difference(words().rank)
    at = [i for i, word in enumerate(found) if word in halves] if halves else []
    return any((i and found[i - 1] + found[i] in whole) or "".join(found[i : i + 2]) in whole for i in at)


def broken(mapped: Mapped, text: str, seen: Glance) -> Mapped:
    """Words that a line break cuts (`kh` / `oản`); a space does so only where it happens again and again."""
    if not _halved(seen, everywhere="\n" in text):
        return mapped
    tokens = [(hit.start(), hit.end(), hit.group()) for hit in WORD.finditer(mapped.text)]
    lines: list[tuple[int, int, str]] = []  # surely cut by a line break
    maybe: list[tuple[int, int, str]] = []
    gaps: list[tuple[int, int, str]] = []
    rank = words().rank
    for (_, a_end, one), (b_start, _, other) in pairwise(tokens):
        whole = rank.get(one + other, 2500 if len(one + other) > 3 and one + other in FOREIGN else None)
        if whole is None or not mapped.text[a_end:b_start].isspace() or not (one + other).isalpha():
            continue
        parts = max(rank.get(one, 9999), rank.get(other, 9999))
        if "\n" in text[mapped.ends[a_end - 1] : mapped.starts[b_start]]:
            (lines if parts == 9999 or one in ("gi", "qu") else maybe if parts > whole else []).append((a_end, b_start, ""))
        elif parts == 9999:
            gaps.append((a_end, b_start, ""))
    edits = lines + (maybe if lines else []) + (gaps if len(gaps) >= max(3, _SHARE * len(tokens)) else [])
    return replaced(mapped, sorted(edits))


def without_pictures(mapped: Mapped) -> Mapped:
    """Pictures strewn between words go where there is one for every five words."""
    strewn = list(_STREWN.finditer(mapped.text))
    if len(strewn) < max(3, 0.2 * (mapped.text.count(" ") - 2 * len(strewn))):
        return mapped
    return replaced(mapped, ((hit.start(), hit.end(), " ") for hit in strewn))


def unquoted(mapped: Mapped) -> Mapped:
    """Quotation marks around single words all over a text quote nothing."""
    edits: list[tuple[int, int, str]] = []
    for start, end in strewn_quotes(mapped.text):
        edits += [(start, start + 1, ""), (end - 1, end, "")]
    return replaced(mapped, edits)
