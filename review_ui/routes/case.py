"""The item page, its history, its captures read again, and its claim."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from rasoat.assessments import Span
from review_ui.desk import load, page_of
from review_ui.render import page_route
from review_ui.views.base import View
from review_ui.views.captures import CaptureFacts, capture_facts
from review_ui.views.case import Asked, CasePage
from review_ui.views.verdicts import HistoryLine, history, sees_verdicts
from review_ui.visit import Visiting

router = APIRouter()


class HistoryPage(View):
    """The events of a case. `chain` lists what is wrong with their hash chain; None where the reader is blind."""

    case_id: str
    blind: bool
    events: tuple[HistoryLine, ...]
    chain: tuple[str, ...] | None


class CheckedItem(View):
    """An item with its captures, read again."""

    item_id: str
    captures: tuple[CaptureFacts, ...]


class CapturesPage(View):
    """Every capture of the case compared with its hash just now."""

    case_id: str
    checked_at: datetime
    intact: bool
    items: tuple[CheckedItem, ...]


class ClaimPage(View):
    """Who holds the case: "" nobody, "me", "other"."""

    case_id: str
    state: str
    held: str
    held_until: datetime | None


def reveal_spans(values: list[str]) -> tuple[Span, ...]:
    """From `12-22`; anything else is ignored."""
    spans = []
    for value in values[:50]:
        start, _, end = value.partition("-")
        if start.isascii() and start.isdigit() and end.isascii() and end.isdigit() and len(value) < 20 and int(start) < int(end):
            spans.append(Span(int(start), int(end)))
    return tuple(spans)


@page_route(router, "/cases/{case_id}/history", "history.html")
def case_history(visit: Visiting, case_id: str) -> HistoryPage:
    """What happened, as far as this person may know."""
    view = load(visit, case_id, words=False)
    seeing = sees_verdicts(view.facts, visit.actor)
    return HistoryPage(
        case_id=view.facts.id,
        blind=not seeing,
        events=history(view, visit.actor),
        chain=tuple(visit.site.store.cases.verify_chain(view.facts.id)) if seeing else None,
    )


@page_route(router, "/cases/{case_id}/captures", "captures.html")
def case_captures(visit: Visiting, case_id: str) -> CapturesPage:
    """Read every capture again and compare its hash."""
    view = load(visit, case_id)
    items = tuple(
        CheckedItem(item_id=entry.item.id, captures=capture_facts(entry.item, visit.site.store.evidence, address=False))
        for entry in view.items
    )
    intact = all(item.captures and all(capture.intact for capture in item.captures) for item in items)
    return CapturesPage(case_id=view.facts.id, checked_at=visit.now, intact=intact, items=items)


@page_route(router, "/cases/{case_id}/claim", "claim.html")
def case_claim(visit: Visiting, case_id: str) -> ClaimPage:
    """The page asks for this once a minute, so that a lost claim is told at once."""
    facts = load(visit, case_id).facts
    holder = facts.holder(visit.now)
    mine = holder == visit.actor.pseudonym
    held = "" if holder is None else "me" if mine else "other"
    return ClaimPage(case_id=facts.id, state=facts.state.value, held=held, held_until=facts.claimed_until if mine else None)


@page_route(router, "/cases/{case_id}", "case.html")
def case(
    visit: Visiting,
    case_id: str,
    item: Annotated[str, Query(max_length=100)] = "",
    text: Annotated[str, Query(max_length=20)] = "clean",
    reveal: Annotated[list[str], Query()] = [],  # noqa: B006  (FastAPI reads the default, nobody changes it)
    full: bool = False,
) -> CasePage:
    """One case."""
    view = load(visit, case_id)
    return page_of(visit, view, Asked(item, text, reveal_spans(reveal), full))
