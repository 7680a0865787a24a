"""Word runs that our templates share with texts from elsewhere: so that no grammar comes close to a row that may not ship.

Compared without marks, case and punctuation. Owns the comparison; keeps nothing of the other texts.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from classifiers.training.corpus.corpus import Corpus
from classifiers.training.corpus.numbers import MADE
from classifiers.training.corpus.templates import draw, parse
from rasoat.text import fold

RUN: Final = 8
"""Words in a row from which two texts are too close (agreed for all data of the corpus)."""
_DRAWS: Final = 12
"""Texts drawn of each template: alternatives and slots differ."""
Gram = tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Folded words."""
    return "".join(c if c.isalnum() else " " for c in fold(text)).split()


def grams(words: list[str]) -> Iterator[Gram]:
    """All runs of `RUN` words."""
    return (tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def runs_of(corpus: Corpus, *, seed: int = 1, draws: int = _DRAWS) -> Mapping[Gram, str]:
    """Runs of every template, several draws each, with the scheme that wrote them."""
    made: dict[Gram, str] = {}
    for scheme in corpus.schemes:
        rng = random.Random(f"{seed}:{scheme.scheme}")  # noqa: S311  (repeatable texts, not secrets)
        train, test = corpus.words(scheme)
        words = {name: train[name] + test[name] for name in train}
        for template in (*scheme.templates, *(text for part in scheme.sections.values() for text in part)):
            for _ in range(draws):
                text = draw(parse(template), lambda name: rng.choice(words[name]) if name in words else MADE[name](rng, test=False), rng)  # noqa: B023
                for gram in grams(words_of(text)):
                    made.setdefault(gram, scheme.scheme)
    return made


def shared_runs(own: Mapping[Gram, str], texts: Iterable[str]) -> list[tuple[str, str]]:
    """(scheme, run) for every run of `RUN` words or more that a text shares with ours; neighbouring runs are joined."""
    hits: list[tuple[str, str]] = []
    for text in texts:
        words = words_of(text)
        at = [number for number, gram in enumerate(grams(words)) if gram in own]
        for start, end in _stretches(at):
            hits.append((own[tuple(words[start : start + RUN])], " ".join(words[start : end + RUN])))
    return hits


def _stretches(numbers: list[int]) -> Iterator[tuple[int, int]]:
    if not numbers:
        return
    start = numbers[0]
    for one, following in pairwise(numbers):
        if following != one + 1:
            yield start, one
            start = following
    yield start, numbers[-1]


def texts_of(path: Path) -> Iterator[str]:
    """Every string of a CSV, JSON lines (gzip too), YAML or plain file."""
    name = path.name.removesuffix(".gz")
    csv.field_size_limit(sys.maxsize)
    packed = path.read_bytes()
    with io.StringIO((gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8"), newline="") as lines:
        if name.endswith(".csv"):
            for row in csv.reader(lines):
                yield from row
        elif name.endswith((".jsonl", ".ndjson")):
            for line in lines:
                yield from _strings(json.loads(line))
        elif name.endswith((".yml", ".yaml")):
            for document in yaml.safe_load_all(lines):
                yield from _strings(document)
        else:
            yield from lines


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
