"""Training texts as pieces, batches of like length, and what is hidden from the network on the way. Must not know labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from classifiers.transformer.scoring import cut
from classifiers.transformer.tokens import MASK, PAD, SPECIAL, START, Ints, Pieces, Vocabulary, padded
from rasoat.text import Mapped

MOST_WINDOWS: Final = 4
"""Windows of one long text in one epoch: pages would else take most of the time."""
_READ: Final = 12  # windows of a long text that are read at all
_CHUNK: Final = 2_000
_WORD: Final = re.compile(r"\S+")
_MISTYPED: Final = 0.15  # of the words of two letters or more, in the second reading of each text
_POOL: Final = 40  # batches whose texts are sorted together
WIDTHS: Final = (16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512)
"""Batches come in few shapes: the library compiles its matrix products anew for each, which took a third of the time."""


@dataclass(frozen=True, slots=True)
class Augment:
    """What is done to a text before the network sees it; shares from 0 to 1."""

    bare: float = 0.15  # texts that lose all accents
    mistyped: float = 0.15  # texts read with letters lost, doubled, swapped or set apart
    hidden: float = 0.10  # pieces that are hidden


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Windows of some texts, and below them rows that are none. `counts`: windows by text; `which`: the texts' numbers."""

    letters: Ints
    accents: Ints
    counts: tuple[int, ...]
    which: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """All texts in windows, read in two ways."""

    usual: list[list[Pieces]]
    mistyped: list[list[Pieces]]

    def batches(self, which: Ints, dice: np.random.Generator, budget: int) -> list[Ints]:
        """Texts in random batches of at most `budget` places."""
        sizes = [min(len(made), MOST_WINDOWS) * width_of(max(len(one.letters) for one in made)) for made in self.usual]
        order = dice.permutation(which)
        pool = max(1, _POOL * budget // max(1, int(np.mean([sizes[i] for i in which]))))
        made: list[Ints] = []
        for at in range(0, len(order), pool):
            group: list[int] = []
            widest = 0
            for i in sorted(order[at : at + pool].tolist(), key=sizes.__getitem__):
                windows = min(len(self.usual[i]), MOST_WINDOWS)
                widest = max(widest, sizes[i] // windows)
                if group and widest * (sum(min(len(self.usual[j]), MOST_WINDOWS) for j in group) + windows) > budget:
                    made.append(np.array(group))
                    group, widest = [], sizes[i] // windows
                group.append(i)
            made.append(np.array(group))
        return [made[i] for i in dice.permutation(len(made))]

    def batch(self, which: Ints, augment: Augment, dice: np.random.Generator, budget: int) -> Batch:
        """These texts as arrays, augmented; as many rows as a full batch of this width has."""
        windows: list[Pieces] = []
        counts: list[int] = []
        bare: list[bool] = []
        for i in which.tolist():
            made = (self.mistyped if dice.random() < augment.mistyped else self.usual)[i]
            if len(made) > MOST_WINDOWS:
                made = [made[j] for j in sorted(dice.choice(len(made), MOST_WINDOWS, replace=False).tolist())]
            windows += made
            counts.append(len(made))
            bare += [bool(dice.random() < augment.bare)] * len(made)
        letters, accents = _steady(*padded(windows), budget)
        hidden = (letters >= len(SPECIAL)) & (dice.random(letters.shape) < augment.hidden)
        accents[np.flatnonzero(bare)] = 0
        return Batch(np.where(hidden, MASK, letters), np.where(hidden, 0, accents), tuple(counts), which)


def width_of(longest: int) -> int:
    """The width of a batch whose longest window has so many pieces."""
    return next((width for width in WIDTHS if width >= longest), longest)


def _steady(letters: Ints, accents: Ints, budget: int) -> tuple[Ints, Ints]:
    """Both, filled up to one of the few shapes; a row that is no window holds `START` alone."""
    rows, width = letters.shape[0], width_of(letters.shape[1])
    full = min((count for count in (budget // other for other in WIDTHS) if count >= rows), default=rows)
    more = ((0, full - rows), (0, width - letters.shape[1]))
    letters, accents = np.pad(letters, more, constant_values=PAD), np.pad(accents, more)
    letters[rows:, 0] = START
    return letters, accents


def mistyped(text: str, dice: np.random.Generator) -> str:
    """Some words with a letter lost, doubled, swapped with the next, or with a mark or gap behind it."""
    spots = [hit.span() for hit in _WORD.finditer(text) if hit.end() - hit.start() > 1]
    out: list[str] = []
    last = 0
    for (start, end), chance, place, kind in zip(
        spots, dice.random(len(spots)), dice.random(len(spots)), dice.integers(0, 6, len(spots)), strict=True
    ):
        if chance < _MISTYPED:
            at = start + int(place * (end - start - 1))
            one, two = text[at], text[at + 1]
            out += [text[last:at], (two, one + one + two, two + one, f"{one} {two}", f"{one}.{two}", f"{one}-{two}")[kind]]
            last = at + 2
    return "".join([*out, text[last:]])


def prepare(vocabulary: Vocabulary, texts: Sequence[str], *, seed: int) -> Prepared:
    """Read all texts, as they are and mistyped; of a long one some windows."""
    dice = np.random.default_rng(seed)
    cuts = [[text[start:end] for start, end in _some(cut(text), dice)] for text in texts]
    return Prepared(_read(vocabulary, cuts), _read(vocabulary, [[mistyped(one, dice) for one in made] for made in cuts]))


def _some(windows: list[tuple[int, int]], dice: np.random.Generator) -> list[tuple[int, int]]:
    if len(windows) <= _READ:
        return windows
    return [windows[i] for i in sorted(dice.choice(len(windows), _READ, replace=False).tolist())]


def _read(vocabulary: Vocabulary, cuts: Sequence[Sequence[str]]) -> list[list[Pieces]]:
    """Pieces by text and window, without the way back to the text: nobody asks for it here, and it is most of the memory."""
    nowhere = Mapped.identity("")
    made: list[list[Pieces]] = []
    for at in range(0, len(cuts), _CHUNK):
        part = cuts[at : at + _CHUNK]
        flat = iter(vocabulary.encode([window for windows in part for window in windows]))
        made += [[replace(next(flat), offsets=[], read=nowhere) for _ in windows] for windows in part]
    return made
