"""A page becomes what an item needs: main text, verbatim text, title, date, and the addresses that it links to.

The tree is parsed once. trafilatura gives the main text (never with `deduplicate`: its answers then depend on what was read before,
trafilatura#778); title and date are read here, because dates need their time and zone. What a page does not say is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.settings import CUT_EMPTY_ELEMS, Document

from crawlers.decode import PageProblem
from crawlers.urls import join
from crawlers.verbatim import verbatim_text

VIETNAM = timezone(timedelta(hours=7))
"""Zone of a date that names none: the sites we read are written for readers in Vietnam."""

MAX_LINKS = 2000  # of one page; a page with more is a link farm, and its verbatim text shows it
MAX_TITLE = 500
_MAX_JSON = 200_000  # characters of one JSON-LD block
_MAX_MAIN = 1_500_000  # characters handed to main-text extraction, whose time grows faster than the page
_WIDEST_TAG = 100_000  # characters in one attribute value that we look at
_NO_TEXT = ("style", "svg", "img", "picture", "source", "iframe", "link", "canvas", "video", "audio", "map", "area")
_DATE_META = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "pubdate",
    "dc.date.issued",
    "dcterms.created",
)
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}")
_MOST_ATTRIBUTES = 1000
_ARTICLE_TYPE = re.compile(r"article|newsarticle|blogposting|reportage|socialmediaposting", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """What one HTML page says. `main_found` is False when the verbatim text had to stand in for the main text."""

    title: str | None
    text: str
    verbatim: str
    published_at: datetime | None
    site_name: str | None
    is_article: bool
    main_found: bool
    links: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


def plain_page(text: str) -> Page:
    """A page of `text/plain`."""
    clean = text.strip()
    return Page(None, clean, clean, None, None, is_article=False, main_found=bool(clean))


def parse(html: str) -> HtmlElement:
    """The tree of a page. libxml2's limits stay on (`huge_tree` off): past its depth or attribute limits the rest is left out.

    Raises:
        PageProblem: nothing in it that could be a page.
    """
    parser = HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True, no_network=True)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))  # lxml.html's own looks up in Python: +15%
    try:
        return document_fromstring(_LONG_TAG.sub(_bare_tag, html).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise PageProblem("empty", f"no page in it: {error}") from error


def _bare_tag(match: re.Match[str]) -> str:
    # libxml2 compares every attribute of a tag with every other: 200,000 of them take minutes.
    tag = match.group()
    return tag if len(tag.split(None, _MOST_ATTRIBUTES)) <= _MOST_ATTRIBUTES else tag.split(None, 1)[0]


def extract(html: str, url: str) -> Page:
    """Read a page.

    Raises:
        PageProblem: see `parse`.
    """
    tree = parse(html)
    page = _without_main_text(tree, url)
    main = main_text(_lighten(tree)) if len(html) <= _MAX_MAIN else ""
    return replace(page, text=main or page.verbatim, main_found=bool(main))


def extract_lightly(html: str, url: str) -> Page:
    """Read a page without main-text extraction: for a page on which that took too long."""
    return _without_main_text(parse(html), url)


def _without_main_text(tree: HtmlElement, url: str) -> Page:
    meta = _meta(tree)
    linked = list(_json_ld(tree))
    verbatim = verbatim_text(tree)
    links, feeds = _links(tree, url)
    return Page(
        title=_title(tree, meta),
        text=verbatim,
        verbatim=verbatim,
        published_at=_published(tree, meta, linked),
        site_name=_clean(meta.get("og:site_name") or meta.get("application-name")),
        is_article=meta.get("og:type", "").lower() == "article" or any(_ARTICLE_TYPE.search(str(node.get("@type", ""))) for node in linked),
        main_found=False,
        links=links,
        feeds=feeds,
    )


def _lighten(tree: HtmlElement) -> HtmlElement:
    # What trafilatura takes out anyway, taken out before it copies and searches the tree: halves its time on a heavy page (20 to 11 ms
    # on the page of bench/crawl.py) and leaves its answer the same. JSON-LD stays: its last resort reads the text there.
    for script in list(tree.iter("script")):
        if "ld+json" not in (script.get("type") or ""):
            script.drop_tree()
    etree.strip_elements(tree, *_NO_TEXT, with_tail=False)
    for _ in range(2):
        for element in [found for found in tree.iterdescendants(*CUT_EMPTY_ELEMS) if found.text is None and len(found) == 0]:
            element.drop_tree()
    return tree


def main_text(tree: HtmlElement) -> str:
    """The main text by trafilatura, fast, without comments; empty when it finds none or fails on a strange tree."""
    try:
        document = trafilatura.bare_extraction(tree, fast=True, include_comments=False, deduplicate=False, with_metadata=False)
    except (RecursionError, AttributeError, IndexError, KeyError, etree.LxmlError):
        return ""  # its own guards cover TypeError and ValueError; the verbatim text stands in
    return (document.text or "").strip() if isinstance(document, Document) else ""


def _meta(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = element.get("content")
        if name and content and len(content) <= _WIDEST_TAG:
            found.setdefault(name.strip().lower(), content)
    return found


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text or len(script.text) > _MAX_JSON:
            continue
        try:
            waiting = [json.loads(script.text, strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(200):  # nodes looked at; a page's own description is among the first
            if not waiting:
                break
            node = waiting.pop(0)
            if isinstance(node, list):
                waiting.extend(node[:100])
            elif isinstance(node, dict):
                yield node
                waiting.extend(node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if isinstance(node.get(key), dict | list))


def _title(tree: HtmlElement, meta: dict[str, str]) -> str | None:
    head = tree.find(".//title")
    given = meta.get("og:title") or meta.get("twitter:title") or (head.text if head is not None else None)
    if not _clean(given):
        heading = next(tree.iter("h1"), None)
        given = "".join(heading.itertext()) if heading is not None else None
    return _clean(given)


def _clean(text: str | None) -> str | None:
    squeezed = " ".join((text or "").split())[:MAX_TITLE]
    return squeezed.encode("utf-8", "replace").decode() or None


def _published(tree: HtmlElement, meta: dict[str, str], linked: list[dict[str, Any]]) -> datetime | None:
    candidates: list[object] = [node.get("datePublished") for node in linked]
    candidates += [meta.get(name) for name in _DATE_META]
    candidates += [element.get("datetime") for element in tree.iter("time") if element.get("itemprop") == "datePublished"]
    times = list(tree.iter("time"))
    if len(times) == 1:  # several are a list of other articles
        candidates.append(times[0].get("datetime"))
    return next((moment for moment in map(parse_date, candidates) if moment is not None), None)


def parse_date(value: object) -> datetime | None:
    """An ISO 8601 date or date and time as UTC; Vietnam time where no zone is named; None for anything else or an impossible date."""
    if not isinstance(value, str):
        return None
    text = re.sub(r"\.(\d{1,6})\d*", r".\1", value.strip()).replace(" +", "+")
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _links(tree: HtmlElement, url: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    base_element = tree.find(".//base[@href]")
    base = (join(url, base_element.get("href", "")) if base_element is not None else None) or url
    feeds = [
        target
        for element in tree.iter("link")
        if "alternate" in (element.get("rel") or "").lower() and re.search(r"rss|atom", element.get("type") or "", re.IGNORECASE)
        if (target := join(base, element.get("href") or ""))
    ]
    if "nofollow" in " ".join(
        element.get("content", "").lower() for element in tree.xpath("//meta[translate(@name,'ROBTS','robts')='robots']")
    ):
        return (), tuple(feeds[:5])
    found: dict[str, None] = {}
    for reference in dict.fromkeys(element.get("href") for element in tree.iter("a", "area")):
        if reference and (target := join(base, reference)):
            found[target] = None
            if len(found) >= MAX_LINKS:
                break
    if refresh := _refresh(tree, base):
        found[refresh] = None
    return tuple(found), tuple(feeds[:5])


def _refresh(tree: HtmlElement, base: str) -> str | None:
    for element in tree.iter("meta"):
        if (element.get("http-equiv") or "").lower() == "refresh":
            match = re.search(r"url\s*=\s*['\"]?([^'\">]+)", element.get("content") or "", re.IGNORECASE)
            return join(base, match[1]) if match else None
    return None
