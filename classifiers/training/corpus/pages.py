"""Long pages: which paragraphs a page of a scheme is made of, and how long it gets. Must not know words and renderings.

Paragraphs belong to splits as templates do, where a part has enough of them. Between its paragraphs a page carries what pages carry
(menus, side columns, unrelated teasers): the part `around`, or the corpus's own slot of that name.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from classifiers.training.corpus.schema import Scheme
from classifiers.training.examples import Split

SHORTEST: Final = 2_000
USUAL: Final = 12_000
LONGEST: Final = 20_000
LONG_SHARE: Final = 0.1
"""Lengths in characters (issue: pages of up to 20,000 are scored)."""
_ENOUGH: Final = 5
"""Paragraphs from which a part is divided over the splits."""
_DIVIDED: Final = {Split.TRAIN: (0.0, 0.7), Split.CALIBRATION: (0.7, 0.85), Split.DEV: (0.85, 1.0)}
_AROUND: Final = 0.3
"""Chance of something unrelated after a paragraph."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page to be written."""

    cluster: str
    split: Split
    head: tuple[str, ...]
    body: tuple[str, ...]
    foot: tuple[str, ...]
    around: tuple[str, ...]
    length: int

    def parts(self, rng: random.Random) -> Iterator[str]:
        """Head, then paragraphs without end: each once before any comes again."""
        yield from self.head
        while True:
            for paragraph in rng.sample(self.body, len(self.body)):
                yield paragraph
                if self.around and rng.random() < _AROUND:
                    yield rng.choice(self.around)

    def full(self, length: int) -> bool:
        """Whether so many characters are enough."""
        return length >= self.length


def pages_of(scheme: Scheme, around: tuple[str, ...], seed: int, *, held: bool, held_out: bool) -> Iterator[Page]:
    """The pages of a scheme: `each` for training, a fifth as many (four at least) for every other split."""
    if not scheme.sections:
        return
    few = max(4, scheme.each // 5)
    if not held:
        counts = {Split.TRAIN: scheme.each, Split.CALIBRATION: few, Split.DEV: few}
    else:
        counts = {Split.HELDOUT_SCHEMES: scheme.each} if held_out else {Split.HELDOUT_SLOTS: few}
    for split, count in counts.items():
        for number in range(count):
            yield _page(scheme, around, split, number, random.Random(f"{seed}:{scheme.scheme}:{split}:{number}"))  # noqa: S311  (repeatable)


def _page(scheme: Scheme, around: tuple[str, ...], split: Split, number: int, rng: random.Random) -> Page:
    sections = {name: _allowed(texts, split) for name, texts in scheme.sections.items()}
    low, high = (USUAL, LONGEST) if rng.random() < LONG_SHARE else (SHORTEST, USUAL)
    length = round(math.exp(rng.uniform(math.log(low), math.log(high * 0.95))))
    head, foot = sections.pop("head", ()), sections.pop("foot", ())
    around = sections.pop("around", around)
    body = tuple(text for texts in sections.values() for text in texts)
    return Page(
        f"own:{scheme.scheme}:page-{split}-{number}",
        split,
        tuple(rng.sample(head, min(len(head), rng.randint(1, 2)))),
        tuple(rng.sample(body, max(2, math.ceil(len(body) * rng.uniform(0.5, 1.0))) if len(body) > 2 else len(body))),
        tuple(rng.sample(foot, min(len(foot), rng.randint(1, 2)))),
        around,
        length,
    )


def _allowed(texts: Sequence[str], split: Split) -> tuple[str, ...]:
    """The paragraphs of a part that a split may use: those of dev and of held-out schemes are never trained on."""
    if len(texts) < _ENOUGH or split is Split.HELDOUT_SCHEMES:
        return tuple(texts)
    ranked = sorted(texts, key=lambda text: sha256(text.encode()).digest())
    if split is Split.HELDOUT_SLOTS:
        return tuple(ranked)
    start, end = _DIVIDED[split]
    return tuple(text for rank, text in enumerate(ranked) if start <= (rank + 0.5) / len(ranked) < end) or tuple(ranked[-1:])
