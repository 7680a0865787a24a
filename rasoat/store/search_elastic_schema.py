"""How an item lies in Elasticsearch: the index template, and documents there and back. Knows no query and no connection."""

from __future__ import annotations

from typing import Any, Final

from rasoat.ports import SearchDoc
from rasoat.store.columns import from_micros, to_micros
from rasoat.store.search_query import tokens

FORMAT: Final = 1
"""Raised when folding or layout change: an older index then asks for a rebuild."""
_MAPPINGS: Final[dict[str, Any]] = {
    "_meta": {"format": FORMAT},
    "dynamic": "strict",
    "properties": {
        # folded tokens, joined by spaces: what is searched. The stock analyser splits at white space and does nothing else.
        "title_folded": {"type": "text", "analyzer": "whitespace"},
        "text_folded": {"type": "text", "analyzer": "whitespace"},
        "case_id": {"type": "keyword"},
        "state": {"type": "keyword"},
        "codes": {"type": "keyword"},
        "source": {"type": "keyword"},
        "platform": {"type": "keyword"},
        "captured_at": {"type": "long"},  # microseconds: a `date` would round to milliseconds
        "published_at": {"type": "long", "index": False},
        "sort_id": {"type": "keyword"},
        # shown, never searched
        "title": {"type": "keyword", "index": False, "doc_values": False},
        "text": {"type": "keyword", "index": False, "doc_values": False},
        "url": {"type": "keyword", "index": False, "doc_values": False},
    },
}


def template(alias: str) -> dict[str, Any]:
    """The index template of all indices behind this alias."""
    # A deletion is remembered for an hour, so that a projector that slept that long cannot bring the document back.
    settings = {"number_of_shards": 1, "max_result_window": 10_000, "gc_deletes": "1h"}
    return {"index_patterns": [f"{alias}-*"], "priority": 200, "template": {"settings": settings, "mappings": _MAPPINGS}}


def body_of(doc: SearchDoc) -> dict[str, Any]:
    """The fields of a document. Folded fields are searched and not kept in `_source` twice: they are made anew on a rebuild."""
    return {
        "title_folded": " ".join(tokens(doc.title)),
        "text_folded": " ".join(tokens(doc.text)),
        "case_id": doc.case_id,
        "state": doc.state,
        "codes": sorted(doc.codes),
        "source": doc.source,
        "platform": doc.platform,
        "captured_at": to_micros(doc.captured_at),
        "published_at": None if doc.published_at is None else to_micros(doc.published_at),
        "sort_id": doc.id,
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
