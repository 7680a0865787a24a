"""The whole classifier on real text that stands beside the project and never enters it: false alarms on ordinary text, finds on bad text.

    python -m bench.realtext [FOLDER] [--show] [--seed=N]

Nothing here is trained on, kept or shipped. The labels of those sets are not ours ("hate" there includes insults at officials), so
recall against them is a rough sign only. Skipped, and said so, for a set that is not there.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from classifiers.classifier import Classifier, load_classifier
from classifiers.evaluation.metrics import Rate
from rasoat.harms import Harm
from rasoat.settings import ROOT

SEED = 7041
"""Of the draws. Whoever mends the model after reading what a draw shows (`--show`) must report on another: `--seed`."""
DRAW = 2000


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def comments(folder: Path, seed: int) -> list[str]:
    """A seeded draw of social texts."""
    texts = [row["text"].split("</s>")[-1].strip() for row in _lines(folder / "unlabelled" / "social.jsonl.gz")]
    return random.Random(seed).sample([text for text in texts if text], DRAW)


def paragraphs(folder: Path, seed: int) -> list[str]:
    """A seeded draw of news paragraphs of at least 100 characters, one an article."""
    rng = random.Random(seed)
    rows = rng.sample(list(_lines(folder / "unlabelled" / "news.jsonl.gz")), DRAW)
    return [rng.choice([part for part in row["body"].split("\n") if len(part) >= 100] or [row["body"]]) for row in rows]


def articles(folder: Path, seed: int, count: int = 500) -> list[str]:
    """Whole articles, another seeded draw."""
    return [row["body"] for row in random.Random(seed + 1).sample(list(_lines(folder / "unlabelled" / "news.jsonl.gz")), count)]


def report(name: str, classifier: Classifier, texts: Sequence[str], *, show: bool, only: frozenset[Harm] = frozenset(Harm)) -> None:
    """One line, and with `show` what was flagged and why."""
    made = classifier.assess_many(texts)
    hits = [(text, found) for text, found in zip(texts, made, strict=True) if only & set(found.flagged)]
    codes = Counter(code.value for _, found in hits for code in found.flagged)
    origins = Counter(reason.code for _, found in hits for reason in found.reasons if reason.harm in found.flagged)
    print(f"{name:<44} {Rate(len(hits), len(texts))}   {dict(codes.most_common())}")
    if hits:
        print(" " * 8 + ", ".join(f"{code} {count}" for code, count in origins.most_common(8)))
    for text, found in hits[:25] if show else ():
        words = "; ".join(f"{reason.code} «{reason.evidence[:60]}»" for reason in found.reasons if reason.harm in found.flagged)
        print(f"    {','.join(found.flagged)} | {text[:160]!r} | {words[:200]}")


def main(arguments: list[str]) -> None:
    """Print all figures."""
    show = "--show" in arguments
    seed = int(next((a.removeprefix("--seed=") for a in arguments if a.startswith("--seed=")), SEED))
    folder = Path(next((a for a in arguments if not a.startswith("--")), ROOT.parent / "shared" / "data"))
    classifier = load_classifier(ROOT / "data", ROOT / "models")
    print(f"versions {classifier.versions}, seed {seed}")
    jobs: tuple[tuple[str, Callable[[], list[str]], frozenset[Harm]], ...] = (
        ("false alarms, ordinary comments", lambda: comments(folder, seed), frozenset(Harm)),
        ("false alarms, news paragraphs", lambda: paragraphs(folder, seed), frozenset(Harm)),
        ("false alarms, whole news articles", lambda: articles(folder, seed), frozenset(Harm)),
        ("scam SMS labelled positive: any code", lambda: _sms(folder, "1"), frozenset(Harm)),
        ("SMS labelled negative: any code", lambda: _sms(folder, "0"), frozenset(Harm)),
        ("ViHSD dev clean: any code", lambda: _vihsd(folder, "0"), frozenset(Harm)),
        ("ViHSD dev offensive: HAT or HAR", lambda: _vihsd(folder, "1"), frozenset({Harm.HAT, Harm.HAR})),
        ("ViHSD dev hate: HAT or HAR", lambda: _vihsd(folder, "2"), frozenset({Harm.HAT, Harm.HAR})),
    )
    for name, texts, only in jobs:
        try:
            report(name, classifier, texts(), show=show, only=only)
        except FileNotFoundError as error:
            print(f"{name:<44} not measured: {error.filename} is not there")


def _sms(folder: Path, label: str) -> list[str]:
    return [row["content"] for row in _table(folder / "sms_smishing" / "train.csv") if row["label"] == label]


def _vihsd(folder: Path, label: str) -> list[str]:
    return [row["free_text"] for row in _table(folder / "vihsd" / "dev.csv") if row["label_id"] == label]


if __name__ == "__main__":
    main(sys.argv[1:])
