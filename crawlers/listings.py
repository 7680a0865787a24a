"""Sitemaps and feeds: lists of addresses that a site offers. Bytes in, addresses out.

Entities are not resolved and nothing is loaded, so an XML bomb stays a small file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from crawlers.decode import GZIP_MAGIC, PageProblem, unpack
from crawlers.urls import BadUrl, fetchable, join

MAX_ENTRIES = 50_000  # of one sitemap, by its protocol (sitemaps.org)


@dataclass(frozen=True, slots=True)
class Listing:
    """Addresses of pages, newest first where dates are given, and of further sitemaps."""

    pages: tuple[str, ...]
    sitemaps: tuple[str, ...] = ()


def read_listing(data: bytes, url: str, *, limit: int) -> Listing:
    """A sitemap, a sitemap index, a plain list of addresses, an RSS, RDF or Atom feed; `.gz` too.

    Raises:
        PageProblem: `bomb`, `encoding`, or `listing` for what is none of these.
    """
    if data.startswith(GZIP_MAGIC):
        data = unpack(data, "gzip", limit)
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _plain(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True, load_dtd=False, dtd_validation=False)
    try:
        root = etree.fromstring(data.lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    except etree.XMLSyntaxError as error:
        raise PageProblem("listing", f"no sitemap or feed: {error}") from error
    if root is None:
        raise PageProblem("listing", "no sitemap or feed: no XML in it")
    kind = _name(root)
    if kind == "sitemapindex":
        return Listing((), _addresses(_located(root, "sitemap"), url))
    if kind == "urlset":
        return Listing(_addresses(_located(root, "url"), url))
    if kind in ("rss", "RDF", "feed"):
        return Listing(_addresses(_feed_links(root), url))
    raise PageProblem("listing", f"no sitemap or feed: the root element is <{kind[:40]}>")


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _located(root: etree._Element, name: str) -> list[str]:
    dated: list[tuple[str, int, str]] = []
    for order, entry in enumerate(child for child in root if _name(child) == name):
        inner = {_name(child): (child.text or "").strip() for child in entry}
        if inner.get("loc"):
            dated.append((inner.get("lastmod", ""), -order, inner["loc"]))
        if len(dated) >= MAX_ENTRIES:
            break
    return [address for _, _, address in sorted(dated, reverse=True)]


def _feed_links(root: etree._Element) -> Iterator[str]:
    for entry in root.iter():
        if _name(entry) not in ("item", "entry"):
            continue
        for child in entry:
            if _name(child) != "link" or child.get("rel", "alternate") != "alternate":
                continue
            if address := (child.get("href") or child.text or "").strip():
                yield address
                break


def _plain(data: bytes) -> Listing:
    found = []
    for line in data.decode("utf-8", "replace").splitlines()[:MAX_ENTRIES]:
        try:
            found.append(fetchable(line.strip()))
        except BadUrl:
            continue
    if not found:
        raise PageProblem("listing", "no sitemap or feed: no address in it")
    return Listing(tuple(dict.fromkeys(found)))


def _addresses(found: Iterator[str] | list[str], base: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for reference in found if (address := join(base, reference))))
