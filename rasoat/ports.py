"""The seams: what one room asks of another. `rasoat.store` implements them; crawlers and flows are handed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rasoat.assessments import Span
from rasoat.errors import RasoatError
from rasoat.items import BlobRef, Item


class Arrival(StrEnum):
    """What became of an item that was put into the inbox."""

    NEW = "new"  # never seen: waits for assessment
    CHANGED = "changed"  # known, with other words: waits for assessment again
    SEEN_AGAIN = "seen_again"  # known and unchanged: the capture was added, nothing else
    KNOWN_DROPPED = "known_dropped"  # known, unflagged, unchanged: only a counter moved; the caller's capture is not kept


class EvidenceStore(Protocol):
    """Bytes by their SHA-256. Writing twice is writing once; a reader always gets what was hashed or an error."""

    def put(self, data: bytes, media_type: str, *, sealed: bool = False) -> BlobRef:
        """Store and return the reference. Atomic: after a crash the blob is whole or absent."""
        ...

    def get(self, ref: BlobRef) -> bytes:
        """The bytes. Raises EvidenceError when absent or different."""
        ...

    def delete(self, ref: BlobRef) -> None:
        """Remove; no error when absent."""
        ...


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A record that no mapper understood: kept sealed with the reason, so that it can be mapped again after an update."""

    source: str
    mapper: str
    mapper_version: int
    position: str  # "line 17"
    problem: str
    raw: BlobRef


class Inbox(Protocol):
    """Where crawlers and importers put what they found. Every call is one transaction and can be repeated without harm."""

    def put(self, item: Item, *, run_id: str) -> Arrival:
        """Take one item with its captures."""
        ...

    def put_unmapped(self, record: Unmapped, *, run_id: str) -> None:
        """Take one record that could not be mapped."""
        ...


class BatchInbox(Inbox, Protocol):
    """An inbox for who brings many items at once."""

    def put_many(self, items: Sequence[Item], *, run_id: str) -> list[Arrival]:
        """`put` for some dozens of items in one transaction: all of them, or none when it raises."""
        ...


class Sort(StrEnum):
    """Order of search results."""

    RELEVANCE = "relevance"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class SearchDoc:
    """One flagged item as the index sees it: a projection of SQL, never the truth."""

    id: str  # item id
    case_id: str
    state: str
    codes: tuple[str, ...]
    source: str
    platform: str
    title: str
    text: str  # original
    url: str
    published_at: datetime | None
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`text`: words (all must occur) and "quoted phrases"; accents and đ are optional, except after `=`. Empty text lists all."""

    text: str = ""
    codes: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    since: datetime | None = None  # captured_at, inclusive
    until: datetime | None = None  # captured_at, exclusive
    sort: Sort = Sort.RELEVANCE
    limit: int = 20  # at most 200
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One answer. Spans are offsets into the original `text` and `title`."""

    doc: SearchDoc
    score: float
    text_spans: tuple[Span, ...] = ()
    title_spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of answers with the counts of all: facet name (`codes states sources platforms`) to value to count."""

    hits: tuple[SearchHit, ...]
    total: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class Rejected(RasoatError):
    """The index will never take some documents, whatever is tried again; it took all the others. `reasons` by document id.

    `overtaken` as `SearchIndex.upsert` returns it; `taken`: how many documents a rebuilt index holds.
    """

    def __init__(self, reasons: dict[str, str], *, overtaken: frozenset[str] = frozenset(), taken: int = 0) -> None:
        self.reasons, self.overtaken, self.taken = reasons, overtaken, taken
        first = next(iter(reasons.items()), ("", ""))
        super().__init__(f"the search index refuses {len(reasons)} documents, the first is {first[0]}: {first[1]}")


class SearchIndex(Protocol):
    """One contract, two adapters: SQLite FTS5 in the home, Elasticsearch when shared. A projection: may be lost and rebuilt.

    `fence` is the number of the projector that writes (`rasoat.store.fencing`): a reading never goes over one with a greater number.
    """

    def upsert(self, docs: Sequence[SearchDoc], fence: int | None = None) -> frozenset[str]:
        """Add or replace by id; readers see it when this returns. Raises Rejected when some can never be taken.

        Returns the ids that were left alone, because a projector with a greater number wrote or removed them.
        """
        ...

    def delete(self, ids: Sequence[str], fence: int | None = None) -> frozenset[str]:
        """Remove; no error when absent. Returns what `upsert` returns."""
        ...

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer. Raises UsageError for a query that cannot be read, saying why."""
        ...

    def rebuild(self, docs: Iterable[SearchDoc], fence: int | None = None) -> int:
        """Replace the whole index while readers go on reading the old one; returns how many were indexed."""
        ...

    def compact(self) -> None:
        """Make deletions final: what was deleted is then nowhere on disk."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
