"""What is kept of a record beside its item: the raw bytes, sealed because they name people, and the sighting that they prove."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from typing import Final

from crawlers.importers.records import Broken, Record
from rasoat import __version__
from rasoat.canonical import sha256_hex, text_hash
from rasoat.items import BlobRef, Capture, CaptureMethod, Item
from rasoat.ports import EvidenceStore

_SIGHTINGS: Final = uuid.UUID("6f1c4a52-6d0b-5c0e-9a9d-0d2c5f3b7e11")
"""Namespace for the ids of imported captures."""


SEALERS: Final = 8
"""Threads that write raw records. Each write waits for the disk; side by side the waits fall together (measured: 20 times the rate)."""


def seal(record: Record | Broken, evidence: EvidenceStore) -> BlobRef:
    """Keep the raw record, encrypted at rest."""
    return evidence.put(record.raw, record.media_type, sealed=True)


def seal_all(records: Iterable[Record | Broken], evidence: EvidenceStore, pool: Executor) -> list[BlobRef]:
    """`seal` for many, in their order."""
    return list(pool.map(lambda record: seal(record, evidence), records))


def with_capture(item: Item, raw: BlobRef, payload: bytes, mapper: str) -> Item:
    """The item with its sealed record and the one sighting that it is.

    The capture's id follows from item and bytes: the same record imported twice is one sighting, not two.
    """
    digest = sha256_hex(payload)
    capture = Capture(
        id=str(uuid.uuid5(_SIGHTINGS, f"{item.id}:{digest}")),
        method=CaptureMethod.IMPORT,
        captured_at=item.captured_at,
        blob=raw,
        payload_sha256=digest,
        text_sha256=text_hash(item.text),
        tool=f"rasoat/{__version__} {mapper}",
        requested_url=item.url,
    )
    return replace(item, raw=raw, captures=(capture,))
