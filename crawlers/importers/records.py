"""What passes between reading and mapping: lines, records, and records that could not even be parsed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from rasoat.errors import Quarantine

JSON_MEDIA = "application/json"
ROW_MEDIA = "application/vnd.rasoat.row+json"
"""A row of a table, kept as one JSON object of column to cell."""
TEXT_MEDIA = "text/plain; charset=utf-8"

JsonObject = Mapping[str, object]
"""A record as its platform gave it. Mappers read it through `crawlers.importers.fields`, never by bare keys."""


@dataclass(frozen=True, slots=True)
class Record:
    """One parsed record. `raw` is what is sealed: the line untouched, or the row as JSON."""

    position: str  # "line 17", "item 3", "posts.csv line 17"
    data: JsonObject
    raw: bytes
    media_type: str = JSON_MEDIA


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of the file that is no record: kept with the reason, so that it can be mended and read again."""

    position: str
    problem: str
    raw: bytes
    media_type: str = TEXT_MEDIA


def row_record(position: str, cells: Mapping[str, str]) -> Record:
    """A record from a row of a table."""
    return Record(position, cells, json.dumps(cells, ensure_ascii=False).encode("utf-8", "surrogatepass"), ROW_MEDIA)


def parse_record(raw: bytes, position: str, media_type: str = JSON_MEDIA) -> Record:
    """A record from one JSON text.

    Raises:
        Quarantine: it is no JSON object.
    """
    try:
        value: object = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Quarantine(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Quarantine(f"a JSON {_kind(value)} where an object was expected")
    return Record(position, value, raw, media_type)


def _kind(value: object) -> str:
    names = {list: "array", str: "string", bool: "true or false", int: "number", float: "number", type(None): "null"}
    return names.get(type(value), type(value).__name__)
