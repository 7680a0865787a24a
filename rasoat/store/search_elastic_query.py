"""A `SearchQuery` in Elasticsearch's words, and its answer in ours. Pure: knows no connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rasoat.ports import SearchHit, SearchPage, SearchQuery, Sort
from rasoat.store.columns import to_micros
from rasoat.store.search_elastic_schema import doc_of
from rasoat.store.search_query import Term, highlight

DEEPEST: Final = 10_000
"""Results that can be paged through: the server keeps a heap of that size for every page (`index.max_result_window`)."""
MAX_LIMIT: Final = 200
TITLE_WEIGHT: Final = 3.0
RESCORED: Final = 500
"""So many of the best are put in order once more, by title and accents: doing that for every match took half as long again. The server
keeps at most 10,000 (`index.max_rescore_window`).
"""
_FACETS: Final = {"codes": "codes", "states": "state", "sources": "source", "platforms": "platform"}
_FACET_VALUES: Final = 1000
_SHOWN: Final = ["case_id", "state", "codes", "source", "platform", "title", "text", "url", "published_at", "captured_at"]


def request(query: SearchQuery, terms: tuple[Term, ...]) -> dict[str, Any]:
    """The body of a `_search`."""
    limit, offset = max(0, min(query.limit, MAX_LIMIT)), max(0, query.offset)
    newest: list[Any] = [{"captured_at": "desc"}, {"tie": "desc"}]
    ranked = bool(terms) and query.sort is Sort.RELEVANCE
    found = [_must(term) for term in terms]
    wanted: dict[str, Any] = {
        "query": {"bool": {"must": found, "filter": _filters(query)} if ranked else {"filter": found + _filters(query)}},
        "from": offset,
        "size": limit,
        "track_total_hits": True,
        "aggs": {name: {"terms": {"field": field, "size": _FACET_VALUES}} for name, field in _FACETS.items()},
        "_source": _SHOWN,
    }
    if not ranked:
        return wanted | {"sort": newest, "track_scores": False}
    better = {"bool": {"should": [one for term in terms for one in _better(term)]}}
    return wanted | {"rescore": {"window_size": RESCORED, "query": {"rescore_query": better}}}


def _must(term: Term) -> dict[str, Any]:
    """In the title or in the text."""
    return _words("exact" if term.strict else "folded", term.wanted)


def _better(term: Term) -> Iterator[dict[str, Any]]:
    """What makes an answer better: the words in its title, and written with the accents that were typed."""
    yield _words("title_folded", term.tokens, TITLE_WEIGHT - 1)
    if term.accented and not term.strict:
        yield from (_words("exact", (word,)) for word in dict.fromkeys(term.exact))


def _words(field: str, tokens: tuple[str, ...], boost: float = 1.0) -> dict[str, Any]:
    """A word is a phrase of one: the server makes a plain term of it."""
    return {"match_phrase": {field: {"query": " ".join(tokens), "boost": boost}}}


def _filters(query: SearchQuery) -> list[dict[str, Any]]:
    values = {"codes": query.codes, "state": query.states, "source": query.sources, "platform": query.platforms}
    found: list[dict[str, Any]] = [{"terms": {field: list(wanted)}} for field, wanted in values.items() if wanted]
    limits = {}
    if query.since is not None:
        limits["gte"] = to_micros(query.since)
    if query.until is not None:
        limits["lt"] = to_micros(query.until)
    if limits:
        found.append({"range": {"captured_at": limits}})
    return found


def page(answer: Any, terms: tuple[Term, ...]) -> SearchPage:
    """The answer with highlights at the places of the original text."""
    hits = []
    for found in answer["hits"]["hits"]:
        doc = doc_of(found["_id"], found["_source"])
        hits.append(SearchHit(doc, float(found.get("_score") or 0.0), highlight(doc.text, terms), highlight(doc.title, terms)))
    facets = {name: _counts(answer["aggregations"][name]["buckets"]) for name in _FACETS}
    return SearchPage(tuple(hits), int(answer["hits"]["total"]["value"]), facets)


def _counts(buckets: list[dict[str, Any]]) -> dict[str, int]:
    return {one["key"]: one["doc_count"] for one in sorted(buckets, key=lambda one: (-one["doc_count"], one["key"]))}
