"""Which words of a text are offensive: a token tagger learned from the spans that the annotators of ViHOS marked.

It only helps to explain a HAT or HAR flag that rules or models raised for other reasons. It flags nothing itself: swearing, and insults at
officials, are no harm, and it marks them all the same. Loaded from `weights.npz` (no pickle), hash checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from rasoat.assessments import Span
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place
from rasoat.text import fold

MODEL: Final = "spans-vi-1"
"""Folder below `models/`."""
FORMAT: Final = 1
"""Of the table; the features belong to it: a change of theirs is a new format."""
BITS: Final = 17
"""2^17 weights of one byte: 128 kB."""
MOST: Final = 4000
"""Characters that are tagged: what is further on is not explained (bounded time for any input)."""
_TOKEN: Final = re.compile(r"\w+|[^\w\s]")
_EDGE: Final = "\0"
Floats = npt.NDArray[np.float64]


def tokens(text: str) -> list[Span]:
    """Words and single marks, as offsets into the text."""
    return [Span(match.start(), match.end()) for match in _TOKEN.finditer(text[:MOST])]


def features(text: str, places: Sequence[Span]) -> Iterator[list[int]]:
    """Rows of the table for each token: the word with and without accents, its letters, its neighbours."""
    plain = [_EDGE, _EDGE, *(place.of(text).lower() for place in places), _EDGE, _EDGE]
    bare = [fold(word) if word != _EDGE else word for word in plain]
    for at in range(2, len(plain) - 2):
        word, key = plain[at], bare[at]
        before, after = bare[at - 1], bare[at + 1]
        names = [f"w {word}", f"f {key}", f"p {before}", f"n {after}", f"q {bare[at - 2]}", f"o {bare[at + 2]}", "bias"]
        names += [f"pf {before} {key}", f"fn {key} {after}", f"pfn {before} {key} {after}", f"qp {bare[at - 2]} {before} {key}"]
        names += [f"no {key} {after} {bare[at + 2]}", f"pw {plain[at - 1]} {word}", f"wn {word} {plain[at + 1]}"]
        edged = f"^{key}$"
        names += [f"c {edged[i : i + n]}" for n in (2, 3, 4) for i in range(len(edged) - n + 1)]
        yield [crc32(name.encode("utf-8", "surrogatepass")) >> (32 - BITS) for name in dict.fromkeys(names)]


@dataclass(frozen=True, slots=True, eq=False)
class SpanTagger:
    """`table`: int8 (2^BITS). `moves`: log-odds of a token's tag after the tag before it, (before, now)."""

    table: npt.NDArray[np.int8]
    scale: float
    shift: float
    moves: Floats
    version: str

    @classmethod
    def load(cls, folder: Path) -> SpanTagger:
        """Read `model.json` and `weights.npz`.

        Raises:
            ConfigError: a file is missing, of another format, or not the one that `model.json` names.
        """
        hint = "run `rasoat train`, or check the file out again"
        path = folder / "weights.npz"
        try:
            facts = json.loads((folder / "model.json").read_bytes())
            digest = sha256_hex(path.read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot read the span tagger: {error}", place=Place(str(folder)), hint=hint) from error
        if not isinstance(facts, dict) or facts.get("format") != FORMAT or facts.get("bits") != BITS:
            raise ConfigError(f"not a span tagger of format {FORMAT} with {BITS} bits", place=Place(str(folder / "model.json")), hint=hint)
        if digest != facts.get("weights_sha256"):
            raise ConfigError("the weights are not those that model.json names", place=Place(str(path)), hint=hint)
        with np.load(path, allow_pickle=False) as arrays:
            table, moves = np.ascontiguousarray(arrays["table"]), arrays["moves"]
        if table.shape != (1 << BITS,) or table.dtype != np.int8 or moves.shape != (2, 2):
            raise ConfigError(f"the table has shape {table.shape} and type {table.dtype}", place=Place(str(path)), hint=hint)
        return cls(table, float(facts["scale"]), float(facts["shift"]), moves, str(facts["version"]))

    def spans(self, text: str) -> tuple[Span, ...]:
        """Runs of words that annotators would mark, in order of place; neighbours with only white space between are one."""
        places = tokens(text)
        if not places:
            return ()
        scores = np.array([self.scale * int(self.table[rows].sum(dtype=np.int64)) for rows in features(text, places)]) + self.shift
        made: list[Span] = []
        for place, marked in zip(places, best_path(scores, self.moves), strict=True):
            if not marked:
                continue
            if made and not text[made[-1].end : place.start].strip():
                made[-1] = Span(made[-1].start, place.end)
            else:
                made.append(place)
        return tuple(made)

    def marks(self, text: str, around: Span, most: int = 3) -> tuple[Span, ...]:
        """Up to `most` marked spans nearest to what raised the flag: what a reviewer sees underlined beside it."""
        near = sorted(self.spans(text), key=lambda span: max(span.start - around.end, around.start - span.end, 0))
        return tuple(sorted(near[:most], key=lambda span: span.start))


def best_path(scores: Floats, moves: Floats) -> list[bool]:
    """The likeliest tags (Viterbi over two states); `scores`: log-odds that a token is marked, seen alone."""
    gain = np.array([0.0, scores[0] + moves[0, 1] - moves[0, 0]])
    back: list[tuple[int, int]] = []
    for score in scores[1:].tolist():
        came = [int(gain[0] + moves[0, now] < gain[1] + moves[1, now]) for now in (0, 1)]
        back.append((came[0], came[1]))
        gain = np.array([gain[came[0]] + moves[came[0], 0], gain[came[1]] + moves[came[1], 1] + score])
    tag = int(gain[1] > gain[0])
    path = [bool(tag)]
    for came_from in reversed(back):
        tag = came_from[tag]
        path.append(bool(tag))
    return path[::-1]


def covered(found: Sequence[Span], text: str) -> frozenset[int]:
    """Offsets that spans cover, with the white space between neighbours."""
    made: set[int] = set()
    end = 0
    for span in found:
        made.update(range(end if made and not text[end : span.start].strip() else span.start, span.end))
        end = span.end
    return frozenset(made)


def character_f1(found: Sequence[Span], marked: frozenset[int]) -> float:
    """F1 over characters for one text (SemEval-2021 task 5, as ViHOS uses it): 1 where both mark nothing."""
    ours = {at for span in found for at in range(span.start, span.end)}
    if not ours and not marked:
        return 1.0
    return 2 * len(ours & marked) / (len(ours) + len(marked))
