"""Hashed n-grams of a whole batch at once, in numpy: no Python per n-gram. Owns the hash; the same code trains and serves.

A batch of texts is one array of code points, each text between two spaces. An n-gram is known by the position where it starts, so that
a position's score is the sum of the weights that start there: totals by text and explanations come from the same array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

SIZES: Final = (2, 3, 4, 5)
"""Character n-grams inside words with their edges (sklearn's char_wb): the classic range of the README's linear baseline."""
BITS: Final = 19
"""2^19 rows of twelve bytes: 6 MB, and four 64-bit words a row in memory."""
DUMMY: Final = 1 << BITS
"""The row of zeros: where n-grams that do not count point to."""
SALTS: Final = {"folded": 0x9E3779B1, "accented": 0x85EBCA77, "word": 0xC2B2AE3D}
_SPACE: Final = 32
_ZERO: Final = 48
_STEP: Final = np.uint32(0x01000193)  # FNV's prime
_MIX: Final = np.uint32(0x9E3779B1)  # 2^32 / golden ratio, odd: Knuth's multiplicative hash
_WORD_STEP: Final = 0x100000001B3
_WORD_STEP_INVERSE: Final = pow(_WORD_STEP, -1, 1 << 64)
_ALNUM_LIMIT: Final = 0x3000


@dataclass(frozen=True, slots=True)
class Encoded:
    """`codes`: all texts in a row; text `i` is `codes[starts[i]:starts[i + 1]]`, its first and last character being spaces."""

    codes: U32
    starts: Ints  # one more than there are texts

    def __len__(self) -> int:
        return len(self.starts) - 1

    def owners(self, positions: Ints) -> Ints:
        """Which text each position lies in."""
        return np.searchsorted(self.starts, positions, side="right").astype(np.int64) - 1


def encode(texts: Sequence[str]) -> Encoded:
    """Texts as code points. Digits are all zero: a phone number is a shape, not a value."""
    joined = "".join(f" {text} " for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).copy()
    codes[(codes >= 48) & (codes <= 57)] = 48
    starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) + 2 for text in texts], out=starts[1:])
    return Encoded(codes, starts)


def char_grams(batch: Encoded, salt: int) -> Iterator[tuple[int, Rows]]:
    """For each size `n`: the row of the n-gram that starts at each position, `DUMMY` where it would reach over a word's edge.

    N-grams with a digit do not count: prices, dates and tables would drown the words (news was called spam for them). Words with digits do.
    """
    codes = batch.codes
    solid = codes != _SPACE
    hashes = np.full(len(codes), salt & 0xFFFFFFFF, dtype=np.uint32)
    hashes = (hashes ^ codes) * _STEP
    digits = codes == _ZERO
    numeric = digits
    whole: Bools = solid
    for n in range(2, SIZES[-1] + 1):
        length = len(codes) - n + 1
        if length <= 0:
            return
        hashes = (hashes[:length] ^ codes[n - 1 :]) * _STEP
        if n == 2:
            whole = solid[:length] | solid[1:]
        elif n == 3:
            whole = solid[1 : length + 1]  # from here on: everything between the first and the last character is solid
        else:
            whole = whole[:length] & solid[n - 2 : n - 2 + length]
        rows = ((hashes * _MIX) >> np.uint32(32 - BITS)).astype(np.intp)
        numeric = numeric[:length] | digits[n - 1 : n - 1 + length]
        rows[~whole | numeric] = DUMMY
        yield n, rows


@lru_cache(maxsize=1)
def _alnum() -> Bools:
    return np.array([chr(code).isalnum() for code in range(_ALNUM_LIMIT)], dtype=np.bool_)


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[U64, U64]:
    steps = np.full(size, _WORD_STEP, dtype=np.uint64)
    backs = np.full(size, _WORD_STEP_INVERSE, dtype=np.uint64)
    steps[0] = backs[0] = 1
    return np.cumprod(steps, dtype=np.uint64), np.cumprod(backs, dtype=np.uint64)


def word_hashes(batch: Encoded, salt: int) -> tuple[Ints, U64, Ints]:
    """Words and pairs of neighbouring words: where each starts, its hash, and where it ends. Punctuation separates."""
    codes = batch.codes
    solid = np.where(codes < _ALNUM_LIMIT, _alnum()[np.minimum(codes, _ALNUM_LIMIT - 1)], np.True_)
    edges = np.flatnonzero(solid[1:] != solid[:-1]) + 1  # texts begin and end with a space: edges come in pairs
    first, last = edges[0::2].astype(np.int64), edges[1::2].astype(np.int64)
    steps, backs = _powers(1 << max(10, len(codes).bit_length()))
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum((codes.astype(np.uint64) + np.uint64(1)) * steps[: len(codes)], out=sums[1:], dtype=np.uint64)
    words = (sums[last] - sums[first]) * backs[first] + np.uint64(salt)
    owner = batch.owners(first)
    paired = np.flatnonzero(owner[1:] == owner[:-1])
    pairs = words[paired] * np.uint64(0xBF58476D1CE4E5B9) + words[paired + 1]
    hashes = np.concatenate([words, pairs])
    hashes = (hashes ^ (hashes >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
    return np.concatenate([first, first[paired]]), hashes, np.concatenate([last, last[paired + 1]])


def word_grams(batch: Encoded, salt: int) -> tuple[Ints, Rows, Ints]:
    """`word_hashes` as rows of the table."""
    first, hashes, last = word_hashes(batch, salt)
    return first, (hashes >> np.uint64(64 - BITS)).astype(np.intp), last
