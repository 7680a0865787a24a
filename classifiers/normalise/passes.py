"""The passes of the normaliser, each one a function from `Mapped` to `Mapped` on lower-case, accented text.

Order matters and stands in `classifiers.normalise.PASSES`: a pass may rely on what the earlier ones left. No pass knows a rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Final

from classifiers.normalise.letters import clean, replaced
from classifiers.normalise.tables import LEET, SPOKEN_DOMAIN, TEENCODE
from classifiers.normalise.words import words
from rasoat.text import Mapped, fold

_WORD: Final = re.compile(r"[^\W_]+")
_LETTER: Final = r"[^\W\d_]"
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W_](?:[ ._\-*/|',~]{1,2}[^\W_]){2,60}(?![^\W_])")
_DOTTED_WORD: Final = re.compile(rf"(?<![^\W_]){_LETTER}{{1,6}}(?:[._\-*/|'~]{_LETTER}{{1,6}}){{1,8}}(?![^\W_])")
_PICTURES: Final = re.compile(r"[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]{1,20}")
_PICTURED: Final = re.compile(rf"(?<![^\W_])[^\W_]{{1,60}}(?:{_PICTURES.pattern}[^\W_]{{1,60}}){{1,200}}")
_REPEATED: Final = re.compile(rf"(?!www\.|cccd)({_LETTER})\1{{2,200}}")
_LEET: Final = re.compile(rf"(?<={_LETTER})[013457@$!|](?=(?:[013457@$!|]?){_LETTER})")
_LEETED: Final = re.compile(rf"(?<={_LETTER}[013457@$!|])[013457@$!|](?={_LETTER})")
_ROUND: Final = re.compile(r"(?<=\d)o{1,6}(?![^\W\d_])")
_DOT: Final = re.compile(rf"(?: ?[(\[{{] ?(?:\.|dot|chấm|cham) ?[)\]}}] ?| (?:chấm|cham|dot) | \. | \.)(?={SPOKEN_DOMAIN}(?![^\W_]))")
_SCHEME: Final = re.compile(r"(?<![a-z])h ?(?:xx|tt|\*\*) ?p(?=s? ?:)")
_VNI: Final = re.compile(r"[a-zđ]{1,7}(?:[1-9]{1,3}[a-z]{0,3}){1,2}")
_KEPT: Final = 60
"""Letters of a word that is looked at: a longer one is none, and may not fill the memory with its reading."""
_TELEX_TONES: Final = "sfrxj"
_OF_TEENS: Final = frozenset("jzwf")
_LEET_OR_ROUND: Final = re.compile(rf"[013457@$!|](?<={_LETTER}.)[013457@$!|]?{_LETTER}|\do")
_MARK_INSIDE: Final = re.compile(rf"[._\-*/|'~](?<={_LETTER}.){_LETTER}")


__all__ = ["clean", "dotted_words", "joined", "leet_digits", "pictures", "repeated_letters", "spaced_letters", "spoken_dots", "teencode"]


def pictures(mapped: Mapped) -> Mapped:
    """Emoji inside a word vanish (`l🔥ừa` reads `lừa`); between two words they are a space (`lừa🔥đảo`)."""
    edits: list[tuple[int, int, str]] = []
    if _PICTURES.search(mapped.text) is None:
        return mapped
    rank = words().rank
    for hit in _PICTURED.finditer(mapped.text):
        parts = [part for part in _PICTURES.split(hit.group()) if part]
        apart = " " if "".join(parts) not in rank and all(part in rank for part in parts) else ""
        edits += [(hit.start() + a, hit.start() + b, apart) for a, b in (found.span() for found in _PICTURES.finditer(hit.group()))]
    return replaced(mapped, edits)


def spoken_dots(mapped: Mapped) -> Mapped:
    """`abc chấm com`, `abc(.)com`, `abc . com` read `abc.com`."""
    return replaced(mapped, ((hit.start(), hit.end(), ".") for hit in _DOT.finditer(mapped.text)))


def another_scheme(mapped: Mapped) -> Mapped:
    """`hxxp://` reads `http://`, and a space inside a scheme goes."""
    return replaced(mapped, ((hit.start(), hit.end(), "http") for hit in _SCHEME.finditer(mapped.text)))


def spaced_letters(mapped: Mapped, vocabulary: frozenset[str] = frozenset()) -> Mapped:
    """`l ừ a đ ả o`, `l.ừ.a` and `c-ư-ợ-c` lose what stands between the letters. Runs of digits only are left alone.

    Where one word ends is told by a wider gap (`v a y   n ó n g`), or else by the words of the rules: `n ổ h ũ` reads `nổ hũ`.
    """
    edits: list[tuple[int, int, str]] = []
    for hit in _SPACED.finditer(mapped.text):
        letters = [i for i in range(hit.start(), hit.end()) if mapped.text[i].isalnum()]
        if sum(mapped.text[i].isalpha() for i in letters) >= 3:
            ends = _word_ends(mapped, letters, vocabulary)
            edits += [(a + 1, b, " " if a in ends else "") for a, b in pairwise(letters)]
    return replaced(mapped, edits)


def _word_ends(mapped: Mapped, letters: list[int], vocabulary: frozenset[str]) -> frozenset[int]:
    """The letters of a spaced-out run after which a word ends."""
    gaps = {a: mapped.starts[b] - mapped.ends[a] for a, b in pairwise(letters)}
    if max(gaps.values()) > min(gaps.values()):
        return frozenset(a for a, gap in gaps.items() if gap > min(gaps.values()))
    word = "".join(mapped.text[i] for i in letters)
    key = fold(word)
    known = not word.isalpha() or len(key) != len(word) or key in vocabulary
    return frozenset() if known else frozenset(letters[cut - 1] for cut in _cuts(key, word, vocabulary))


def dotted_words(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """`c.á c.ư.ợ.c`, `n.gân h-àng`: marks inside a word go when what is left is a word of the rules."""
    edits: list[tuple[int, int, str]] = []
    if _MARK_INSIDE.search(mapped.text) is None:
        return mapped
    for hit in _DOTTED_WORD.finditer(mapped.text):
        if fold("".join(filter(str.isalpha, hit.group()))) in vocabulary:
            edits += [(i, i + 1, "") for i in range(hit.start(), hit.end()) if not mapped.text[i].isalpha()]
    return replaced(mapped, edits)


def repeated_letters(mapped: Mapped) -> Mapped:
    """Three or more of one letter are one: `ngonnnn` reads `ngon`."""
    return replaced(mapped, ((hit.start(), hit.end(), hit.group(1)) for hit in _REPEATED.finditer(mapped.text)))


def leet_digits(mapped: Mapped) -> Mapped:
    """Digits and signs between two letters of one word: `nh4n t1ền` reads `nhan tiền`. `100k`, `3tr5`, `5g` stay; `1OO` is 100."""
    if _LEET_OR_ROUND.search(mapped.text) is None:
        return mapped
    for pattern in (_LEET, _LEETED):
        mapped = replaced(mapped, ((hit.start(), hit.end(), LEET[hit.group()]) for hit in pattern.finditer(mapped.text)))
    zeros = [i for hit in _ROUND.finditer(mapped.text) for i in range(hit.start(), hit.end())]
    return replaced(mapped, ((i, i + 1, "0") for i in zeros))


def by_word(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """`typed_accents`, then `teencode`, in one walk over the words."""
    return _by_word(mapped, lambda word: _read(word, vocabulary) if len(word) <= _KEPT else None)


def typed_accents(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """What an input method left behind: telex `tieenf luwaf`, VNI `tie62n lu72a`. Only where the bare word is one of the rules' words."""
    return _by_word(mapped, lambda word: _typed(word, vocabulary))


