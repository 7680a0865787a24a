"""Which of the formats a file is, and its records. The content decides; the name only breaks ties."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import PurePosixPath

from crawlers.importers.decoding import ByteSource, TextSource
from crawlers.importers.json_reading import read_array, read_document, read_lines
from crawlers.importers.limits import Limits
from crawlers.importers.records import Broken, Record
from crawlers.importers.tables import delimiter_of, read_table


class Format(StrEnum):
    """How a file holds its records."""

    CSV = "csv"
    TSV = "tsv"
    JSON_LINES = "jsonl"
    JSON_ARRAY = "json array"
    JSON_DOCUMENT = "json document"


def format_of(head: str, name: str) -> Format:
    """The format, from the first characters and the name."""
    suffix = PurePosixPath(name.removesuffix(".gz")).suffix.lower()
    if suffix in (".csv", ".tsv"):
        return Format.TSV if suffix == ".tsv" else Format.CSV
    start = head.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return Format.JSON_ARRAY
    if start.startswith("{"):
        first, newline, _ = start.partition("\n")
        one_line = not newline or suffix in (".jsonl", ".ndjson") or _is_json(first)
        return Format.JSON_LINES if one_line else Format.JSON_DOCUMENT
    header = start.partition("\n")[0]
    return Format.TSV if delimiter_of(header) == "\t" else Format.CSV


def read_records(source: ByteSource, name: str, limits: Limits) -> tuple[Format, str, Iterator[Record | Broken]]:
    """The format, the encoding, and the records one by one.

    Raises:
        InputError: empty, binary or not decodable; while iterating too.
    """
    text = TextSource(source, limits)
    found = format_of(text.head, name)
    records: Iterator[Record | Broken]
    if found is Format.JSON_LINES:
        records = read_lines(text.lines(), limits)
    elif found is Format.JSON_ARRAY:
        records = read_array(text.chunks(), limits)
    elif found is Format.JSON_DOCUMENT:
        records = read_document(text.chunks(), limits, source.name)
    else:
        header = text.head.lstrip("\ufeff \r\n").partition("\n")[0]
        records = read_table(text.lines(), "\t" if found is Format.TSV else delimiter_of(header), limits)
    return found, text.encoding, records


def _is_json(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
