"""What an odd word may have been meant as, one word at a time: input-method keys, digits for letters, sounds, doubled or joined letters.

A reading is a proposal with its kind. Whether kinds that ordinary words also look like are believed is decided over the whole text
(`classifiers.normalise.undo`). Words are lower case and NFC. Owns no table of whole words, and knows no rule.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final

from classifiers.normalise.letters import backwards
from classifiers.normalise.tables import LEET, LEET_MORE, VIETNAMESE_MARKS
from classifiers.normalise.words import LONGEST, toneless, words
from rasoat.text import fold


class Kind(StrEnum):
    """Which trick a reading undoes."""

    TONE = "tone"  # the tone on the wrong vowel
    DOUBLED = "doubled"
    FOREIGN = "foreign"  # täï khöän
    TELEX = "telex"
    VNI = "vni"
    LEET = "leet"
    SOUND = "sound"  # kủa, zễ, wá
    BACKWARDS = "backwards"
    JOINED = "joined"
    JOINED_BARE = "joined, without accents"


SURE: Final = frozenset({Kind.TONE, Kind.JOINED})
"""Believed wherever they are found; the others need company."""
MOST: Final = 400
"""Letters of a word that is looked at; longer ones are not kept in memory either."""
_TELEX_TONE: Final = dict(zip("fsrxj", "\u0300\u0301\u0309\u0303\u0323", strict=True))
_VNI_TONE: Final = dict(zip("21345", "\u0300\u0301\u0309\u0303\u0323", strict=True))
_VNI_MARK: Final = {"6": "\u0302", "7": "\u031b", "8": "\u0306"}
_VNI: Final = re.compile(r"[a-z]{1,6}\d[a-z\d]{0,7}")
_SOUNDS: Final = (
    ("dz", ("d", "v", "gi")),
    ("z", ("d", "gi", "v", "r")),
    ("j", ("gi", "d", "ch")),
    ("f", ("ph",)),
    ("w", ("qu", "q", "o", "u")),
    ("ck", ("ch",)),
    ("k", ("c", "qu", "kh")),
    ("q", ("qu", "c", "k")),
    ("g", ("ng", "ngh", "gh")),
    ("p", ("ph",)),
)
_ENDS: Final = (("k", ("c", "ch")), ("ck", ("ch",)), ("g", ("ng",)), ("q", ("c",)), ("h", ("nh",)), ("j", ("i",)), ("nk", ("nh",)))


def readings(word: str) -> tuple[tuple[Kind, str], ...]:
    """Every reading of a word, at most one a kind; none for a known word, or where nothing known comes out."""
    return _readings(word) if len(word) <= MOST else ()


@lru_cache(maxsize=32768)
def _readings(word: str) -> tuple[tuple[Kind, str], ...]:
    if word in words().known or word.isdigit():
        return ()
    made: list[tuple[Kind, str | None]] = []
    if word.isalpha():
        made.append((Kind.TONE, _toned(word)))
        made.append((Kind.FOREIGN, _foreign(word)))
        made.append((Kind.DOUBLED, _single(word)))
        made.append((Kind.TELEX, _telex(word)))
        made.append((Kind.SOUND, _sound(word)))
        made.append((Kind.BACKWARDS, _backwards(word)))
        if not any(reading for _, reading in made):
            made.append((Kind.JOINED_BARE if word.isascii() else Kind.JOINED, _joined(word)))
    else:
        made.append((Kind.VNI, _vni(word)))
        made.append((Kind.LEET, leet(word)))
    return tuple((kind, reading) for kind, reading in made if reading)


def _toned(word: str) -> str | None:
    """The tone where the dictionary puts it: `taì`, `cuả`."""
    if word.isascii() or len(word) > LONGEST:
        return None
    bare, tone = toneless(word)
    return words().spelling.get((bare, tone[:1])) if tone else None


def _foreign(word: str) -> str | None:
    """Marks that no Vietnamese letter has: the bare word, whose accents are anybody's guess."""
    if word.isascii() or len(word) > LONGEST:
        return None
    spread = unicodedata.normalize("NFD", word)
    odd = any(unicodedata.category(char) == "Mn" and char not in VIETNAMESE_MARKS for char in spread) or re.search(
        "[ncsz][\u0300-\u036f]", spread
    )
    bare = fold(word)
    return bare if odd and bare in words().known else None


def _single(word: str) -> str | None:
    """`lừaa`, `nggân`: doubled letters once."""
    if len(word) > 2 * LONGEST:
        return None
    once = "".join(char for char, _ in itertools.groupby(word))
    return once if once != word and len(once) > 1 and once in words().known else None


