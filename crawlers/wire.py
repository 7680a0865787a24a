"""What a crawl and its worker processes say to each other: a JSON header, then the page's bytes as they are.

Nothing that is read here can become code: a worker that a hostile page has taken over can lie, and no more.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, fields
from datetime import datetime
from typing import IO, Any, Final, TypeAlias

from crawlers.extract import Page
from crawlers.listings import Listing
from crawlers.targets import Kind
from crawlers.warc import Exchange
from crawlers.work import Failed, Job, ListingDone, PageDone

_LENGTHS: Final = struct.Struct(">QQ")  # of the header, of the bytes behind it


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has started."""


Message: TypeAlias = Ready | Job | PageDone | ListingDone | Failed


def send(stream: IO[bytes], message: Message) -> None:
    """Write one message."""
    raw: list[bytes] = []

    def plain(value: Any) -> Any:
        if isinstance(value, bytes):
            begin = sum(map(len, raw))
            raw.append(value)
            return begin, begin + len(value)
        if isinstance(value, datetime):
            return value.isoformat()
        return {field.name: getattr(value, field.name) for field in fields(value)}

    header = json.dumps([type(message).__name__, message], default=plain).encode()
    stream.write(_LENGTHS.pack(len(header), sum(map(len, raw))) + header)
    for part in raw:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> Message:
    """Read one message.

    Raises:
        EOFError: the other side is gone.
        ValueError: this is no message.
    """
    header_size, raw_size = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    header, raw = _exactly(stream, header_size), _exactly(stream, raw_size)
    try:
        name, told = json.loads(header)
        return _message(name, told, raw)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no message: {error!r}") from error


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _message(name: str, told: dict[str, Any], raw: bytes) -> Message:
    match name:
        case "Job":
            return Job(**(told | {"kind": Kind(told["kind"]), "exchange": _exchange(told["exchange"], raw)}))
        case "PageDone":
            return PageDone(**(told | {"page": _page(told["page"]), "capture": _part(told["capture"], raw)}))
        case "ListingDone":
            return ListingDone(Listing(**{key: tuple(urls) for key, urls in told["listing"].items()}))
        case "Failed":
            return Failed(**told)
        case "Ready":
            return Ready(**told)
    raise ValueError(f"nothing is called {name!r}")


def _exchange(told: dict[str, Any], raw: bytes) -> Exchange:
    headers = {key: tuple((name, value) for name, value in told[key]) for key in ("request_headers", "response_headers")}
    return Exchange(**(told | headers | {"at": datetime.fromisoformat(told["at"]), "body": _part(told["body"], raw)}))


def _page(told: dict[str, Any]) -> Page:
    published = told["published_at"] and datetime.fromisoformat(told["published_at"])
    return Page(**(told | {"published_at": published, "links": tuple(told["links"]), "feeds": tuple(told["feeds"])}))


def _part(place: list[int], raw: bytes) -> bytes:
    begin, end = place
    return raw[begin:end]
