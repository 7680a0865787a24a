"""Makes `data/training/*.jsonl.gz` from the published sets whose licence lets rows ship. Run by hand, once per new edition of a set:

    python -m classifiers.training.prepare RAW_FOLDER data/training

Cleans, takes names, numbers and addresses out, and drops near-duplicates across sets. The same input gives the same bytes.
"""

from __future__ import annotations

import ast
import csv
import gzip
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from classifiers.near_duplicates import band_keys, signature, similarity
from rasoat.likeness import JOIN_AT
from rasoat.text import fold

_SURNAMES: Final = """
nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh doan lam mai trinh truong cao ha luu to ta thai chu quach luong
"""
_NAME: Final = re.compile(r"(?:\b[^\W\d_a-zà-ỹđ][\wÀ-ỹ]{1,8}(?:\s+|$)){2,8}")
_RULES: Final = (
    (re.compile(r"<\s*per(?:son)?\s*(?:>|@@)|<per@@"), "<tên>"),
    (re.compile(r"https?://\S+|www\.\S+"), "<liên kết>"),
    (re.compile(r"\S+@\S+\.\w+"), "<thư>"),
    (re.compile(r"@[\w.]+"), "<tên>"),
    (re.compile(r"(?<!\d)(?:\+?84|0)[\d .]{8,12}\d(?!\d)"), "<số>"),
)


def masked(text: str) -> str:
    """Without names of people (two or more capitalised words, one of them a surname), handles, links, mail addresses and phone numbers."""
    text = unicodedata.normalize("NFC", text).replace("\\n", " ").replace('\\"', '"')
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)

    surnames = set(_SURNAMES.split())

    def name(match: re.Match[str]) -> str:
        words = match.group().split()
        return "<tên> " if surnames & {fold(word) for word in words} and not match.group().isupper() else match.group()

    return " ".join(_NAME.sub(name, text).split())


def vihos(folder: Path) -> Iterator[dict[str, object]]:
    """ViHOS: text, the offensive words that its annotators marked, and its part of the set (dev is kept to measure spans)."""
    for part in ("train", "dev"):
        with (folder / "vihos" / f"{part}.csv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                text, offsets = row["content"], ast.literal_eval(row["index_spans"])
                marked = "".join(text[i] if i in set(offsets) else "\0" for i in range(len(text)))
                spans = sorted({word.strip() for word in re.split("\0+", marked) if word.strip()})
                yield {"text": masked(text), "offensive": [masked(span) for span in spans], "part": part}


def safesense(folder: Path) -> Iterator[dict[str, object]]:
    """SafeSense: the comment without the title of the post; 0 clean, 1 offensive, 2 hate."""
    with (folder / "safesense_vi" / "all.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            comment = row["input_text"].split("</s>")[-1]
            yield {"text": masked(comment), "label": int(row["label"])}


def viclickbait(folder: Path) -> Iterator[dict[str, object]]:
    """ViClickbait: headlines, without the name of the outlet behind the dash."""
    for part in ("train", "dev"):
        with (folder / "viclickbait" / f"{part}.csv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                yield {"text": masked(re.sub(r"\s[-|]\s[^-|]{3,30}$", "", row["title"]))}


def unique(rows: Iterator[dict[str, object]], seen: dict[bytes, list[tuple[int, ...]]], exact: set[str]) -> Iterator[dict[str, object]]:
    """Rows that are no near-duplicate of one before, in this set or another."""
    for row in rows:
        key = fold(str(row["text"]))
        if len(key) < 6 or key in exact:
            continue
        exact.add(key)
        made = signature(key)
        if made:
            keys = band_keys(made)
            if any(similarity(made, other) >= JOIN_AT for other in {other for band in keys for other in seen.get(band, ())}):
                continue
            for band in keys:
                seen.setdefault(band, []).append(made)
        yield row


def write(rows: Iterator[dict[str, object]], path: Path) -> int:
    """JSON lines, gzip without time stamp. Returns how many."""
    lines = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in rows]
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), 9, mtime=0))
    return len(lines)


def main(raw: Path, out: Path) -> None:
    """Write the three files."""
    seen: dict[bytes, list[tuple[int, ...]]] = {}
    exact: set[str] = set()
    for name, rows in (("vihos", vihos(raw)), ("safesense", safesense(raw)), ("viclickbait", viclickbait(raw))):
        path = out / f"{name}.jsonl.gz"
        count = write(unique(rows, seen, exact), path)
        print(f"{path}: {count} rows, {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
