"""How recipes read a text: accented and folded views, words, and a few numbers about its shape.

Readings differ from serving's on purpose: nothing needs a way back to the original, so that more may be changed. Must not know labels.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.normalise.tables import TEENCODE
from rasoat.text import fold

Floats = npt.NDArray[np.float64]

_PICTURES: Final = re.compile("([\U0001f000-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff])")
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060-\u2064\ufe0f\ufeff\u00ad]")
_LINKS: Final = re.compile(r"https?://\S+|www\.\S+")
_REPEATED: Final = re.compile(r"(\D)\1{2,}")
_DIGIT: Final = re.compile(r"\d")
WORD: Final = re.compile(r"[^\W_]+|_link_|[^\w\s]")
"""Words, links and single marks."""


def accented(text: str) -> str:
    """Lower case, NFC, pictures as words, links as one word, digits as 0, a sign repeated three times or more twice."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFC", text).lower())
    plain = _LINKS.sub(" _link_ ", _PICTURES.sub(r" \1 ", plain))
    return " ".join(_REPEATED.sub(r"\1\1", _DIGIT.sub("0", plain)).split())


def folded(text: str) -> str:
    """`accented` without accents."""
    return fold(accented(text))


def spelled_out(text: str) -> str:
    """`accented` with the project's own teencode table read."""
    return " ".join(TEENCODE.get(word, word) for word in WORD.findall(accented(text)))


def words(text: str) -> list[str]:
    """Words and marks of the accented view; never empty."""
    return WORD.findall(accented(text)) or ["_"]


VIEWS: Final[Mapping[str, Callable[[str], str]]] = {"accented": accented, "folded": folded, "spelled": spelled_out}


def traits(texts: Sequence[str], common: Mapping[str, int], known: Mapping[str, int]) -> Floats:
    """(texts, 29) numbers on length, repetition, marks, case, and how usual the words are.

    `common`: word counts of the training texts; `known`: word counts of ordinary Vietnamese.
    """
    sums = (sum(common.values()) + 1, sum(known.values()) + 1)
    return np.array([_traits(text, common, known, sums) for text in texts], dtype=np.float64).reshape(len(texts), -1)


def counted(texts: Sequence[str]) -> Counter[str]:
    """Word counts."""
    return Counter(word for text in texts for word in words(text))


def _traits(text: str, common: Mapping[str, int], known: Mapping[str, int], sums: tuple[int, int]) -> list[float]:
    tokens = words(text)
    spoken = [word for word in tokens if word.isalpha()] or ["_"]
    pairs = list(pairwise(tokens))
    size, data = len(text) + 1, text.encode("utf-8", "replace")
    usual = [np.log((common.get(word, 0) + 0.5) / sums[0]) for word in tokens]
    ordinary = [np.log((known.get(word, 0) + 0.5) / sums[1]) for word in spoken]
    lengths = [len(word) for word in spoken]
    shares = [
        sum(char.isupper() for char in text) / size,
        sum(char.isdigit() for char in text) / size,
        sum(not char.isalnum() and not char.isspace() for char in text) / size,
        len(set(text)) / size,
        len(set(tokens)) / len(tokens),
        len(set(pairs)) / max(1, len(pairs)),
        len(zlib.compress(data)) / (len(data) + 1),
        float(np.mean([word not in known for word in spoken])),
        float(np.mean([fold(word) == word for word in spoken])),
        float(np.mean([word.isascii() for word in spoken])),
        float(np.mean([length == 1 for length in lengths])),
    ]
    marks = [text.count(mark) for mark in ("\n", "!", "?", "...", ":", "-", ",", "http", "0")]
    quotes = sum(text.count(mark) for mark in "\"'“‘")
    pictures = len(_PICTURES.findall(text))
    rest = [np.log(size), np.log(len(tokens)), np.mean(usual), np.min(usual), np.mean(ordinary), np.min(ordinary)]
    return [*shares, *marks, quotes, pictures, *map(float, rest), float(np.mean(lengths)), float(max(lengths))]
