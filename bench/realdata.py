"""Readers of the real texts that `bench.realtext` measures on. They stand beside the project and never enter it."""

from __future__ import annotations

import ast
import csv
import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

DRAW: Final = 2000
LISTS: Final = Path(__file__).with_suffix("").with_name("realtext.yml")


def lists() -> dict[str, Any]:
    """`realtext.yml`: our own phrases, and row numbers of the SMS that are no scam."""
    made: dict[str, Any] = yaml.safe_load(LISTS.read_text(encoding="utf-8"))
    return made


def lines(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a JSON lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def comments(folder: Path, seed: int) -> list[str]:
    """A seeded draw of social texts."""
    texts = [row["text"].split("</s>")[-1].strip() for row in lines(folder / "unlabelled" / "social.jsonl.gz")]
    return random.Random(seed).sample([text for text in texts if text], DRAW)


def paragraphs(folder: Path, seed: int) -> list[str]:
    """A seeded draw of news paragraphs of at least 100 characters, one an article."""
    rng = random.Random(seed)
    rows = rng.sample(list(lines(folder / "unlabelled" / "news.jsonl.gz")), DRAW)
    return [rng.choice([part for part in row["body"].split("\n") if len(part) >= 100] or [row["body"]]) for row in rows]


def articles(folder: Path, seed: int, count: int = 500) -> list[str]:
    """Whole articles, another seeded draw."""
    return [row["body"] for row in random.Random(seed + 1).sample(list(lines(folder / "unlabelled" / "news.jsonl.gz")), count)]


def encyclopaedia(folder: Path, seed: int) -> list[str]:
    """Paragraphs of Wikipedia, one an article."""
    rng = random.Random(seed)
    made = []
    for row in rng.sample(list(lines(folder / "unlabelled" / "wiki.jsonl.gz")), DRAW):
        body = next((row[name] for name in ("body", "text", "content") if name in row), "")
        made.append(rng.choice([part for part in body.split("\n") if len(part) >= 100] or [body[:600]]))
    return [text for text in made if text.strip()]


def sms(folder: Path, kind: str) -> list[str]:
    """`harmful`, `notice` or `unclear` among those labelled positive; `negative`: the rest."""
    known = lists()
    notices, unclear = set(known["sms_notices"]), set(known["sms_unclear"])
    made = []
    for number, row in enumerate(table(folder / "sms_smishing" / "train.csv")):
        found = "negative" if row["label"] == "0" else "notice" if number in notices else "unclear" if number in unclear else "harmful"
        if found == kind:
            made.append(row["content"])
    return made


def vihsd(folder: Path, label: str) -> list[str]:
    """Comments of ViHSD dev with one label: 0 clean, 1 offensive, 2 hate."""
    return [row["free_text"] for row in table(folder / "vihsd" / "dev.csv") if row["label_id"] == label]


def vihsd_hate(folder: Path, *, ours: bool) -> list[str]:
    """Comments labelled hate: those that are a harm of ours as we read them, or the others."""
    known = set(lists()["vihsd_ours"])
    rows = enumerate(table(folder / "vihsd" / "dev.csv"))
    return [row["free_text"] for number, row in rows if row["label_id"] == "2" and (number in known) == ours]


def headlines(folder: Path, kind: str) -> list[str]:
    """Headlines of ViClickbait dev without the outlet's name; none is a harm of ours."""
    rows = table(folder / "viclickbait" / "dev.csv")
    return [re.sub(r"\s[-|]\s[^-|]{3,30}$", "", row["title"]) for row in rows if row["label"].strip().lower() == kind]


def marked(folder: Path) -> list[tuple[str, frozenset[int]]]:
    """ViHOS dev: texts with the offsets that its annotators marked."""
    return [(row["content"], frozenset(ast.literal_eval(row["index_spans"]))) for row in table(folder / "vihos" / "dev.csv")]


def hosts(folder: Path, seed: int) -> list[str]:
    """A seeded draw of hosts reported for phishing."""
    names = [name.strip() for name in (folder / "phishing_hosts" / "hosts.txt").read_text(encoding="utf-8").splitlines() if name.strip()]
    return random.Random(seed).sample(names, DRAW)


def baited(folder: Path, seed: int) -> list[str]:
    """Each of those hosts in one of our bait sentences."""
    rng = random.Random(seed)
    baits: list[str] = lists()["baits"]
    return [rng.choice(baits).format(host=host) for host in hosts(folder, seed)]
