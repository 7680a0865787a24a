"""The encoder as it serves: an int8 graph in ONNX Runtime and its vocabulary. Never imports torch.

Must not know rules, policy, calibration or thresholds: `logits` are raw log-odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from classifiers.lanes import harms_of
from classifiers.ort import REFUSED, onnxruntime
from classifiers.transformer.explain import Weighed, occlusion
from classifiers.transformer.files import checked
from classifiers.transformer.scoring import Floats, Kind, score
from classifiers.transformer.tokens import Ints, Vocabulary
from rasoat.errors import ConfigError, Place
from rasoat.harms import Harm

NAME: Final = "encoder-vi-1"
"""Folder below `models/`."""
GRAPH: Final = "model.onnx"
TOKENS: Final = "tokenizer.json"
FACTS: Final = "model.json"
HINT: Final = "run `rasoat train`, or check the folder out again"


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """Frozen; safe to share between threads."""

    session: onnxruntime.InferenceSession
    vocabulary: Vocabulary
    labels: tuple[str, ...]
    kind: Kind
    version: str
    notes: dict[str, Any]

    @classmethod
    def load(cls, folder: Path, *, threads: int = 0) -> Self:
        """Read `model.json`, `model.onnx` and `tokenizer.json`. `threads`: of one calculation; 0 takes all cores.

        Raises:
            ConfigError: a file is missing, altered, or of another format.
        """
        facts, files = checked(folder, FACTS, (GRAPH, TOKENS), HINT)
        try:
            vocabulary = Vocabulary.from_json(files[TOKENS].decode())
            labels, kind, version = tuple(map(str, facts["labels"])), Kind(facts["kind"]), str(facts["version"])
            session = opened(files[GRAPH], threads)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"not an encoder: {error}", place=Place(str(folder / FACTS)), hint=HINT) from error
        made = session.get_outputs()[0].shape[-1]
        if made != len(labels):
            raise ConfigError(f"the graph gives {made} scores, model.json names {len(labels)}", place=Place(str(folder / GRAPH)), hint=HINT)
        notes = facts.get("notes")
        return cls(session, vocabulary, labels, kind, version, notes if isinstance(notes, dict) else {})

    @property
    def harms(self) -> tuple[Harm, ...]:
        """What the first columns of `logits` are about."""
        return harms_of(self.labels)

    def logits(self, texts: Sequence[str]) -> Floats:
        """Raw log-odds (of classes: scores), float32 (texts, labels); long texts in windows."""
        return score(self._run, self.vocabulary, texts, len(self.labels), self.kind)

    def explain(self, text: str, harm: Harm) -> tuple[Weighed, ...]:
        """The words without which the score of this harm falls most: at most five spans of the ORIGINAL text, strongest first."""
        return occlusion(self._run, self.vocabulary, text, self.labels.index(harm.value))

    def _run(self, letters: Ints, accents: Ints) -> Floats:
        (out,) = self.session.run(None, {"letters": letters, "accents": accents})
        made: Floats = np.asarray(out, dtype=np.float32)
        return made


def opened(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session on the processor.

    Raises:
        ValueError: it is no graph that ONNX Runtime can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except REFUSED as error:
        raise ValueError(f"ONNX Runtime cannot run the graph: {error}") from error
