"""From text to numbers: every piece is known by two, its bare letters and its accents, so that a text keeps its pieces without its accents.

`Nguoi` and `người` share the piece `nguoi`; the second also has the row of `người`. Pieces come from a BPE over bare letters.
Owns the reading of a text (`classifiers.normalise`), the two vocabularies and the way back to the original. Must not know the network.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from classifiers.normalise import deobfuscated, passes
from rasoat.assessments import Span
from rasoat.text import Mapped

Ints = npt.NDArray[np.int64]

SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNKNOWN, START, END, MASK = range(5)
LONGEST: Final = 256
"""Pieces of one window, two of them its ends. A window of 720 characters has some 170; what a wilder one has beyond is not read."""
_DIGITS: Final = str.maketrans("123456789", "000000000")
_LONE: Final = re.compile("[\ud800-\udfff]")
_LATIN: Final = range(0xC0, 0x1F00)


def _bare(code: int) -> int:
    if chr(code) == "đ":
        return ord("d")
    base = unicodedata.normalize("NFD", chr(code))[0]
    return ord(base) if base.isascii() and base.isalpha() else code


@lru_cache(maxsize=1)
def _table() -> dict[int, int]:
    return {code: _bare(code) for code in _LATIN if _bare(code) != code}


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """One text in pieces. `letters` and `accents` have the same length, ends included; `offsets` are ranges of `read.text`."""

    letters: list[int]
    accents: list[int]  # 0: no accent, or one that is not in the vocabulary
    offsets: list[tuple[int, int]]
    read: Mapped

    def span(self, first: int, last: int) -> Span:
        """The range of the ORIGINAL text from piece `first` to piece `last`, both included. The two ends have none."""
        return self.read.span(self.offsets[first][0], self.offsets[last][1])


def read(text: str) -> Mapped:
    """How the encoder reads a text: evasion undone, lower case, a letter repeated for feeling once, digits as 0; accents stay."""
    first = deobfuscated(_LONE.sub("\ufffd", text))
    mapped = passes.repeated_letters(passes.pictures(passes.clean(first.text)))
    even = mapped.text.translate(_DIGITS)
    if first.text is not text:
        mapped = first.then(mapped.text, mapped.starts, mapped.ends)
    return Mapped(even, text, mapped.starts, mapped.ends)


def bare(text: str) -> str:
    """Without accents, one character for one."""
    return text if text.isascii() else text.translate(_table())


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The BPE over bare letters, and the accented pieces. The row of an accented piece in the network's table is `size + its number`."""

    bpe: Tokenizer
    accented: dict[str, int]  # piece with its accents: its number, from 1

    @property
    def size(self) -> int:
        """Bare pieces."""
        return int(self.bpe.get_vocab_size())

    @property
    def rows(self) -> int:
        """Rows of the embedding table: bare pieces, "no accent", accented pieces."""
        return self.size + 1 + len(self.accented)

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """From the content of `tokenizer.json`.

        Raises:
            ValueError: it is not such a file.
        """
        try:
            facts = json.loads(text)
            bpe = tokenizer_from(json.dumps(facts["bare"]))
            return cls(bpe, {str(piece): number for number, piece in enumerate(facts["accented"], 1)})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a vocabulary: {error}") from error

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read `tokenizer.json`."""
        return cls.from_json(path.read_text(encoding="utf-8"))

    def to_json(self) -> str:
        """The content of `tokenizer.json`."""
        facts: dict[str, Any] = {"bare": json.loads(self.bpe.to_str()), "accented": list(self.accented)}
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":")) + "\n"

    def encode(self, texts: Sequence[str], longest: int = LONGEST) -> list[Pieces]:
        """Texts in pieces, each between `[CLS]` and `[SEP]`."""
        return self.encode_read([read(text) for text in texts], longest)

    def encode_read(self, readings: Sequence[Mapped], longest: int = LONGEST) -> list[Pieces]:
        """`encode` for texts that were read already."""
        return [
            self._pieces(reading, made.ids[: longest - 2], made.offsets[: longest - 2])
            for reading, made in zip(readings, self.bpe.encode_batch([bare(reading.text) for reading in readings]), strict=True)
        ]

    def _pieces(self, reading: Mapped, letters: list[int], offsets: list[tuple[int, int]]) -> Pieces:
        text, known = reading.text, self.accented
        accents = [0] * len(letters) if text.isascii() else [known.get(text[start:end], 0) for start, end in offsets]
        return Pieces([START, *letters, END], [0, *accents, 0], [(0, 0), *offsets, (0, 0)], reading)


def tokenizer_from(text: str) -> Tokenizer:
    """A tokenizer from its JSON.

    Raises:
        ValueError: it is none. (The library raises `Exception` itself, which nobody should have to catch.)
    """
    try:
        return Tokenizer.from_str(text)
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise ValueError(f"no tokenizer: {error}") from error


def padded(pieces: Sequence[Pieces]) -> tuple[Ints, Ints]:
    """Letters and accents, (texts, longest text), filled up with `PAD` and 0."""
    width = max(len(one.letters) for one in pieces)
    letters = np.full((len(pieces), width), PAD, dtype=np.int64)
    accents = np.zeros((len(pieces), width), dtype=np.int64)
    for row, one in enumerate(pieces):
        letters[row, : len(one.letters)] = one.letters
        accents[row, : len(one.accents)] = one.accents
    return letters, accents
