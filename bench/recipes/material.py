"""Texts of the project's own shippable data that recipes may read beside a published set: for word vectors and one auxiliary score.

Near-twins of the test file are left out: ViHSD, ViHOS and others are one pool of comments. Nothing is read from outside the project.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from bench.recipes.views import folded

SOURCES: Final = ("safesense", "vihos", "viclickbait", "wiki")
_MOST: Final = 20_000  # texts of one source
_KEY: Final = 80  # letters and digits that two twins share at their start


def twin_key(text: str) -> str:
    """What two texts share when one is the other but for accents, case, marks and spaces."""
    return re.sub(r"[\W_]+", "", folded(text))[:_KEY]


def shipped(folder: Path, but: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Rows by source, without near-twins of `but`; a source that is not there gives none."""
    taken = {twin_key(text) for text in but}
    found: dict[str, list[dict[str, Any]]] = {}
    for name in SOURCES:
        path = folder / f"{name}.jsonl.gz"
        rows = _rows(path) if path.is_file() else []
        found[name] = [row for row in rows if isinstance(row.get("text"), str) and twin_key(row["text"]) not in taken]
    return found


def _rows(path: Path) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if len(made) == _MOST:
                break
            made.append(json.loads(line))
    return made
