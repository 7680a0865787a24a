"""What is a word: the syllables of the language by frequency, and the foreign words that everybody writes. Owns no reading of odd ones."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from classifiers.normalise.syllables import BY_FREQUENCY, FOREIGN_WORDS, OF_ONLINE_TALK
from rasoat.text import fold

TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
LONGEST: Final = 7
"""Letters of the longest syllable, `nghiêng`."""
FOREIGN: Final = frozenset(FOREIGN_WORDS.split())
"""Words that are right as they stand: no reading is looked for. Own list."""
ONLINE: Final = tuple(OF_ONLINE_TALK.split())
"""Syllables that online talk uses more than an encyclopaedia does. Own list: where two ways to part letters vie, these win."""


_ALONE: Final = frozenset("ạáàýởờừổợủồ")
"""Words of one letter that may stand in a row of joined ones: with a mark, which a letter left over has not."""


@dataclass(frozen=True, slots=True)
class Words:
    """Every known word, in four shapes."""

    known: frozenset[str]  # accented ones, bare ones and foreign ones, lower case
    rank: dict[str, int]  # accented syllables, and what a bare one most often stands for
    spelling: dict[tuple[str, str], str]  # (letters without tone, tone): where the tone belongs
    accented: frozenset[str]  # syllables as they are written, some without any mark
    only_bare: frozenset[str]  # what no syllable is without its marks: `khong`, `duoc`
    toned: frozenset[str]  # syllables with a tone mark

    def segment(self, word: str) -> list[str]:
        """A row of joined syllables, parted where commonest words come out; empty when it is none. Linear in the length."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(word) + 1):
            here = (math.inf, 0)
            for start in range(max(0, end - LONGEST), end):
                before = best[start][0]
                if before < here[0]:
                    part = word[start:end]
                    rank = self.rank.get(part, 2500 if part in FOREIGN else None)
                    if rank is not None and (end - start > 1 or part in _ALONE):
                        cost = before + math.log(rank + 30)
                        here = min(here, (cost, start))
            best.append(here)
        if best[-1][0] == math.inf:
            return []
        parts: list[str] = []
        at = len(word)
        while at:
            parts.append(word[best[at][1] : at])
            at = best[at][1]
        return parts[::-1]


def toneless(word: str) -> tuple[str, str]:
    """The letters without their tones, and the tones."""
    spread = unicodedata.normalize("NFD", word)
    tone = "".join(char for char in spread if char in TONES)
    return unicodedata.normalize("NFC", "".join(char for char in spread if char not in TONES)), tone


@lru_cache(maxsize=1)
def words() -> Words:
    """Made at the first call: some 30 ms."""
    rank: dict[str, int] = {}
    spelling: dict[tuple[str, str], str] = {}
    for place, word in enumerate([*BY_FREQUENCY.split(), *ONLINE]):
        if "oo" in word and word not in ("boong", "xoong", "moóc", "goòng", "soóc", "coóc"):
            continue  # the keys of `ô` in telex
        rank.setdefault(word, place)
        bare, tone = toneless(word)
        if tone:
            spelling.setdefault((bare, tone), word)
    accented = frozenset(rank)
    rank |= {word: min(rank[word], 150) for word in ONLINE}
    toned = frozenset(word for word in accented if toneless(word)[1])
    for word, place in list(rank.items()):
        rank.setdefault(fold(word), place + 3000)  # a bare form is a guess
    common = frozenset(word for word, place in rank.items() if place < 2500)
    only_bare = frozenset(map(fold, common)) - {word for word in accented if rank[word] < 3500} - FOREIGN
    return Words(frozenset(rank) | FOREIGN | frozenset(map(fold, FOREIGN)), rank, spelling, accented, only_bare, toned)
