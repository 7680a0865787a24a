"""The envelope that the Zeeschuimer browser extension puts around what it saw: one JSON object a line.

Shape (js/zs-background.js): `nav_index item_id timestamp_collected source_platform source_platform_url source_url user_agent data`.
Mappers take the record with or without the envelope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from crawlers.importers.fields import at, object_at, text_at, time_at
from crawlers.importers.records import JsonObject, Record
from rasoat.missing import Maybe, given


def payload(record: Record) -> JsonObject:
    """What the platform said."""
    return object_at(record.data, "data") or record.data


def platform_of(record: Record) -> str:
    """The extension's name of the platform (`tiktok.com`, `tiktok-comments`, `facebook.com`), or nothing."""
    return given(text_at(record.data, "source_platform"), "").lower().removeprefix("www.")


def collected_at(record: Record) -> Maybe[datetime]:
    """When the extension saw it."""
    return time_at(record.data, "timestamp_collected")


def page_of(record: Record) -> Maybe[str]:
    """The address of the page on which it was seen."""
    return text_at(record.data, "source_platform_url")


def confidence(records: Sequence[Record], platforms: frozenset[str], looks_right: Callable[[JsonObject], bool]) -> float:
    """0.98 where shape and envelope agree, 0.8 on the shape alone, 0.7 on the envelope alone; the mean over the records.

    The envelope alone is enough: when a platform changes its format, records are to be set aside by the right mapper.
    """
    if not records:
        return 0.0
    scores = []
    for record in records:
        shape = looks_right(payload(record))
        envelope = platform_of(record) in platforms and bool(at(record.data, "data"))
        scores.append((0.98 if envelope else 0.8) if shape else 0.7 if envelope else 0.0)
    return sum(scores) / len(scores)
