"""What "protected speech" means for the last lane of the linear model: who speaks about a harm instead of doing it.

Must not know features or weights.
"""

from __future__ import annotations

from typing import Final

from classifiers.training.examples import Example

_SPOKEN_OF: Final = frozenset({"warning", "news", "victim", "question", "satire"})
_SIDE: Final = 0.3
"""Weight of texts whose stance nobody wrote down: what they are published as says it often enough."""


def protection(example: Example) -> tuple[bool, float]:
    """Whether a text is speech about things (warning, news, story, question, satire, civic talk), and how far that is believed."""
    if example.harms:
        return False, 1.0
    if example.stance:
        if example.stance == "talk":
            return True, 1.0 if example.group.startswith("civ") else _SIDE
        if example.stance in _SPOKEN_OF:
            return True, 1.0
        return False, 1.0 if example.stance == "neighbour" else 0.0
    spoken_of = example.source in ("viclickbait", "wiki")
    return spoken_of, _SIDE if spoken_of else 0.0
