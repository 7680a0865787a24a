"""The seam of the mappers: what a mapper is, what it is handed, and how an item is put together without a person's name in it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawlers.importers.records import Record
from rasoat.authors import author_key
from rasoat.items import Item, ItemKind, Platform, Publisher, PublisherKind, item_id
from rasoat.missing import Maybe, Missing

MASK: Final = "•••"
_COMMON_WORD_LENGTH: Final = 6
"""A bare handle shorter than this may be an everyday word ("lan", "minh"): it is masked only behind an @."""
_PERSON_PARAMETERS: Final = frozenset({"id", "u", "user", "username", "profile_id", "sender", "author"})


class Mapper(Protocol):
    """Understands one format. Registered in `crawlers.importers.registry`."""

    @property
    def name(self) -> str:
        """What `--mapper` takes."""
        ...

    @property
    def version(self) -> int:
        """Goes up whenever the mapping changes; unmapped records remember which version failed."""
        ...

    def sniff(self, records: Sequence[Record]) -> float:
        """How sure it is, 0 to 1, that these first records of a file are its own."""
        ...

    def map(self, record: Record, context: MappingContext) -> Item:
        """The item of a record, without raw and captures: those are the run's business.

        Raises:
            Quarantine: the record is not understood; the message says what is missing.
        """
        ...


@dataclass(slots=True)
class MappingContext:
    """What a mapper may know of the run, and what it reports back: fields that were there but could not be read."""

    source: str
    captured_at: datetime
    author_secret: bytes
    unreadable: Counter[str] = field(default_factory=Counter)
    _seen: Counter[int] = field(default_factory=Counter)

    def author(self, platform: Platform, handle: Maybe[str]) -> Maybe[Publisher]:
        """The keyed hash of a person, or Missing."""
        if not isinstance(handle, str):
            return Missing
        return Publisher(PublisherKind.PERSON, author_key(self.author_secret, platform, handle.lstrip("@")))

    def row_locator(self, identity: Sequence[str]) -> str:
        """A locator for a row without an id: its content, and how many such rows stood before it in this file.

        So the same file twice gives the same items, whatever its name and the order of its rows, and two equal rows stay two.
        """
        digest = hashlib.sha256("\x1f".join(identity).encode("utf-8", "surrogatepass")).digest()
        key = int.from_bytes(digest[:8], "big")
        self._seen[key] += 1
        return f"row/{digest.hex()[:40]}/{self._seen[key]}"

    def note_unreadable(self, name: str, present: bool, value: Maybe[object]) -> None:
        """Count a field that was there and made no sense: silent blanks are how format changes go unseen."""
        if present and value is Missing:
            self.unreadable[name] += 1


@dataclass(frozen=True, slots=True)
class Parts:
    """What a mapper found. `handles` are the author's names on the platform: they are taken out of everything else."""

    platform: Platform
    kind: ItemKind
    locator: str
    text: str
    verbatim: str = ""
    url: Maybe[str] = Missing
    title: Maybe[str] = Missing
    published_at: Maybe[datetime] = Missing
    captured_at: Maybe[datetime] = Missing
    publisher: Maybe[Publisher] = Missing
    reach: Maybe[int] = Missing
    handles: tuple[Maybe[str], ...] = ()


def build_item(parts: Parts, context: MappingContext) -> Item:
    """The item, with the author's handles masked in text and title and cut out of the address."""
    handles = sorted({handle.lstrip("@") for handle in parts.handles if isinstance(handle, str)} - {""}, key=len, reverse=True)
    return Item(
        id=item_id(parts.platform, parts.kind, parts.locator),
        platform=parts.platform,
        kind=parts.kind,
        locator=parts.locator,
        source=context.source,
        text=without_handles(parts.text, handles),
        verbatim=without_handles(parts.verbatim or parts.text, handles),
        captured_at=parts.captured_at if isinstance(parts.captured_at, datetime) else context.captured_at,
        url=public_url(parts.url, handles) if isinstance(parts.url, str) else Missing,
        title=without_handles(parts.title, handles) if isinstance(parts.title, str) else Missing,
        published_at=parts.published_at,
        publisher=parts.publisher,
        reach=parts.reach,
    )


def without_handles(text: str, handles: Sequence[str]) -> str:
    """The text with the author's own handles masked: people sign their posts. Mentions of others are content and stay."""
    for handle in handles:
        at_sign = "@" if len(handle) < _COMMON_WORD_LENGTH and handle.isalpha() else "@?"
        text = re.sub(rf"(?<![\w.]){at_sign}{re.escape(handle)}(?!\w)", MASK, text, flags=re.IGNORECASE)
    return text


def public_url(url: str, handles: Sequence[str]) -> Maybe[str]:
    """The address without the author: `/@name/video/1` becomes `/@_/video/1`. Anything but http(s) is Missing."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return Missing
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return Missing
    names = {handle.casefold() for handle in handles}
    path = "/".join(_without_person(step, names) for step in parts.path.split("/"))
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(key, "_" if key.lower() in _PERSON_PARAMETERS and value.casefold() in names else value) for key, value in pairs])
    host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    return urlunsplit((parts.scheme, host, path, query, ""))


def _without_person(step: str, names: set[str]) -> str:
    if step.startswith("@"):
        return "@_"
    return "_" if step.casefold() in names else step
