"""Near-duplicates: MinHash signatures over folded words and pairs of words. Pure; the store keeps the bands.

Own numpy code and own hashes, so that a signature made today on one machine equals one made next year on another.
Must not know what an item or a case is.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.linear.features import encode, word_hashes
from classifiers.normalise import deobfuscated
from rasoat.likeness import jaccard
from rasoat.text import fold

BANDS: Final = 21
ROWS: Final = 6
"""21 bands of 6: two texts with Jaccard 0.8 share a band with probability 0.998, with 0.5 in 0.28 of cases, with 0.3 in 0.015."""
SIZE: Final = BANDS * ROWS
LEAST_WORDS: Final = 5
"""Shorter texts say the same thing by chance ("hay quá bạn ơi"): only equal ones are duplicates, by their hash."""
LONGEST: Final = 100_000
_SEED: Final = 0x5A0A7
_SALT: Final = 0xD6E8FEB8
_PARTS: Final = 2048  # shingles at once: 1 MB of products


@lru_cache(maxsize=1)
def _permutations() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Odd multipliers and offsets by splitmix64 (Vigna 2015): no dependence on a library's generator."""
    state, made = _SEED, []
    for _ in range(2 * SIZE):
        state = (state + 0x9E3779B97F4A7C15) & (1 << 64) - 1
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
        z = (z ^ z >> 27) * 0x94D049BB133111EB & (1 << 64) - 1
        made.append(z ^ z >> 31)
    return np.array(made[:SIZE], dtype=np.uint64) | np.uint64(1), np.array(made[SIZE:], dtype=np.uint64)


def signature(text: str) -> tuple[int, ...] | None:
    """126 numbers of 32 bits; None for fewer than five words. A changed phone number changes nothing: digits have no value.

    Evasion is undone first, so that the same advert with dots between its letters is the same.
    """
    batch = encode([fold(deobfuscated(text[:LONGEST]).text)])
    first, hashes, _ = word_hashes(batch, _SALT)
    words = (len(first) + 1) // 2
    if words < LEAST_WORDS:
        return None
    multipliers, offsets = _permutations()
    shingles = np.unique(hashes)
    least = np.full(SIZE, np.iinfo(np.uint64).max, dtype=np.uint64)
    for at in range(0, len(shingles), _PARTS):
        mixed = shingles[at : at + _PARTS, None] * multipliers + offsets
        mixed ^= mixed >> np.uint64(29)  # the high bits of a product alone are too regular
        least = np.minimum(least, (mixed * np.uint64(0x94D049BB133111EB)).min(axis=0))
    return tuple((least >> np.uint64(32)).tolist())


def band_keys(made: tuple[int, ...]) -> tuple[bytes, ...]:
    """21 keys of 25 bytes: band number and its six values. Two texts are worth comparing when they share one."""
    return tuple(struct.pack(f">B{ROWS}I", band, *made[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS))


def similarity(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    """Estimated Jaccard similarity: the share of equal numbers; its standard error is at most 0.045.

    Raises:
        ValueError: a signature of another size.
    """
    if len(a) != SIZE or len(b) != SIZE:
        raise ValueError(f"signatures have {SIZE} numbers, not {len(a)} and {len(b)}")
    return jaccard(a, b)
