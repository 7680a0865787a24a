"""Undoes evasion in a whole text: what stands between letters goes, broken words are mended, odd words are read.

Cheap where nothing is odd: a look at the characters and at the words, most of which are known. Knows no rule, and takes no vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from operator import add
from typing import Final

from classifiers.normalise.glance import PICTURE, WORD, Glance
from classifiers.normalise.letters import backwards, clean, decoded, replaced, turned
from classifiers.normalise.numbers import compact, look_alikes, spoken
from classifiers.normalise.passes import another_scheme, pictures, repeated_letters, spoken_dots
from classifiers.normalise.quotes import strewn_quotes
from classifiers.normalise.readings import SURE, Kind, leet, readings, sure_leet
from classifiers.normalise.words import FOREIGN, toneless, words
from rasoat.text import Mapped, fold

_TOKEN: Final = re.compile(r"[^\W_](?:[^\W_]|[@$!|](?=[^\W_])|[@$](?![^\W_]))*|(?<![^\W_])[$@|!][^\W_]+")
_PLAIN: Final = frozenset(map(chr, range(32, 127))) | frozenset(
    "\n\t\r“”‘’…–—•àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
)
_STRANGE: Final = re.compile(f"[^{re.escape(''.join(sorted(_PLAIN)))}]")
_PICTURES: Final = re.compile(rf"[{PICTURE}]")
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W_](?:[ ._\-*/|',~+=^`:;\\#]{1,3}[^\W_]){2,400}(?![^\W_])")
_DOTTED: Final = re.compile(r"(?<![^\W_])[^\W\d_]{1,6}(?:[._\-*/|'~+=^`:;\\\"#][^\W\d_]{1,6}){1,8}(?![^\W_])")
_RIDER: Final = re.compile("[\u0300-\u0323]")
_BRACKETS: Final = re.compile(r"(?:[(\[{<][^\W\d_][)\]}>]){2,40}")
LONGEST: Final = 200_000
"""Characters that are read, as many as rules and models look at: what comes after is not in the result."""
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)[^\s]{1,300}|[a-z0-9.\-]{1,80}\.[a-z]{2,10}/[^\s]{0,300}")
_WIDE: Final = 99
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


def worth(text: str) -> bool:
    """Whether a text has anything to undo, or may have: some 10 microseconds for a comment."""
    return _strange(text) or _odd(Glance(_lower(text)))


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()


def _strange(text: str) -> bool:
    """Characters that no ordinary text has, and pictures where they may be in the way."""
    if _STRANGE.search(text) is None:
        return False
    strange = set(text) - _PLAIN
    if not strange.isdisjoint("\u200b\u200d\u00ad") or not all(map(_PICTURES.match, strange)):
        return True
    return pictured(_lower(text)) or 3 <= len(_PICTURES.findall(text)) >= 0.15 * text.count(" ")


def _odd(seen: Glance) -> bool:
    """Marks inside words, odd words, accents that are half there, cut lines: in lower case."""
    lower = seen.text
    if seen.codes() or (seen.marks_inside() and _between(lower)) or not seen.marks.isdisjoint("@$!|"):
        return True
    bare = Glance(_ADDRESS.sub(" ", lower)) if "/" in seen.marks else seen
    if any(map(readings, bare.odd)) or bare.singles() > 2 or seen.tripled() or (not lower.isascii() and uneven(bare.different)):
        return True
    if ('"' in seen.marks and strewn_quotes(lower)) or ("\n" in seen.marks and (_CUT.search(lower) or (bare.odd and _LINES.search(lower)))):
        return True
    return not seen.different.isdisjoint(_FIRST_NUMBERS) and _SPOKEN_NUMBER.search(lower) is not None


_STREWN: Final = re.compile(rf"(?<=\w) ?[{PICTURE}]{{1,9}} ?(?=\w)| [{PICTURE}]{{1,9}} ")
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


def _between(lower: str) -> bool:
    return _SPACED.search(lower) is not None or _DOTTED.search(lower) is not None


@lru_cache(maxsize=2048)
def _short(text: str) -> Mapped:
    return _deobfuscated(text)


def deobfuscated(text: str) -> Mapped:
    """The text as it was meant to be read, lower case and NFC, or the text itself, letter for letter, where nothing was undone.

    `span` of the result leads back to what was written. Bounded: up to `LONGEST`.
    """
    return _short(text) if len(text) < 3000 else _deobfuscated(text[:LONGEST])


def _deobfuscated(text: str) -> Mapped:
    seen = Glance(_lower(text))
    strange = _strange(text)
    if not (strange or _odd(seen)):
        return Mapped.identity(text)
    cleaned = clean(text) if strange else _cleaned(text, seen)
    made = _undone(text, cleaned, seen)
    if made.text == cleaned.text and (cleaned.text is seen.text or made.text == " ".join(text.lower().split())):
        return Mapped.identity(text)
    return made


def _cleaned(text: str, seen: Glance) -> Mapped:
    """`clean(text)`, at once where nothing but capitals is to be cleaned."""
    lower = seen.text
    even = len(lower) == len(text) and seen.marks.isdisjoint("\n\t\r") and "  " not in lower and lower == lower.strip()
    if even and _STRANGE.search(text) is None and _RIDER.search(lower) is None and unicodedata.is_normalized("NFC", text):
        return Mapped(lower, text, range(len(text)), range(1, len(text) + 1))
    return clean(text)


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
    addresses = [hit.span() for hit in _ADDRESS.finditer(mapped.text)] if "/" in mapped.text else []
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
    bare = seen.of(_ADDRESS.sub(" ", mapped.text)) if seen.addresses() else seen
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


__all__ = ["deobfuscated", "undone", "worth"]
