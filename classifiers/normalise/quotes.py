"""Quotation marks that quote nothing: around single words all over a text. Quoting words to speak about them stays."""

from __future__ import annotations

import re
from typing import Final

from classifiers.normalise.words import words

_SINGLE: Final = re.compile(r"(?<=[\w,.!?] )[\"“”‘’'«»]([^\W_]{1,12})[\"“”‘’'«»](?=[.!?]? |[.!?]?$)")
_LEAST: Final = 3
_SHARE: Final = 0.15
_ORDINARY: Final = 400
"""Rank from which on a word is no longer one of the commonest: people put slurs and names in quotation marks, not `của`."""


def strewn_quotes(text: str) -> list[tuple[int, int]]:
    """Where single words stand in quotation marks, when they are three or more, 15% of the text, and ordinary ones are among them."""
    found = [hit for hit in _SINGLE.finditer(text)]
    if len(found) < _LEAST or len(found) < _SHARE * (text.count(" ") + 1):
        return []
    rank = words().rank
    if sum(min(rank.get(hit.group(1), 9999), rank.get(hit.group(1), 9999 + 3000) - 3000) < _ORDINARY for hit in found) == 0:
        return []
    return [hit.span() for hit in found]