def teencode(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """Table words, then `j` for i, `z` for d, `w` for qu, `f` for ph where that gives a word of the rules. Hosts and paths stay."""
    return _by_word(mapped, lambda word: _teen(word, vocabulary))


def _by_word(mapped: Mapped, read: Callable[[str], str | None]) -> Mapped:
    new = {word: made for word in set(_WORD.findall(mapped.text)) if (made := read(word)) is not None}
    if not new:
        return mapped
    return replaced(mapped, ((hit.start(), hit.end(), new[hit.group()]) for hit in _WORD.finditer(mapped.text) if hit.group() in new))


@lru_cache(maxsize=32768)
def _read(word: str, vocabulary: frozenset[str]) -> str | None:
    typed = _typed(word, vocabulary)
    teen = _teen(word if typed is None else typed, vocabulary)
    return typed if teen is None else teen


def _typed(word: str, vocabulary: frozenset[str]) -> str | None:
    if not word.isascii() or len(word) < 3 or word in vocabulary:  # ASCII in small letters is its own fold
        return None
    bare = re.sub(r"[1-9]", "", word) if _VNI.fullmatch(word) else word
    if bare != word:
        return bare if bare in vocabulary and len(bare) > 1 else None
    plain = re.sub(r"([aeod])\1", r"\1", word).replace("w", "")
    if plain[-1:] in _TELEX_TONES and plain[:-1] in vocabulary and plain != word[:-1]:
        return plain[:-1]
    return plain if plain != word and plain in vocabulary else None


def _teen(word: str, vocabulary: frozenset[str]) -> str | None:
    if word in TEENCODE:
        return TEENCODE[word]
    if not _OF_TEENS.isdisjoint(word) and fold(word) not in vocabulary:
        for old, new in (("j", "i"), ("z", "d"), ("w", "qu"), ("f", "ph")):
            if old in word and fold(word.replace(old, new)) in vocabulary:
                return word.replace(old, new)
    return None


def joined(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """Words written together (`ngânhàng`, `lienhezalo`) are parted where every part is a word of the rules."""
    cuts = {word: found for word in set(_WORD.findall(mapped.text)) if 4 < len(word) <= _KEPT and (found := _parts(word, vocabulary))}
    if not cuts:
        return mapped
    edits: list[tuple[int, int, str]] = []
    for hit in _WORD.finditer(mapped.text):
        word = hit.group()
        edits += [(hit.start() + cut - 1, hit.start() + cut, word[cut - 1] + " ") for cut in cuts.get(word, ())]
    return replaced(mapped, edits)


@lru_cache(maxsize=32768)
def _parts(word: str, vocabulary: frozenset[str]) -> tuple[int, ...]:
    """Where a word that is none is parted."""
    if word in vocabulary or not word.isalpha():
        return ()
    key = fold(word)
    return tuple(_cuts(key, word, vocabulary)) if key not in vocabulary and len(key) == len(word) else ()


def _cuts(key: str, word: str, vocabulary: frozenset[str]) -> list[int]:
    """Where to part a word; empty when not every part is a known word of two letters or more.

    Fewest parts first; a part whose accents are known too is worth two that only look alike (`cá cược`, not `các ược`).
    """
    best: list[tuple[int, int] | None] = [(0, 0)] + [None] * len(key)
    for end in range(2, len(key) + 1):
        for start in range(max(0, end - 7), end - 1):
            before, here = best[start], best[end]
            if before is not None and key[start:end] in vocabulary:
                cost = before[0] + (2 if word[start:end] in vocabulary else 3)
                if here is None or cost <= here[0]:
                    best[end] = (cost, start)
    cuts: list[int] = []
    at = len(key)
    while at and (step := best[at]) is not None:
        at = step[1]
        cuts.append(at)
    return [cut for cut in reversed(cuts) if cut] if cuts and at == 0 else []
