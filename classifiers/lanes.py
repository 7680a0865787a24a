"""What the columns of a model are about: harms, and last, where it has one, protected speech. Must not know weights or thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rasoat.harms import Harm

PROTECTED: Final = "protected"
"""Warning, news, story, question, satire, civic talk. Only ever counts against a harm, and is never told of a text."""


def harms_of(labels: Sequence[str]) -> tuple[Harm, ...]:
    """The harms among the labels, which come first.

    Raises:
        ValueError: a label is neither a harm nor protected speech at the end.
    """
    return tuple(Harm(label) for label in (labels[:-1] if labels and labels[-1] == PROTECTED else labels))
