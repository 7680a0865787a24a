"""All examples with their split: the published sets in `data/training/` and our own corpus. Nothing that may not ship."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import yaml

from classifiers.linear.gate import Gate, gates
from classifiers.near_duplicates import band_keys, signature, similarity
from classifiers.training.corpus import load_corpus
from classifiers.training.examples import Example, Split, split_of
from classifiers.training.labels import FILE as JUDGEMENTS
from classifiers.training.labels import Judgements, meaning, read_judgements
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm
from rasoat.text import fold

GROUPS: Final = Path(__file__).with_name("groups.yml")
GATES: Final = Path(__file__).with_name("gates.yml")
SETS: Final = ("vihos", "safesense", "viclickbait", "wiki")
_JOIN: Final = 0.6
"""Estimated Jaccard from which two texts share a cluster: looser than `JOIN_AT` of the queue, so that dev stays clean."""
_PARAGRAPH: Final = 700
"""Characters of a Wikipedia text that are read, of four in five: about a window. The fifth is read whole, as a page."""

SHARE: Final = 0.35
"""Of the texts that the corpus can write. Those of one template differ in words only: with a third of them each template still has its say,
and training takes a third of the time."""
OUTSIDE: Final = 0.05
"""Weight for HAT of a text that names no group: it is never asked there. 1.0 gave a recall on dev of 18% instead of 34%."""


@dataclass(frozen=True, slots=True)
class Material:
    """What training works on. `hashes`: every file that had a part in it."""

    examples: tuple[Example, ...]
    splits: tuple[Split, ...]
    gates: dict[str, Any]
    hashes: dict[str, str]

    def part(self, split: Split) -> list[Example]:
        """The examples of one split."""
        return [example for example, where in zip(self.examples, self.splits, strict=True) if where is split]


def load(data_dir: Path, *, seed: int, share: float = SHARE) -> Material:
    """Read, label, cluster and split. `share`: of the texts that the corpus can write.

    Raises:
        ConfigError: a training file or grammar is missing or malformed.
    """
    written = written_gates()
    group = gates(written)[Harm.HAT]
    hashes = {path.name: sha256_hex(path.read_bytes()) for path in (GROUPS, GATES)}
    verdicts = data_dir / "training" / JUDGEMENTS
    judged = read_judgements(verdicts)
    hashes[verdicts.name] = sha256_hex(verdicts.read_bytes())
    published: list[Example] = []
    for name in SETS:
        path = data_dir / "training" / f"{name}.jsonl.gz"
        rows, hashes[path.name] = _rows(path)
        published += [_example(name, number, row, group, judged) for number, row in enumerate(rows)]
    published = [_named(example, group) for example in _clustered(published)]
    own, hashes["corpus"] = _own(data_dir, seed, share)
    own = [_named(example, group) for example in own]
    splits = [split_of(example.cluster, seed) for example in published] + [example.split or Split.TRAIN for example in own]
    return Material(tuple(published + own), tuple(splits), written, hashes)


def _own(data_dir: Path, seed: int, share: float) -> tuple[list[Example], str]:
    corpus = load_corpus(data_dir / "training" / "corpus")
    return list(corpus.generate(seed=seed, share=share)), corpus.digest


def written_gates() -> dict[str, Any]:
    """`gates.yml`, with `groups.yml` as one kind of the gate of HAT.

    Raises:
        ConfigError: one of the two cannot be read.
    """
    try:
        groups: dict[str, list[str]] = yaml.safe_load(GROUPS.read_text(encoding="utf-8"))
        written: dict[str, Any] = yaml.safe_load(GATES.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read the gates: {error}", place=Place(str(GATES)), hint="check the file out again") from error
    exact = groups.pop("accented")
    names = [re.sub("^nguoi ", "(?:nguoi|ng) ", name).replace(" ", r"\W+") for group in groups.values() for name in group]
    written[Harm.HAT.value]["kinds"]["group"] = [*names, *(f"={name}" for name in exact)]
    return written


def _named(example: Example, gate: Gate) -> Example:
    """HAT is only ever asked where a group is named: other texts hardly count for it, and teach ordinary words only."""
    if gate.shows("group", example.text):
        return example
    return replace(example, weights={**example.weights, Harm.HAT: 0.0 if Harm.HAT in example.harms else OUTSIDE * example.weight(Harm.HAT)})


def _rows(path: Path) -> tuple[list[dict[str, Any]], str]:
    try:
        packed = path.read_bytes()
        return [json.loads(line) for line in gzip.decompress(packed).splitlines()], sha256_hex(packed)
    except (OSError, EOFError, ValueError) as error:
        raise ConfigError(f"cannot read the training data: {error}", place=Place(str(path)), hint="check the file out again") from error


def _example(name: str, number: int, row: Mapping[str, Any], gate: Gate, judged: Judgements) -> Example:
    text, cluster = str(row["text"]), f"{name}:{number}"
    if name == "viclickbait":
        return Example(text, frozenset(), cluster, name, "headline")
    if name == "wiki":
        return Example(text if number % 5 == 0 else _opening(text), frozenset(), cluster, name, "page" if number % 5 == 0 else "paragraph")
    label = int(row.get("label", 1 if row.get("offensive") else 0))
    what = meaning(text, offensive=label > 0, hateful=label == 2, gate=gate, judged=judged)
    return Example(text, what.harms, cluster, name, ("clean", "offensive", "hate")[label], what.weights)


def _opening(text: str) -> str:
    if len(text) <= _PARAGRAPH:
        return text
    return text[: text.rfind(" ", 0, _PARAGRAPH)]


def _clustered(examples: Sequence[Example]) -> list[Example]:
    """Near-duplicates share the cluster of the first of them."""
    owner: dict[bytes, list[tuple[tuple[int, ...], str]]] = {}
    exact: dict[str, str] = {}
    return [replace(example, cluster=_cluster_of(example, owner, exact)) for example in examples]


def _cluster_of(example: Example, owner: dict[bytes, list[tuple[tuple[int, ...], str]]], exact: dict[str, str]) -> str:
    made = signature(example.text)
    if made is None:
        return exact.setdefault(fold(example.text), example.cluster)
    keys = band_keys(made)
    for key in keys:
        for other, cluster in owner.get(key, ()):
            if similarity(made, other) >= _JOIN:
                return cluster
    for key in keys:
        owner.setdefault(key, []).append((made, example.cluster))
    return example.cluster


def counts(material: Material) -> Iterator[tuple[str, str, str, int]]:
    """Source, group, split, how many: for the card."""
    seen: dict[tuple[str, str, str], int] = {}
    for example, split in zip(material.examples, material.splits, strict=True):
        key = (example.source, example.group, split.value)
        seen[key] = seen.get(key, 0) + 1
    for (source, group, part), count in sorted(seen.items()):
        yield source, group, part, count
