"""An inbox and an evidence store in memory, with the promises of `rasoat.ports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rasoat.canonical import sha256_hex
from rasoat.errors import EvidenceError
from rasoat.items import BlobRef, Item
from rasoat.ports import Arrival, Unmapped


@dataclass
class MemoryInbox:
    items: dict[str, Item] = field(default_factory=dict)
    unmapped: dict[tuple[str, str, str], Unmapped] = field(default_factory=dict)

    def put(self, item: Item, *, run_id: str) -> Arrival:
        known = self.items.get(item.id)
        if known is None:
            self.items[item.id] = item
            return Arrival.NEW
        captures = {capture.id: capture for capture in (*known.captures, *item.captures)}
        self.items[item.id] = replace(item, captures=tuple(captures.values()))
        return Arrival.SEEN_AGAIN if known.content_hash == item.content_hash else Arrival.CHANGED

    def put_many(self, items: Sequence[Item], *, run_id: str) -> list[Arrival]:
        return [self.put(item, run_id=run_id) for item in items]

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None:
        self.unmapped[record.source, record.position, record.raw.sha256] = record


@dataclass
class MemoryEvidence:
    blobs: dict[str, bytes] = field(default_factory=dict)
    sealed: set[str] = field(default_factory=set)

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        digest = sha256_hex(data)
        self.blobs[digest] = data
        if sealed:
            self.sealed.add(digest)
        return BlobRef(digest, len(data), media_type, sealed)

    def get(self, ref: BlobRef) -> bytes:
        try:
            return self.blobs[ref.sha256]
        except KeyError as error:
            raise EvidenceError(f"no blob {ref.sha256}") from error

    def delete(self, ref: BlobRef) -> None:
        self.blobs.pop(ref.sha256, None)
