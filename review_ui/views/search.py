"""Search answers: highlights at original offsets, masked like everything else. Codes are the machine's, never a reader's."""

from __future__ import annotations

from datetime import datetime

from rasoat.harms import Harm
from rasoat.ports import SearchHit, SearchPage, SearchQuery
from rasoat.text.addresses import defang
from review_ui.views.base import View
from review_ui.views.text import Mark, Piece, excerpt_data, pieces

CONTEXT = 140
"""Code points shown on either side of the first word found."""


class HitLine(View):
    """One answer."""

    case_id: str
    item_id: str
    state: str
    codes: tuple[str, ...]
    platform: str
    source: str
    url: str
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    before: bool
    after: bool
    captured_at: datetime
    withheld: bool


class Facet(View):
    """One value that answers can be narrowed to."""

    value: str
    count: int
    chosen: bool


class SearchView(View):
    """The page."""

    text: str
    total: int
    offset: int
    limit: int
    sort: str
    hits: tuple[HitLine, ...]
    facets: dict[str, tuple[Facet, ...]]
    problem: str = ""


def search_view(query: SearchQuery, page: SearchPage) -> SearchView:
    """From the index's answer."""
    chosen = {"codes": query.codes, "states": query.states, "sources": query.sources, "platforms": query.platforms}
    return SearchView(
        text=query.text,
        total=page.total,
        offset=query.offset,
        limit=query.limit,
        sort=query.sort.value,
        hits=tuple(_hit(hit) for hit in page.hits),
        facets={name: _facet(page.facets.get(name, {}), chosen[name]) for name in chosen},
    )


def _facet(counts: dict[str, int], chosen: tuple[str, ...]) -> tuple[Facet, ...]:
    merged = dict.fromkeys(chosen, 0) | counts
    return tuple(Facet(value=value, count=n, chosen=value in chosen) for value, n in sorted(merged.items(), key=lambda kv: (-kv[1], kv[0])))


def _hit(hit: SearchHit) -> HitLine:
    doc = hit.doc
    withheld = Harm.CSE.value in doc.codes
    first = hit.text_spans[0].start if hit.text_spans else 0
    start, end, personal = excerpt_data(doc.text, max(0, first - CONTEXT), min(len(doc.text), first + 2 * CONTEXT))
    window = tuple(
        Mark(number=0, code="", start=s.start - start, end=s.end - start) for s in hit.text_spans if start <= s.start and s.end <= end
    )
    title = tuple(Mark(number=0, code="", start=s.start, end=s.end) for s in hit.title_spans)
    return HitLine(
        case_id=doc.case_id,
        item_id=doc.id,
        state=doc.state,
        codes=doc.codes,
        platform=doc.platform,
        source=doc.source,
        url="" if withheld else defang(doc.url),
        title=() if withheld else pieces(doc.title, title),
        snippet=() if withheld else pieces(doc.text[start:end], window, personal=personal),
        before=start > 0,
        after=end < len(doc.text),
        captured_at=doc.captured_at,
        withheld=withheld,
    )
