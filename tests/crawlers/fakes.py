"""Inbox and evidence store for tests of crawling: in memory, or in a file that survives `kill -9`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rasoat.canonical import sha256_hex
from rasoat.errors import EvidenceError
from rasoat.items import BlobRef, Item
from rasoat.ports import Arrival, Unmapped


class MemoryEvidence:
    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.full = False

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        if self.full:
            raise OSError(28, "No space left on device")
        digest = sha256_hex(data)
        self.blobs[digest] = data
        return BlobRef(digest, len(data), media_type, sealed)

    def get(self, ref: BlobRef) -> bytes:
        try:
            return self.blobs[ref.sha256]
        except KeyError as error:
            raise EvidenceError(f"no blob {ref.sha256}") from error

    def delete(self, ref: BlobRef) -> None:
        self.blobs.pop(ref.sha256, None)


class MemoryInbox:
    """`dropped` holds ids of items whose text was dropped as unflagged."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.captures: dict[str, int] = {}
        self.dropped: set[str] = set()
        self.runs: set[str] = set()

    def put(self, item: Item, *, run_id: str) -> Arrival:
        self.runs.add(run_id)
        known = self.items.get(item.id)
        if known is not None and known.content_hash == item.content_hash:
            if item.id in self.dropped:
                return Arrival.KNOWN_DROPPED
            self.captures[item.id] += len(item.captures)
            return Arrival.SEEN_AGAIN
        self.items[item.id] = item
        self.captures[item.id] = self.captures.get(item.id, 0) + len(item.captures)
        return Arrival.NEW if known is None else Arrival.CHANGED

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None:
        raise AssertionError("a crawl maps everything")

    def by_path(self, path: str) -> Item:
        """The one item whose address ends so."""
        found = [item for item in self.items.values() if item.locator.endswith(path)]
        assert len(found) == 1, (path, [item.locator for item in self.items.values()])
        return found[0]


class FileInbox:
    """The inbox of a crawl process that will be killed; each `put` is one transaction. `evidence` keeps blobs in the same file."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("CREATE TABLE IF NOT EXISTS items (id TEXT PRIMARY KEY, locator TEXT, hash TEXT)")
        self.db.execute("CREATE TABLE IF NOT EXISTS captures (id TEXT PRIMARY KEY, item TEXT, blob TEXT)")
        self.db.execute("CREATE TABLE IF NOT EXISTS blobs (sha256 TEXT PRIMARY KEY, data BLOB)")
        self.evidence = FileEvidence(self.db)

    def put(self, item: Item, *, run_id: str) -> Arrival:
        self.db.execute("BEGIN IMMEDIATE")
        known = self.db.execute("SELECT hash FROM items WHERE id = ?", (item.id,)).fetchone()
        self.db.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", (item.id, item.locator, item.content_hash))
        for capture in item.captures:
            self.db.execute("INSERT INTO captures VALUES (?, ?, ?)", (capture.id, item.id, capture.blob.sha256))
        self.db.execute("COMMIT")
        if known is None:
            return Arrival.NEW
        return Arrival.SEEN_AGAIN if known[0] == item.content_hash else Arrival.CHANGED

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None:
        raise AssertionError("a crawl maps everything")

    def one(self, query: str) -> int:
        return int(self.db.execute(query).fetchone()[0])

    def close(self) -> None:
        self.db.close()


class FileEvidence:
    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        digest = sha256_hex(data)
        self.db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (digest, data))
        return BlobRef(digest, len(data), media_type, sealed)

    def get(self, ref: BlobRef) -> bytes:
        return bytes(self.db.execute("SELECT data FROM blobs WHERE sha256 = ?", (ref.sha256,)).fetchone()[0])

    def delete(self, ref: BlobRef) -> None:
        self.db.execute("DELETE FROM blobs WHERE sha256 = ?", (ref.sha256,))
