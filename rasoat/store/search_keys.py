"""The row id of the embedded index carries the time and the facets of a document, so that one pass over FTS counts, filters and sorts.

63 bits: second since 2000 (31) ‖ place within the second (16) ‖ number of the facet combination (16). FTS5 walks row ids in order
and skips to a range natively: newest first and date filters cost nothing, facet counts touch no document.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

MAX_FACET: Final = 0xFFFF
MAX_PLACE: Final = 0xFFFF
_MAX_SECOND: Final = 0x7FFF_FFFF
_START: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())


def second_of(moment: datetime) -> int:
    """Seconds since 2000, cut to 0 … 2068."""
    return min(max(int(moment.timestamp() // 1) - _START, 0), _MAX_SECOND)


def rowid(second: int, place: int, facet: int) -> int:
    """The three parts as one number."""
    return second << 32 | place << 16 | facet


def second_range(second: int) -> tuple[int, int]:
    """First and last row id of one second."""
    return second << 32, second << 32 | 0xFFFF_FFFF


def place_of(row: int) -> int:
    """Which one within its second."""
    return row >> 16 & MAX_PLACE


def facet_of(row: int) -> int:
    """The facet combination."""
    return row & MAX_FACET
