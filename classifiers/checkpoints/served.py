"""A registered checkpoint as it serves: the same members as the encoder's, so that it stands in its place. Never imports torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
from tokenizers import Tokenizer

from classifiers.checkpoints.pieces import segmented
from classifiers.lanes import harms_of
from classifiers.ort import onnxruntime
from classifiers.transformer.encoder import FACTS, GRAPH, TOKENS, Encoder, opened
from classifiers.transformer.explain import MOST, SHARE, Weighed
from classifiers.transformer.files import checked
from classifiers.transformer.scoring import Floats, Kind, batches, cut, joined
from classifiers.transformer.tokens import Ints, tokenizer_from
from rasoat.assessments import Span
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm

FORM: Final = "checkpoint"
HINT: Final = "run `rasoat train --base PATH` again, or copy the whole folder again"
_BUDGET: Final = 2_048
_CHUNK: Final = 1_000
_UNITS: Final = 32  # ranges of a window that are left out in turn
_LONE: Final = {code: "\ufffd" for code in range(0xD800, 0xE000)}


class Scorer(Protocol):
    """What the cascade needs of an encoder or of a checkpoint in its place."""

    @property
    def harms(self) -> tuple[Harm, ...]:
        """The first columns of `logits`."""

    @property
    def labels(self) -> tuple[str, ...]:
        """All columns: harms, then protected speech where the model knows it."""

    @property
    def version(self) -> str:
        """Name and hash."""

    def logits(self, texts: Sequence[str]) -> Floats:
        """Raw log-odds (texts, labels)."""

    def explain(self, text: str, harm: Harm) -> tuple[Weighed, ...]:
        """At most five spans, strongest first."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a checkpoint reads: what stands in `model.json` beside its hashes."""

    segmented: bool
    longest: int
    padding: int
    unknown: int
    pieces: int  # ids from here on are merges without a row: `unknown`
    types: bool  # the graph wants token types too (BERT)


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Frozen; safe to share between threads."""

    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    reading: Reading
    labels: tuple[str, ...]
    version: str
    notes: dict[str, Any]

    @property
    def harms(self) -> tuple[Harm, ...]:
        """The first columns of `logits`."""
        return harms_of(self.labels)

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> Self:
        """Read a folder that `rasoat train --base` wrote.

        Raises:
            ConfigError: a file is missing, altered, of another format, or the graph has not one score a label.
        """
        facts, files = checked(folder, FACTS, (GRAPH, TOKENS), HINT)
        place = Place(str(folder / FACTS))
        try:
            if facts.get("form") != FORM:
                raise ValueError("it is no registered checkpoint")
            labels = tuple(map(str, facts["labels"]))
            harms_of(labels)
            reading, version = Reading(**facts["reading"]), str(facts["version"])
            session, tokenizer = opened(files[GRAPH], threads), tokenizer_from(files[TOKENS].decode())
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"not a checkpoint that serves: {error}", place=place, hint=HINT) from error
        made = session.get_outputs()[0].shape[-1]
        if made != len(labels):
            raise ConfigError(f"the graph gives {made} scores, model.json names {len(labels)}", place=Place(str(folder / GRAPH)), hint=HINT)
        notes = facts.get("notes")
        return cls(session, tokenizer, reading, labels, version, notes if isinstance(notes, dict) else {})

    def logits(self, texts: Sequence[str]) -> Floats:
        """Raw log-odds, float32 (texts, labels); long texts in windows, as the encoder's."""
        parts = [self._some(texts[at : at + _CHUNK]) for at in range(0, len(texts), _CHUNK)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.labels)), dtype=np.float32)

    def _some(self, texts: Sequence[str]) -> Floats:
        cuts = [cut(text) for text in texts]
        flat = self._windows([text[start:end] for text, made in zip(texts, cuts, strict=True) for start, end in made])
        return flat if len(flat) == len(texts) else joined(flat, [len(made) for made in cuts], Kind.MULTILABEL)

    def _windows(self, windows: Sequence[str]) -> Floats:
        rows = ids_of(self.tokenizer, self.reading, windows)
        out = np.empty((len(rows), len(self.labels)), dtype=np.float32)
        for group in batches([len(row) for row in rows], _BUDGET):
            ids, mask = filled([rows[i] for i in group], self.reading.padding)
            given = {"input_ids": ids, "attention_mask": mask} | ({"token_type_ids": np.zeros_like(ids)} if self.reading.types else {})
            (scores,) = self.session.run(None, given)
            out[group] = scores
        return out

    def explain(self, text: str, harm: Harm) -> tuple[Weighed, ...]:
        """Words of the strongest window without which the score falls most: at most five spans of the ORIGINAL text."""
        label, windows = self.harms.index(harm), cut(text)
        strength = self._windows([text[start:end] for start, end in windows])[:, label]
        best = int(strength.argmax())
        start, end = windows[best]
        units = _units(text, start, end)
        if not units:
            return ()
        without = self._windows([text[start : unit.start] + text[unit.end : end] for unit in units])[:, label]
        drops = (float(strength[best]) - without).tolist()
        least = max(0.0, SHARE * max(drops))
        found = sorted(
            (Weighed(unit, round(drop, 4)) for unit, drop in zip(units, drops, strict=True) if drop > least), key=lambda w: -w.weight
        )
        return tuple(found[:MOST])


def _units(text: str, start: int, end: int) -> list[Span]:
    """Words of a range, neighbours together where there are many."""
    words: list[Span] = []
    at = start
    for word in text[start:end].split():
        found = text.index(word, at)
        at = found + len(word)
        words.append(Span(found, at))
    size = -(-len(words) // _UNITS) or 1
    return [Span(words[i].start, words[min(i + size, len(words)) - 1].end) for i in range(0, len(words), size)]


def ids_of(tokenizer: Tokenizer, reading: Reading, texts: Sequence[str]) -> list[list[int]]:
    """Pieces of each text with their ends, cut to the longest that the checkpoint takes."""
    plain = [text.translate(_LONE) for text in texts]
    rows = [made.ids for made in tokenizer.encode_batch(segmented(plain) if reading.segmented else plain)]
    kept = [row if len(row) <= reading.longest else [*row[: reading.longest - 1], row[-1]] for row in rows]
    return [[number if number < reading.pieces else reading.unknown for number in row] for row in kept]


def filled(rows: Sequence[Sequence[int]], padding: int) -> tuple[Ints, Ints]:
    """Ids and mask, (rows, longest row), int64."""
    width = max(1, *(len(row) for row in rows)) if rows else 1
    ids = np.full((len(rows), width), padding, dtype=np.int64)
    mask = np.zeros((len(rows), width), dtype=np.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)], mask[i, : len(row)] = row, 1
    return ids, mask


def load_scorer(folder: Path, *, threads: int = 0) -> Encoder | Checkpoint:
    """What serves from a folder below `models/`, or from any other that was written the same way.

    Raises:
        ConfigError: a file is missing, altered or of another form; a checkpoint that was not fine-tuned yet.
    """
    if not (folder / FACTS).exists() and (folder / "config.json").exists():
        raise ConfigError(
            "this checkpoint was not fine-tuned for our harms",
            place=Place(str(folder)),
            hint="run `rasoat train --base PATH`, then give models/NAME",
        )
    try:
        form = json.loads((folder / FACTS).read_bytes()).get("form")
    except (OSError, ValueError, AttributeError):
        form = None  # the loader says what is wrong with it
    return Checkpoint.load(folder, threads=threads) if form == FORM else Encoder.load(folder, threads=threads)
