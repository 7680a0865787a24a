"""Undoes evasion in a whole text: what stands between letters goes, broken words are mended, odd words are read.

Cheap where nothing is odd: a look at the characters and at the words, most of which are known. Knows no rule, and takes no vocabulary.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import Final

from classifiers.normalise.letters import clean, decoded, replaced, turned
from classifiers.normalise.numbers import compact, look_alikes, spoken
from classifiers.normalise.passes import another_scheme, pictures, repeated_letters, spoken_dots
from classifiers.normalise.readings import SURE, Kind, readings, sure_leet
from classifiers.normalise.words import toneless, words
from rasoat.text import Mapped

_WORD: Final = re.compile(r"[^\W_]+")
_TOKEN: Final = re.compile(r"[^\W_](?:[^\W_]|[@$!|](?=[^\W_])|[@$](?![^\W_]))*|[$@][^\W_]+")
_PLAIN: Final = frozenset(map(chr, range(32, 127))) | frozenset(
    "\n\t\r“”‘’…–—•àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
)
_PICTURE: Final = "\u2190-\u24b5\u24ea-\u2bff\ufe0f\U0001f000-\U0001f12f\U0001f18a-\U0001f1e5\U0001f200-\U0001faff"
_PICTURES: Final = re.compile(rf"[{_PICTURE}]")
_IN_WORD: Final = re.compile(r"[^\W\d_][._*'~|+=^`:;/\\\"#-][^\W\d_]|[^\W_]_[^\W_]")
_CODES: Final = re.compile(
    r"&#?\w{2,8};|%[0-9a-fA-F]{2}|[(\[{][^\W\d_][)\]}]|hxxp|[(\[{] ?(?:\.|dot|chấm|cham) ?[)\]}]| \.[ a-z]| chấm | cham | dot "
)
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W_](?:[ ._\-*/|',~+=^`:;\\\"#]{1,3}[^\W_]){2,400}(?![^\W_])")
_DOTTED: Final = re.compile(r"(?<![^\W_])[^\W\d_]{1,6}(?:[._\-*/|'~+=^`:;\\\"#][^\W\d_]{1,6}){1,8}(?![^\W_])")
_BRACKETS: Final = re.compile(r"(?:[(\[{<][^\W\d_][)\]}>]){2,40}")
_LEAST: Final = 2
_SHARE: Final = 0.12
"""A trick that ordinary words also look like is believed from two words and 12% of the text on."""


def worth(text: str) -> bool:
    """Whether a text has anything to undo, or may have: some 10 microseconds for a comment."""
    strange = set(text) - _PLAIN
    if strange and (not strange.isdisjoint("\u200b\u200d\u00ad") or not all(map(_PICTURES.match, strange))):
        return True
    lower = text.lower()
    if (strange and pictured(lower)) or _CODES.search(lower) or (_IN_WORD.search(lower) and _between(lower)):
        return True
    found = _WORD.findall(lower)
    odd = set(found) - words().known
    if any(readings(word) for word in odd) or any(sign in lower for sign in "@$!|"):
        return True
    return sum(len(word) == 1 for word in found) > 2 or _tripled(lower) or bool(_SPOKEN_NUMBER.search(lower))


_TRIPLED: Final = re.compile(r"([^\W\d_])\1\1")
_SPOKEN_NUMBER: Final = re.compile(
    r"(?:không|khong|chín|chin|ba|bảy|tám|o|0)\s+(?:ba|bảy|tám|chín|năm|hai|một|không|khong|chin|tam|bay|nam|mot)\b"
)


def _tripled(lower: str) -> bool:
    return _TRIPLED.search(lower) is not None


def pictured(lower: str) -> bool:
    """A picture inside a word."""
    return re.search(rf"[^\W_][{_PICTURE}]{{1,9}}[^\W_]", lower) is not None


def _between(lower: str) -> bool:
    return _SPACED.search(lower) is not None or _DOTTED.search(lower) is not None


@lru_cache(maxsize=2048)
def _short(text: str) -> Mapped:
    return _deobfuscated(text)


def deobfuscated(text: str) -> Mapped:
    """The text as it was meant to be read, lower case and NFC, or the text itself, letter for letter, where nothing was undone.

    `span` of the result leads back to what was written. Bounded: time grows with the length only.
    """
    return _short(text) if len(text) < 3000 else _deobfuscated(text)


def _deobfuscated(text: str) -> Mapped:
    if not worth(text):
        return Mapped.identity(text)
    made = undone(text)
    return Mapped.identity(text) if made.text == clean(text).text and made.text == " ".join(text.lower().split()) else made


def undone(text: str) -> Mapped:
    """Every pass, whether it looks needed or not; always lower case."""
    mapped = turned(decoded(Mapped.identity(text)))
    cleaned = clean(mapped.text)
    mapped = mapped.then(cleaned.text, cleaned.starts, cleaned.ends)
    mapped = brackets(mapped)
    mapped = pictures(mapped)
    mapped = another_scheme(spoken_dots(mapped))
    mapped = spaced(mapped)
    mapped = dotted(mapped)
    mapped = repeated_letters(mapped)
    mapped = broken(mapped, text)
    mapped = look_alikes(compact(spoken(mapped)))
    return read(mapped)


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
    """How far two letters stand apart: with a space among marks or without, and how wide in the original where there is nothing but space."""
    between = mapped.text[a + 1 : b]
    return " " in between, mapped.starts[b] - mapped.ends[a] if between.isspace() else 0


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
    for hit in _DOTTED.finditer(mapped.text):
        marks = [i for i in range(hit.start(), hit.end()) if not mapped.text[i].isalpha()]
        parts = re.split(r"[\W_]", hit.group())
        whole = "".join(parts)
        if _syllable(whole) and not all(part in known and len(part) > 1 for part in parts):
            edits += [(i, i + 1, "") for i in marks]
        elif all(part in words().rank for part in parts) and (not whole.isascii() or "." not in hit.group()):
            edits += [(i, i + 1, " ") for i in marks if mapped.text[i] != "'"]
    return replaced(mapped, edits)


def _syllable(word: str) -> bool:
    return word in words().rank or (not word.isascii() and toneless(word) in words().spelling)


def broken(mapped: Mapped, text: str) -> Mapped:
    """Words that a line break cuts (`kh` / `oản`); a space does so only where it happens again and again."""
    tokens = [(hit.start(), hit.end(), hit.group()) for hit in _WORD.finditer(mapped.text)]
    rank = words().rank
    lines: list[tuple[int, int, str]] = []
    gaps: list[tuple[int, int, str]] = []
    for (_, a_end, one), (b_start, _, other) in pairwise(tokens):
        if not mapped.text[a_end:b_start].isspace() or (lines and lines[-1][1] > a_end) or (gaps and gaps[-1][1] > a_end):
            continue
        if (one in rank and other in rank) or one + other not in rank or not (one + other).isalpha():
            continue
        split = text[mapped.ends[a_end - 1] : mapped.starts[b_start]]
        (lines if "\n" in split else gaps).append((a_end, b_start, ""))
    if len(gaps) < max(3, _SHARE * len(tokens)):
        gaps = []
    return replaced(mapped, sorted(lines + gaps))


def read(mapped: Mapped) -> Mapped:
    """Odd words by their readings: sure ones everywhere, the others where the text is full of their kind."""
    tokens = [(hit.start(), hit.end(), hit.group()) for hit in _TOKEN.finditer(mapped.text)]
    offers = [(start, end, word, dict(readings(word))) for start, end, word in tokens]
    counts = Counter(kind for word, found in {word: found for _, _, word, found in offers}.items() for kind in found if word)
    if not counts:
        return mapped
    least = max(_LEAST, _SHARE * len({word for _, _, word in tokens}))
    believed = [kind for kind, count in counts.most_common() if kind in SURE or count >= least]
    if Kind.BACKWARDS in believed and counts[Kind.BACKWARDS] < 0.3 * len(tokens):
        believed.remove(Kind.BACKWARDS)
    edits: list[tuple[int, int, str]] = []
    for start, end, word, found in offers:
        new = next((found[kind] for kind in believed if kind in found), None)
        if new is None and (Kind.LEET in found and sure_leet(word)):
            new = found[Kind.LEET]
        if new is None and Kind.SOUND in found and not word.isascii():
            new = found[Kind.SOUND]
        if new is None and Kind.DOUBLED in found and not word.isascii():
            new = found[Kind.DOUBLED]
        if new is not None and new != word:
            edits.append((start, end, new))
    return replaced(mapped, edits)


__all__ = ["deobfuscated", "undone", "worth"]
