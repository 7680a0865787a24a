"""One training example, and how it is told which split it belongs to. Must not know where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from rasoat.harms import Harm


class Split(StrEnum):
    """What an example may be used for."""

    TRAIN = "train"
    CALIBRATION = "calibration"
    DEV = "dev"
    HELDOUT_SLOTS = "heldout-slots"  # schemes that training knows, filled with words that it never saw
    HELDOUT_SCHEMES = "heldout-schemes"  # whole schemes, and their harmless twins, that training never saw


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the harms it shows. `weights` says how far a label is believed: 1 by default, 0 leaves the text out for that harm."""

    text: str
    harms: frozenset[Harm]
    cluster: str
    source: str
    group: str  # grammar or label of the source: figures are reported by it
    weights: dict[Harm, float] = field(default_factory=dict)
    split: Split | None = None  # set where the text was written for one split; None: by `split_of` its cluster
    stance: str = ""  # of our own corpus: script, warning, news, victim, question, satire, neighbour, talk
    register: str = ""  # of our own corpus: sms, chat, comment, post, page
    rendering: str = ""  # of our own corpus: how it was typed

    @property
    def scheme(self) -> str:
        """The scheme of our own corpus that wrote it: another word for its group."""
        return self.group

    @property
    def template(self) -> str:
        """The template that wrote it: another word for its cluster."""
        return self.cluster

    def weight(self, harm: Harm) -> float:
        """How far the label for this harm is believed."""
        return self.weights.get(harm, 1.0)


def split_of(cluster: str, seed: int) -> Split:
    """70 / 15 / 15 by a hash of the cluster: near-duplicates never meet on two sides."""
    return _split(_draw(cluster, seed))


def split_ranked(clusters: Sequence[str], seed: int) -> dict[str, Split]:
    """70 / 15 / 15 by rank of the hash: for small sets of clusters (a grammar's templates), so that each split gets its share."""
    ranked = sorted(dict.fromkeys(clusters), key=lambda cluster: _draw(cluster, seed))
    return {cluster: _split((rank + 0.5) / len(ranked)) for rank, cluster in enumerate(ranked)}


def _draw(cluster: str, seed: int) -> float:
    return int.from_bytes(sha256(f"{seed}:{cluster}".encode()).digest()[:4], "big") / 2**32


def _split(share: float) -> Split:
    return Split.TRAIN if share < 0.70 else Split.CALIBRATION if share < 0.85 else Split.DEV
