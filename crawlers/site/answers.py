"""Scrapy's responses read as plain values: headers, waits, and the exchange that a capture holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from crawlers import warc
from rasoat.clock import Ids

if TYPE_CHECKING:
    from scrapy.http import Response

_MAX_RETRY_AFTER = 120.0  # seconds; a site that asks for more is asked again in the next run


def exchange_of(response: Response, *, at: datetime, ids: Ids, proxied: bool) -> warc.Exchange:
    """The request and response as they went over the wire. Behind a proxy the peer's address says nothing of the site."""
    request = response.request
    return warc.Exchange(
        url=response.url,
        at=at,
        status=response.status,
        body=response.body,
        request_headers=_headers(request.headers.items()) if request is not None else (),
        response_headers=_headers(response.headers.items()),
        warc_id=ids.new(),
        request_id=ids.new(),
        ip="" if proxied else str(response.ip_address or ""),
    )


def _headers(pairs: Iterable[tuple[bytes, list[bytes]]]) -> warc.Headers:
    return warc.strip_private(tuple((name.decode("latin-1"), value.decode("latin-1")) for name, values in pairs for value in values))


def header(response: Response, name: str) -> str:
    """A header's values, joined by commas; empty when absent."""
    return b", ".join(response.headers.getlist(name)).decode("latin-1")


def retry_after(response: Response) -> float:
    """Seconds that the site asks us to wait, at most two minutes."""
    text = header(response, "Retry-After").strip()
    return min(float(text), _MAX_RETRY_AFTER) if text.isdigit() else 0.0