def _spelt(bare: str, tone: str) -> str | None:
    """The syllable of these letters with this tone."""
    if tone:
        return words().spelling.get((bare, tone))
    return bare if bare in words().accented else None


def _telex(word: str) -> str | None:
    if not word.isascii() or not 2 < len(word) <= LONGEST + 4:
        return None
    for tones in _tone_keys(word):
        made = re.sub(r"dd", "đ", tones[0])
        made = re.sub(r"uow|uwow|uwo", "ươ", made)
        made = re.sub(r"([aeo])\1", lambda hit: unicodedata.normalize("NFC", hit.group(1) + "\u0302"), made)
        made = re.sub(r"[aou]w", lambda hit: {"a": "ă", "o": "ơ", "u": "ư"}[hit.group()[0]], made)
        made = re.sub(r"a(.{1,2})w$", r"ă\1", made)  # the key after the whole syllable
        if made == word:
            continue
        found = _spelt(made, tones[1])
        if found:
            return found
    return None


def _tone_keys(word: str) -> list[tuple[str, str]]:
    """The word without each key that may have been meant as its tone, and that tone; without any first."""
    made = [(word, "")]
    for at in range(len(word) - 1, 0, -1):
        tone = _TELEX_TONE.get(word[at])
        if tone and re.search("[aeiouyw]", word[:at]):
            made.append((word[:at] + word[at + 1 :], tone))
    return made


def _vni(word: str) -> str | None:
    if not word.isascii() or len(word) > LONGEST + 4 or not _VNI.fullmatch(word):
        return None
    letters: list[str] = []
    tone = ""
    for char in word:
        if char in _VNI_TONE and not tone:
            tone = _VNI_TONE[char]
        elif char == "9" and "d" in letters:
            letters[letters.index("d")] = "đ"
        elif char in _VNI_MARK:
            at = next((n for n in range(len(letters) - 1, -1, -1) if letters[n][0] in "aeou"), None)
            if at is None:
                return None
            letters[at] += _VNI_MARK[char]
            if char == "7" and at and letters[at][0] == "o" and letters[at - 1] == "u":
                letters[at - 1] += _VNI_MARK[char]
        elif char.isdigit():
            return None
        else:
            letters.append(char)
    bare = unicodedata.normalize("NFC", "".join(letters))
    found = _spelt(bare, tone)
    return found if found else words().spelling.get((bare.replace("uơ", "ươ"), tone))


def leet(word: str) -> str | None:
    """Digits and signs as letters, where they make a known word: bare, for a digit says nothing of accents."""
    if len(word) > LONGEST + 2:
        return None
    choices = [LEET_MORE.get(char, char) for char in word]
    if sum(len(choice) > 1 for choice in choices) > 4:
        return None
    found: list[tuple[int, str]] = []
    known, rank = words().known, words().rank
    for made in itertools.product(*choices):
        whole = "".join(made)
        whole = whole if whole in known else fold(whole)
        if whole in known:
            found.append((rank.get(whole, 9000), whole))
    return min(found, default=(0, None))[1]


def _sound(word: str) -> str | None:
    """The commonest syllable that sounds like this."""
    if len(word) > LONGEST + 1 or (word.isascii() and len(word) < 3):
        return None
    rank = words().rank
    starts = {word} | {new + word[len(old) :] for old, news in _SOUNDS if word.startswith(old) for new in news}
    both = starts | {start[: -len(old)] + new for start in starts for old, news in _ENDS if start.endswith(old) for new in news}
    both |= {one.replace("j", "i") for one in both if "j" in one}
    found = [one for one in both - {word} if one in rank]
    return min(found, key=rank.__getitem__, default=None)


def _backwards(word: str) -> str | None:
    if not 1 < len(word) <= LONGEST:
        return None
    turned = backwards(word)
    return turned if turned in words().rank else None


def _joined(word: str) -> str | None:
    """Syllables written together. Bare letters could be a word of any language, which is why theirs is a kind of its own."""
    if len(word) < (6 if word.isascii() else 3) or fold(word) in words().rank:
        return None
    parts = words().segment(word)
    return " ".join(parts) if len(parts) > 1 else None


def sure_leet(word: str) -> bool:
    """Whether a digit or sign stands between two letters, which prices, sizes and names of things do not."""
    return bool(re.search(r"[^\W\d_][" + re.escape("".join(LEET)) + r"]{1,2}[^\W\d_]", word))
