"""Campaign clusters at scale: throughput, memory, recall and precision on made variants, and on real pairs of articles.

    python -m bench.near_duplicates [--texts 1000000] [--articles 100000] [--pairs FOLDER] [--news FILE]

Texts are built here from our own corpus: most of them once, some as campaigns of copies that were edited, re-slotted or written around.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import resource
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from classifiers.campaigns import Clusters
from classifiers.evaluation.evasion import KINDS
from classifiers.near_duplicates import signature, similarity
from classifiers.training.corpus import load_corpus
from rasoat.settings import ROOT

CAMPAIGN: Final = 20
"""Copies in a campaign; one text in five belongs to one."""
_WRITTEN_AROUND: Final = (
    "dots between letters",
    "zero-width space",
    "Cyrillic look-alikes",
    "emoji inside words",
    "no diacritics",
    "leet digits",
)


def sentences() -> list[str]:
    """Texts of our own corpus."""
    examples = load_corpus(ROOT / "data" / "training" / "corpus").generate(seed=21, share=0.1)
    made = sorted({example.text for example in examples if len(example.text.split()) > 6 and example.register != "page"})
    random.Random(21).shuffle(made)
    return made


def variant(text: str, draw: random.Random) -> tuple[str, str]:
    """A copy as a campaign has them: the kind, and the text."""
    kind = draw.choice(("slot", "edit", "edit", "around"))
    words = text.split(" ")
    if kind == "slot":
        words = [f"{draw.randrange(10**6)}" if word.strip(".,!").isdigit() else word for word in words]
        words.append(f"0900{draw.randrange(10**6):06}")
    elif kind == "edit":
        for _ in range(max(1, len(words) // 40)):
            at = draw.randrange(len(words))
            words[at : at + 1] = draw.choice(([], [words[at], "nha"], ["nhé"]))
    else:
        return kind, KINDS[draw.choice(_WRITTEN_AROUND)](text)
    return kind, " ".join(words)


def stream(count: int, pool: list[str], parts: int, seed: int) -> Iterator[tuple[str, str, str]]:
    """Truth, kind and text, in a mixed order: every text of `parts` pieces of the pool and a few words of its own."""
    draw = random.Random(seed)
    open_: list[tuple[str, str, int]] = []
    for n in range(count):
        if open_ and draw.random() < 0.2:
            at = draw.randrange(len(open_))
            truth, base, left = open_[at]
            kind, text = variant(base, draw)
            open_[at] = (truth, base, left - 1)
            if left <= 1:
                open_.pop(at)
            yield truth, kind, text
            continue
        text = " ".join(draw.choice(pool) for _ in range(parts))
        if len(open_) < 500:
            open_.append((f"c{n}", text, CAMPAIGN))
        yield f"c{n}", "first", text


def measure(name: str, count: int, pool: list[str], parts: int) -> None:
    """Add them all; print speed, memory, recall by kind and precision."""
    clusters = Clusters()
    truths: list[str] = []
    first: dict[str, str] = {}
    given: list[str] = []
    kinds: list[str] = []
    begin, spent = time.perf_counter(), 0.0
    for n, (truth, kind, text) in enumerate(stream(count, pool, parts, seed=5)):
        at = time.process_time()
        clusters.add(str(n), text)
        spent += time.process_time() - at
        truths.append(truth)
        kinds.append(kind)
        first.setdefault(truth, str(n))
        given.append(str(n))
        if n and n % 100_000 == 0:
            print(f"  {n:>9,} {n / spent:,.0f} a second of CPU time, tables {clusters.memory / 2**20:,.0f} MiB", flush=True)
    right, of = Counter[str](), Counter[str]()
    pairs_right = pairs = 0
    for id_, truth, kind in zip(given, truths, kinds, strict=True):
        if kind != "first":
            of[kind] += 1
            right[kind] += clusters.cluster_of(id_) == clusters.cluster_of(first[truth])
    for _, members in clusters.groups():
        sizes = Counter(truths[int(id_)] for id_ in members)
        total = len(members)
        pairs += total * (total - 1) // 2
        pairs_right += sum(size * (size - 1) // 2 for size in sizes.values())
    recall = ", ".join(f"{kind} {right[kind] / of[kind]:.4f}" for kind in sorted(of))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {count:,} in {time.perf_counter() - begin:,.0f} s, {count / spent:,.0f} a second of CPU time in add")
    print(f"  tables {clusters.memory / 2**20:,.0f} MiB")
    print(f"  peak of the process {peak:,.0f} MiB (bound: 2,048); clusters of two or more {sum(1 for _ in clusters.groups()):,}")
    print(f"  recall by kind of copy: {recall}; all {sum(right.values()) / max(1, sum(of.values())):.4f}")
    print(f"  precision over pairs: {pairs_right / max(1, pairs):.4f} ({pairs:,}); merges recorded {len(clusters.merges):,}", flush=True)


def _whole(row: dict[str, str]) -> str:
    return "\n".join(row[part] for part in ("title", "lead", "body", "text") if row.get(part))


def real_pairs(folder: Path, news: Path) -> None:
    """Pairs of real articles by 5-gram containment: how many land in one cluster, by how much they share."""
    with (folder / "docs.jsonl").open(encoding="utf-8") as lines:
        docs = {str(row["id"]): _whole(row) for row in map(json.loads, lines)}
    _pairs("same event, several outlets", _listed(folder / "same_event_pairs.tsv", "doc_a", "doc_b"), docs)
    listed = _listed(folder / "news_near_dup_pairs.tsv", "a", "b")
    wanted = {id_ for a, b, _ in listed for id_ in (a, b)}
    with gzip.open(news, "rt", encoding="utf-8") as lines:
        found = {str(row["id"]): _whole(row) for row in map(json.loads, lines) if str(row["id"]) in wanted}
    _pairs("news near-duplicates", listed, found)


def _listed(path: Path, one: str, other: str) -> list[tuple[str, str, float]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [(row[one], row[other], float(row["containment"])) for row in csv.DictReader(lines, delimiter="\t")]


def _pairs(name: str, listed: list[tuple[str, str, float]], docs: dict[str, str]) -> None:
    clusters = Clusters()
    for id_, text in docs.items():
        clusters.add(id_, text)
    made = {id_: signature(text) for id_, text in docs.items()}
    rows: dict[str, list[tuple[bool, float]]] = {}
    for a, b, share in listed:
        if a in docs and b in docs:
            one, other = made[a], made[b]
            likeness = similarity(one, other) if one and other else 0.0
            band = "0.9 to 1.0" if share >= 0.9 else "0.7 to 0.9" if share >= 0.7 else "0.5 to 0.7" if share >= 0.5 else "below 0.5"
            rows.setdefault(band, []).append((clusters.cluster_of(a) == clusters.cluster_of(b), likeness))
    print(name)
    for band, found in sorted(rows.items(), reverse=True):
        joined, mean = sum(hit for hit, _ in found) / len(found), sum(share for _, share in found) / len(found)
        print(f"  containment {band}: {len(found)} pairs, in one cluster {joined:.3f}, mean estimated Jaccard {mean:.3f}")


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--pairs", type=Path, help="folder with docs.jsonl and the two lists of pairs")
    parser.add_argument("--news", type=Path, help="the news file that the second list points into")
    asked = parser.parse_args()
    if asked.pairs and asked.news:
        real_pairs(asked.pairs, asked.news)
    pool = sentences()
    if asked.texts:
        measure("short texts", asked.texts, pool, 2)
    if asked.articles:
        measure("articles", asked.articles, pool, 25)


if __name__ == "__main__":
    main()
