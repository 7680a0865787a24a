"""Trains the span tagger (`classifiers/spans.py`) on the train part of ViHOS (MIT: its weights may ship). Never sees the dev part."""

from __future__ import annotations

import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifiers.spans import BITS, FORMAT, MODEL, Floats, SpanTagger, best_path, features, tokens
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError, Place

_FOLDS: Final = 5
_SHIFTS: Final = (-1.0, -0.5, 0.0, 0.5, 1.0)
_PULLS: Final = (0.0, 0.5, 1.0)
"""How much the tag before counts, and what is added to every token's log-odds: chosen on one fold of the train part."""
Rows = list[list[int]]


def train_spans(data_dir: Path, models_dir: Path, *, progress: Callable[[str], None] = lambda line: None) -> SpanTagger:
    """Fit, write `models/spans-vi-1/`, load it again. About a minute; deterministic.

    Raises:
        ConfigError: the training file is missing or of an older form.
    """
    texts = list(marked_texts(data_dir / "training" / "vihos.jsonl.gz", part="train"))
    rows = [list(features(text, tokens(text))) for text, _ in texts]
    kept = [at for at in range(len(texts)) if at % _FOLDS]
    tuned = [at for at in range(len(texts)) if not at % _FOLDS]
    weights, bias = _fit([rows[at] for at in kept], [texts[at][1] for at in kept])
    moves = _moves([tags for _, tags in texts])
    scores = [_scores(rows[at], weights) + bias for at in tuned]
    shift, pull = max(
        ((shift, pull) for shift in _SHIFTS for pull in _PULLS),
        key=lambda choice: _mean_f1(scores, [texts[at][1] for at in tuned], choice[0], moves * choice[1]),
    )
    progress(f"spans: shift {shift}, pull {pull}")
    weights, bias = _fit(rows, [tags for _, tags in texts])
    _write(models_dir / MODEL, weights, bias + shift, moves * pull, len(texts))
    return SpanTagger.load(models_dir / MODEL)


def marked_texts(path: Path, *, part: str) -> Iterator[tuple[str, list[bool]]]:
    """Texts of one part with a tag for every token: whether it lies in a word that the annotators marked."""
    try:
        lines = gzip.decompress(path.read_bytes()).splitlines()
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot read the training data: {error}", place=Place(str(path)), hint="check the file out again") from error
    for number, line in enumerate(lines, start=1):
        row: dict[str, Any] = json.loads(line)
        if "part" not in row:
            raise ConfigError("no part", place=Place(str(path), number), hint="run `python -m classifiers.training.prepare` again")
        if row["part"] == part and tokens(row["text"]):
            yield row["text"], _tags(row["text"], row["offensive"])


def _tags(text: str, marked: Sequence[str]) -> list[bool]:
    inside = np.zeros(len(text) + 1, dtype=bool)
    for words in marked:
        for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text) if words else ():
            inside[match.start() : match.end()] = True
    return [bool(inside[place.start]) for place in tokens(text)]


def _fit(rows: Sequence[Rows], tags: Sequence[Sequence[bool]]) -> tuple[Floats, float]:
    from scipy.sparse import csr_matrix  # training only: never needed to serve
    from sklearn.linear_model import LogisticRegression

    flat = [row for text in rows for row in text]
    ends = np.cumsum([0, *map(len, flat)])
    columns = np.concatenate([np.asarray(row, dtype=np.int32) for row in flat])
    matrix = csr_matrix((np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(flat), 1 << BITS))
    model = LogisticRegression(C=0.5, solver="liblinear", max_iter=200, random_state=0)
    model.fit(matrix, np.array([tag for text in tags for tag in text]))
    return model.coef_[0], float(model.intercept_[0])


def _scores(rows: Rows, weights: Floats) -> Floats:
    return np.array([float(weights[row].sum()) for row in rows])


def _moves(tags: Sequence[Sequence[bool]]) -> Floats:
    """Log of how much likelier a tag is after another than anywhere."""
    counts = np.ones((2, 2))
    for text in tags:
        before = 0
        for tag in text:
            counts[before, int(tag)] += 1
            before = int(tag)
    share: Floats = np.log(counts / counts.sum(axis=1, keepdims=True)) - np.log(counts.sum(axis=0) / counts.sum())
    return share


def _mean_f1(scores: Sequence[Floats], tags: Sequence[Sequence[bool]], shift: float, moves: Floats) -> float:
    """Mean over texts of F1 over tokens; 1 where nothing is marked and nothing was found."""
    total = 0.0
    for text, gold in zip(scores, tags, strict=True):
        found = best_path(text + shift, moves)
        both = sum(a and b for a, b in zip(found, gold, strict=True))
        total += 2 * both / (sum(found) + sum(gold)) if any(found) or any(gold) else 1.0
    return total / len(tags)


def _write(folder: Path, weights: Floats, shift: float, moves: Floats, texts: int) -> None:
    scale = float(np.abs(weights).max()) / 127
    packed = io.BytesIO()
    np.savez_compressed(packed, table=np.round(weights / scale).astype(np.int8), moves=moves)
    facts = {"format": FORMAT, "bits": BITS, "scale": scale, "shift": shift, "trained_on": f"ViHOS train (MIT), {texts} texts"}
    facts |= {"weights_sha256": sha256_hex(packed.getvalue()), "version": f"{MODEL}+{sha256_hex(packed.getvalue())[:12]}"}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.npz").write_bytes(packed.getvalue())
    (folder / "model.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
