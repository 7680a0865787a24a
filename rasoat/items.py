"""Items, captures and blobs: what the world published, when we saw it, and the bytes that prove it.

Knows nothing of how an item was fetched or what anybody thinks of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rasoat.canonical import id_of, sha256_hex, text_hash
from rasoat.missing import Maybe, Missing, given


class Platform(StrEnum):
    """Where an item was public."""

    WEB = "web"
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"
    FACEBOOK = "facebook"
    SMS = "sms"
    FILE = "file"


class ItemKind(StrEnum):
    """What sort of thing an item is."""

    ARTICLE = "article"
    PAGE = "page"
    VIDEO = "video"
    POST = "post"
    COMMENT = "comment"
    MESSAGE = "message"


class PublisherKind(StrEnum):
    """`PERSON` is always a keyed hash; the others are public names of organisations."""

    DOMAIN = "domain"
    CHANNEL = "channel"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who published an item. For a person `name` is `rasoat.authors.author_key(...)`, never a handle."""

    kind: PublisherKind
    name: str


@dataclass(frozen=True, slots=True)
class BlobRef:
    """Bytes in the evidence store. `sha256` is of the bytes before sealing. Sealed blobs are encrypted at rest."""

    sha256: str
    size: int
    media_type: str
    sealed: bool = False


class CaptureMethod(StrEnum):
    """How the bytes came here."""

    FETCH = "fetch"
    IMPORT = "import"
    PASTE = "paste"


@dataclass(frozen=True, slots=True)
class Capture:
    """One sighting of an item. `blob` holds a WARC for `fetch`, the raw record for `import`."""

    id: str  # UUID
    method: CaptureMethod
    captured_at: datetime
    blob: BlobRef
    payload_sha256: str  # of the body as received, before any decoding by us
    text_sha256: str  # of `Item.text`
    tool: str  # "rasoat/0.1.0 scrapy/2.19.0"
    requested_url: Maybe[str] = Missing
    final_url: Maybe[str] = Missing
    redirects: tuple[str, ...] = ()
    http_status: Maybe[int] = Missing
    headers: tuple[tuple[str, str], ...] = ()  # response headers, cookies stripped


@dataclass(frozen=True, slots=True)
class Item:
    """One public thing at one moment.

    `text` is the clean main text, `verbatim` has nothing dropped (spam repeats itself, and extraction hides that).
    `raw` is what the platform said, untouched, sealed because it names people.
    """

    id: str
    platform: Platform
    kind: ItemKind
    locator: str  # canonical: the same thing has the same locator in every run
    source: str  # name of the source or of the import
    text: str
    verbatim: str
    captured_at: datetime
    url: Maybe[str] = Missing
    title: Maybe[str] = Missing
    published_at: Maybe[datetime] = Missing
    publisher: Maybe[Publisher] = Missing
    reach: Maybe[int] = Missing  # views or likes, where the platform says
    raw: Maybe[BlobRef] = Missing
    captures: tuple[Capture, ...] = ()

    @property
    def content_hash(self) -> str:
        """Changes when the text or the title changes, and only then."""
        return text_hash(f"{given(self.title, '')}\n{self.verbatim or self.text}")

    @property
    def url_hash(self) -> str:
        """What is kept of the address when the text is dropped."""
        return sha256_hex(given(self.url, self.locator).encode())


def item_id(platform: Platform, kind: ItemKind, locator: str) -> str:
    """SHA-256 of kind, platform and canonical locator."""
    return id_of((kind.value, platform.value, locator))
