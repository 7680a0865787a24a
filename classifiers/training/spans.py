"""Trains the span tagger (`classifiers/spans.py`) on the train part of ViHOS (MIT: its weights may ship). Never sees the dev part."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from classifiers.spans import BITS, FORMAT, MODEL, Floats, SpanTagger, best_path, character_f1, covered, features, tokens
from classifiers.training.files import npz, to_json, write
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
    tagger = SpanTagger.load(models_dir / MODEL)
    write(models_dir / MODEL, CARD__md=card(tagger, data_dir).encode())
    return tagger


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
    packed = npz(table=np.round(weights / scale).astype(np.int8), moves=moves)
    digest = sha256_hex(packed)
    facts = {"format": FORMAT, "bits": BITS, "scale": scale, "shift": shift, "trained_on": f"ViHOS train (MIT), {texts} texts"}
    write(folder, weights__npz=packed, model__json=to_json(facts | {"weights_sha256": digest, "version": f"{MODEL}@{digest[:12]}"}))


def measure(tagger: SpanTagger, data_dir: Path) -> float:
    """Mean character F1 on the dev part as it ships (`bench.realtext` measures on the rows as published)."""
    scores = []
    for text, tags in marked_texts(data_dir / "training" / "vihos.jsonl.gz", part="dev"):
        marked = [place for place, tag in zip(tokens(text), tags, strict=True) if tag]
        scores.append(character_f1(tagger.spans(text), covered(marked, text)))
    return sum(scores) / len(scores)


def card(tagger: SpanTagger, data_dir: Path) -> str:
    """The card of the tagger."""
    raw = data_dir / "training" / "vihos.jsonl.gz"
    return f"""# Model card: {MODEL}

Written by `rasoat train`. Version `{tagger.version}`.

Marks the words of a text that annotators would call offensive, to underline them beside a HAT or HAR flag that rules and models raised.
It flags nothing and changes no probability: swearing, and insults at officials, are no harm, and it marks them all the same.

- Data: train part of ViHOS (Hoang et al., EACL 2023; MIT, `data/training/LICENSE-vihos`), file SHA-256 `{sha256_hex(raw.read_bytes())}`.
- Method: logistic regression over hashed words, neighbours and letters of each token, int8, and the likeliest path over two tags.
- Figure: mean character F1 {measure(tagger, data_dir):.3f} on the dev part, which training never saw
  (1 where both mark nothing; SemEval-2021 task 5).
- Must not be used: as a filter, a flag, a score of a person, or for any text that was not flagged for another reason.
- Known failures: sarcasm, insults without a bad word, harmless words that often stand in insults ("con", "thằng", "chó").
"""
