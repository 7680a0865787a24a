"""How an item lies in Elasticsearch: the index template, and documents there and back. Knows no query and no connection."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

from rasoat.ports import SearchDoc
from rasoat.store.columns import from_micros, to_micros
from rasoat.store.search_words import both

FORMAT: Final = 3
"""Raised when folding or layout change: an older index then asks for a rebuild."""
_WORDS: Final = {"type": "text", "analyzer": "whitespace"}  # the stock analyser that splits at white space and does nothing else
_EXACT: Final = {**_WORDS, "norms": False}
_SHOWN: Final = {"type": "keyword", "index": False, "doc_values": False}
_MAPPINGS: Final[dict[str, Any]] = {
    "_meta": {"format": FORMAT},
    "dynamic": "strict",
    "properties": {
        # [title, text] as tokens joined by spaces: what is searched. Between the two is a gap of 100 places, which no phrase crosses.
        "folded": _WORDS,
        "exact": _EXACT,
        "title_folded": _WORDS,  # once more, so that titles weigh more; asked only of the best
        "state": {"type": "keyword"},
        "codes": {"type": "keyword"},
        "source": {"type": "keyword"},
        "platform": {"type": "keyword"},
        "captured_at": {"type": "long"},  # microseconds: a `date` would round to milliseconds
        "tie": {"type": "long", "index": False},
        # shown, never searched
        "case_id": _SHOWN,
        "published_at": {"type": "long", "index": False, "doc_values": False},
        "title": _SHOWN,
        "text": _SHOWN,
        "url": _SHOWN,
    },
}


def template(alias: str) -> dict[str, Any]:
    """The index template of all indices behind this alias."""
    # A deletion is remembered for an hour, so that a projector that slept that long cannot bring the document back.
    settings = {"number_of_shards": 1, "max_result_window": 10_000, "gc_deletes": "1h"}
    return {"index_patterns": [f"{alias}-*"], "priority": 200, "template": {"settings": settings, "mappings": _MAPPINGS}}


def body_of(doc: SearchDoc) -> dict[str, Any]:
    """The fields of a document. `_source` keeps them all: without the tokens it measured larger (a copy for recovery)."""
    (title, exact_title), (text, exact_text) = both(doc.title), both(doc.text)
    return {
        "folded": [title, text],
        "exact": [exact_title, exact_text],
        "title_folded": title,
        "case_id": doc.case_id,
        "state": doc.state,
        "codes": sorted(doc.codes),
        "source": doc.source,
        "platform": doc.platform,
        "captured_at": to_micros(doc.captured_at),
        "published_at": None if doc.published_at is None else to_micros(doc.published_at),
        "tie": crc32(doc.id.encode()),  # an order for what was captured in one microsecond, the same on every page
        "title": doc.title,
        "text": doc.text,
        "url": doc.url,
    }


def doc_of(item_id: str, source: dict[str, Any]) -> SearchDoc:
    """The document again, as it went in."""
    published = source.get("published_at")
    return SearchDoc(
        id=item_id,
        case_id=source["case_id"],
        state=source["state"],
        codes=tuple(source["codes"]),
        source=source["source"],
        platform=source["platform"],
        title=source["title"],
        text=source["text"],
        url=source["url"],
        published_at=None if published is None else from_micros(published),
        captured_at=from_micros(source["captured_at"]),
    )
