"""Scores of many texts from whatever scores a padded batch: windows, batches of like length, and back into the order of the texts.

Windows and how their scores become one are the linear model's (`classifiers.linear.windows`), so that both read the same pieces of a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from classifiers.linear.windows import aggregate, windows
from classifiers.transformer.tokens import Ints, Pieces, Vocabulary, padded

Floats = npt.NDArray[np.float32]
Runner = Callable[[Ints, Ints], Floats]
"""Letters and accents (B, L) to scores (B, labels)."""

MOST_WINDOWS: Final = 100
"""Windows of one text that are scored: a page of 20,000 characters has 83. Of a longer text every n-th is taken: its time is bounded."""
BUDGET: Final = 4_096
"""Places of one batch, padding included: its arrays stay near the cache, and no batch holds up a request for long."""
_CHUNK: Final = 2_000


class Kind(StrEnum):
    """What the scores mean."""

    MULTILABEL = "multilabel"  # log-odds, each label by itself
    MULTICLASS = "multiclass"  # one label is right: scores for a softmax


def cut(text: str) -> list[tuple[int, int]]:
    """The windows of a text that are scored."""
    made = windows(text)
    return made if len(made) <= MOST_WINDOWS else [made[i] for i in np.linspace(0, len(made) - 1, MOST_WINDOWS).astype(int)]


def batches(lengths: Sequence[int], budget: int = BUDGET) -> Iterator[list[int]]:
    """Indices in groups of like length, at most `budget` places each."""
    group: list[int] = []
    for i in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and lengths[i] * (len(group) + 1) > budget:
            yield group
            group = []
        group.append(i)
    if group:
        yield group


def score_pieces(run: Runner, pieces: Sequence[Pieces]) -> Floats:
    """(pieces, labels), of at least one window."""
    groups = list(batches([len(one.letters) for one in pieces]))
    parts = [run(*padded([pieces[i] for i in group])) for group in groups]
    out: Floats = np.empty((len(pieces), parts[0].shape[1]), dtype=np.float32)
    out[[i for group in groups for i in group]] = np.concatenate(parts)
    return out


def score(run: Runner, vocabulary: Vocabulary, texts: Sequence[str], labels: int, kind: Kind = Kind.MULTILABEL) -> Floats:
    """(texts, labels): raw scores, the windows of a long text made one."""
    parts = [_some(run, vocabulary, texts[at : at + _CHUNK], kind) for at in range(0, len(texts), _CHUNK)]
    return np.concatenate(parts) if parts else np.zeros((0, labels), dtype=np.float32)


def _some(run: Runner, vocabulary: Vocabulary, texts: Sequence[str], kind: Kind) -> Floats:
    cuts = [cut(text) for text in texts]
    flat = vocabulary.encode([text[start:end] for text, made in zip(texts, cuts, strict=True) for start, end in made])
    scores = score_pieces(run, flat)
    return scores if len(flat) == len(texts) else joined(scores, [len(made) for made in cuts], kind)


def joined(scores: Floats, counts: Sequence[int], kind: Kind) -> Floats:
    """One row a text: by `aggregate` for log-odds; the mean of the windows for classes, for a text is of one class as a whole."""
    if kind is Kind.MULTILABEL:
        return aggregate(scores.astype(np.float64), counts).astype(np.float32)
    starts = np.cumsum([0, *counts[:-1]])
    mean: Floats = (np.add.reduceat(scores, starts, axis=0) / np.array(counts)[:, None]).astype(np.float32)
    return mean
