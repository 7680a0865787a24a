"""From what was fetched to the domain's words: one `Item` with one `Capture`."""

from __future__ import annotations

from importlib.metadata import version

from crawlers import warc
from crawlers.urls import canonical, host_port, registrable_domain
from crawlers.work import PageDone
from rasoat import __version__
from rasoat.canonical import text_hash
from rasoat.items import BlobRef, Capture, CaptureMethod, Item, ItemKind, Platform, Publisher, PublisherKind, item_id
from rasoat.missing import from_none


def tool_name() -> str:
    """What fetched: `rasoat/0.1.0 scrapy/2.19.0`."""
    return f"rasoat/{__version__} scrapy/{version('scrapy')}"


def build_item(source: str, exchange: warc.Exchange, done: PageDone, blob: BlobRef, *, chain: tuple[str, ...], capture_id: str) -> Item:
    """The item of a page. Its locator is the canonical form of the address that answered, not what the page says of itself.

    `chain` holds the addresses that redirected here. Fields that the page does not give are Missing.
    """
    page, locator = done.page, canonical(exchange.url)
    kind = ItemKind.ARTICLE if page.is_article else ItemKind.PAGE
    capture = Capture(
        id=capture_id,
        method=CaptureMethod.FETCH,
        captured_at=exchange.at,
        blob=blob,
        payload_sha256=done.payload_sha256,
        text_sha256=text_hash(page.text),
        tool=tool_name(),
        requested_url=chain[0] if chain else exchange.url,
        final_url=exchange.url,
        redirects=chain,
        http_status=exchange.status,
        headers=exchange.response_headers,
    )
    return Item(
        id=item_id(Platform.WEB, kind, locator),
        platform=Platform.WEB,
        kind=kind,
        locator=locator,
        source=source,
        text=page.text,
        verbatim=page.verbatim,
        captured_at=exchange.at,
        url=exchange.url,
        title=from_none(page.title),
        published_at=from_none(page.published_at),
        publisher=Publisher(PublisherKind.DOMAIN, registrable_domain(host_port(exchange.url)[0])),
        captures=(capture,),
    )
