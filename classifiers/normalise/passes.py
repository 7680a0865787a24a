"""The passes of the normaliser, each one a function from `Mapped` to `Mapped` on lower-case, accented text.

Order matters and stands in `classifiers.normalise.PASSES`: a pass may rely on what the earlier ones left. No pass knows a rule.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Final

from classifiers.normalise.tables import LEET, LOOKALIKES, SPOKEN_DOMAIN, TEENCODE
from rasoat.text import Mapped
from rasoat.text.fold import CharTable, fold, is_mark

_WORD: Final = re.compile(r"[^\W_]+")
_LETTER: Final = r"[^\W\d_]"
_SPACED: Final = re.compile(r"(?<![^\W_])[^\W_](?:[ ._\-*/|',~]{1,2}[^\W_]){2,60}(?![^\W_])")
_DOTTED_WORD: Final = re.compile(rf"(?<![^\W_]){_LETTER}{{1,6}}(?:[._\-*/|'~]{_LETTER}{{1,6}}){{1,8}}(?![^\W_])")
_PICTURES: Final = re.compile(r"(?<=\S)[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]{1,20}(?=\S)")
_REPEATED: Final = re.compile(rf"({_LETTER})\1{{2,200}}")
_LEET: Final = re.compile(rf"(?<={_LETTER})[013457@$!|](?=(?:[013457@$!|]?){_LETTER})")
_LEETED: Final = re.compile(rf"(?<={_LETTER}[013457@$!|])[013457@$!|](?={_LETTER})")
_ROUND: Final = re.compile(r"(?<=\d)o{1,6}(?![^\W\d_])")
_DOT: Final = re.compile(rf"(?: ?[(\[{{] ?(?:\.|dot|chấm|cham) ?[)\]}}] ?| (?:chấm|cham|dot) | \. | \.)(?={SPOKEN_DOMAIN}(?![^\W_]))")
_VNI: Final = re.compile(r"[a-zđ]{1,7}(?:[1-9]{1,3}[a-z]{0,3}){1,2}")
_TELEX_TONES: Final = "sfrxj"


def clean(text: str) -> Mapped:
    """Lower case, NFC, invisible marks dropped, look-alike letters read, white space squeezed. Accents stay."""
    even = _CLEAN.one_to_one(text) if unicodedata.is_normalized("NFC", text) else None
    if even is not None:
        return Mapped(even, text, range(len(text)), range(1, len(text) + 1))
    out: list[str] = []
    starts, ends = array("l"), array("l")
    i = 0
    while i < len(text):
        begin, letter = i, text[i]
        i += 1
        while i < len(text) and is_mark(text[i]):
            i += 1
        shown = _letters(unicodedata.normalize("NFC", text[begin:i]) if i - begin > 1 else letter)
        for char in shown:
            if char.isspace():
                if not out or out[-1] == " ":
                    if ends:
                        ends[-1] = i
                    continue
                char = " "  # noqa: PLW2901
            out.append(char)
            starts.append(begin)
            ends.append(i)
    if out and out[-1] == " ":
        out.pop(), starts.pop(), ends.pop()
    return Mapped("".join(out), text, starts, ends)


def _letters(cluster: str) -> str:
    if cluster.isascii():
        return cluster.lower()
    lower = unicodedata.normalize("NFC", cluster.lower())
    if len(lower) == 1:
        if lower in LOOKALIKES:
            return LOOKALIKES[lower]
        if unicodedata.category(lower) == "Cf":
            return ""
        compatible = unicodedata.normalize("NFKC", lower).lower()
        if compatible != lower and compatible.isascii() and compatible.isalnum():
            return compatible
    base = LOOKALIKES.get(lower[0])
    return unicodedata.normalize("NFC", base + lower[1:]) if base else lower


_CLEAN: Final = CharTable(_letters)


def _replace(mapped: Mapped, edits: Iterable[tuple[int, int, str]]) -> Mapped:
    """Put `new` for `text[start:end]`, edits in order and apart. Every new character answers for the whole replaced range."""
    parts: list[str] = []
    starts, ends = array("l"), array("l")
    at = 0

    def keep(until: int) -> None:
        parts.append(mapped.text[at:until])
        starts.extend(range(at, until))
        ends.extend(range(at + 1, until + 1))

    for start, end, new in edits:
        keep(start)
        parts.append(new)
        starts.extend([start] * len(new))
        ends.extend([end] * len(new))
        at = end
    if not parts:
        return mapped
    keep(len(mapped.text))
    return mapped.then("".join(parts), starts, ends)


def pictures(mapped: Mapped) -> Mapped:
    """Emoji inside a word vanish (`lừa🔥đảo` reads `lừađảo`, which `joined` parts again)."""
    gone = [(i, i + 1, "") for hit in _PICTURES.finditer(mapped.text) for i in range(*hit.span())]
    return _replace(mapped, gone)


def spoken_dots(mapped: Mapped) -> Mapped:
    """`abc chấm com`, `abc(.)com`, `abc . com` read `abc.com`."""
    return _replace(mapped, ((hit.start(), hit.end(), ".") for hit in _DOT.finditer(mapped.text)))


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
    return _replace(mapped, edits)


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
    for hit in _DOTTED_WORD.finditer(mapped.text):
        if fold("".join(filter(str.isalpha, hit.group()))) in vocabulary:
            edits += [(i, i + 1, "") for i in range(hit.start(), hit.end()) if not mapped.text[i].isalpha()]
    return _replace(mapped, edits)


def repeated_letters(mapped: Mapped) -> Mapped:
    """Three or more of one letter are one: `ngonnnn` reads `ngon`."""
    return _replace(mapped, ((hit.start(), hit.end(), hit.group(1)) for hit in _REPEATED.finditer(mapped.text)))


def leet_digits(mapped: Mapped) -> Mapped:
    """Digits and signs between two letters of one word: `nh4n t1ền` reads `nhan tiền`. `100k`, `3tr5`, `5g` stay; `1OO` is 100."""
    for pattern in (_LEET, _LEETED):
        mapped = _replace(mapped, ((hit.start(), hit.end(), LEET[hit.group()]) for hit in pattern.finditer(mapped.text)))
    zeros = [i for hit in _ROUND.finditer(mapped.text) for i in range(hit.start(), hit.end())]
    return _replace(mapped, ((i, i + 1, "0") for i in zeros))


def _by_word(mapped: Mapped, read: Callable[[str], str | None]) -> Mapped:
    edits = []
    for hit in _WORD.finditer(mapped.text):
        new = read(hit.group())
        if new is not None:
            edits.append((hit.start(), hit.end(), new))
    return _replace(mapped, edits)


def teencode(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """Table words, then `j` for i, `z` for d, `w` for qu, `f` for ph where that gives a word of the rules. Hosts and paths stay."""

    def read(word: str) -> str | None:
        if word in TEENCODE:
            return TEENCODE[word]
        if any(char in "jzwf" for char in word) and fold(word) not in vocabulary:
            for old, new in (("j", "i"), ("z", "d"), ("w", "qu"), ("f", "ph")):
                if old in word and fold(word.replace(old, new)) in vocabulary:
                    return word.replace(old, new)
        return None

    return _by_word(mapped, read)


def typed_accents(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """What an input method left behind: telex `tieenf luwaf`, VNI `tie62n lu72a`. Only where the bare word is one of the rules' words."""

    def read(word: str) -> str | None:
        if not word.isascii() or len(word) < 3 or fold(word) in vocabulary:
            return None
        bare = re.sub(r"[1-9]", "", word) if _VNI.fullmatch(word) else word
        if bare != word:
            return bare if bare in vocabulary and len(bare) > 1 else None
        plain = re.sub(r"([aeod])\1", r"\1", word).replace("w", "")
        if plain[-1:] in _TELEX_TONES and plain[:-1] in vocabulary and plain != word[:-1]:
            return plain[:-1]
        return plain if plain != word and plain in vocabulary else None

    return _by_word(mapped, read)


def joined(mapped: Mapped, vocabulary: frozenset[str]) -> Mapped:
    """Words written together (`ngânhàng`, `lienhezalo`) are parted where every part is a word of the rules."""
    edits: list[tuple[int, int, str]] = []
    for hit in _WORD.finditer(mapped.text):
        word = hit.group()
        if 5 <= len(word) <= 60 and word.isalpha():
            key = fold(word)
            cuts = _cuts(key, word, vocabulary) if key not in vocabulary and len(key) == len(word) else []
            edits += [(hit.start() + cut - 1, hit.start() + cut, word[cut - 1] + " ") for cut in cuts]
    return _replace(mapped, edits)


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
