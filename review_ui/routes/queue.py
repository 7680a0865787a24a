"""The queue, and the next case in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.responses import Response

from rasoat.cases.states import CaseState, Role
from rasoat.harms import Harm
from rasoat.items import Platform
from rasoat.store.records import QueueQuery
from review_ui.access import LOOKERS, RUNNERS
from review_ui.render import page_route
from review_ui.routes.login import AWAY
from review_ui.views.acts import complaint_note
from review_ui.views.base import View, known
from review_ui.views.queue import QueueView, Tab, TabLine, queue_lines, tabs_of
from review_ui.visit import Form, Visit, Visiting

router = APIRouter()
PAGE = 50


class NextCase(View):
    """What was taken; None when nothing waits for this person."""

    case_id: str | None


@router.get("/", include_in_schema=False)
def start(visit: Visiting) -> RedirectResponse:
    """The queue is the start page; who has none lands on the status page (admin, operator), the search, or on the policy."""
    roles = visit.actor.roles
    home = "/queue" if tabs_of(roles) else "/status" if roles & RUNNERS else "/search" if roles & LOOKERS else "/policy"
    return RedirectResponse(home, 302)


@page_route(router, "/queue", "queue.html")
def queue(
    visit: Visiting,
    tab: Annotated[str, Query(max_length=20)] = "",
    code: Annotated[list[str], Query()] = [],  # noqa: B006  (FastAPI reads the default, nobody changes it)
    platform: Annotated[str, Query(max_length=20)] = "",
    source: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[str, Query(max_length=30)] = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> QueueView:
    """Cases in priority order. Unknown filter values are ignored."""
    tabs = tabs_of(visit.actor.roles)
    chosen = next((t for t in tabs if t.name == tab), tabs[0])
    codes = tuple(harm for harm in (known(Harm, value) for value in code) if harm)
    one_state, one_platform = known(CaseState, state), known(Platform, platform)
    states = (one_state,) if one_state and (not chosen.states or one_state in chosen.states) else chosen.states
    query = QueueQuery(
        states=states,
        harms=codes,
        sources=(source,) if source else (),
        platforms=(one_platform.value,) if one_platform else (),
        readable_only=chosen.takable,
        limit=PAGE,
        offset=offset,
    )
    rows = visit.site.store.cases.queue(query, visit.actor)
    return QueueView(
        tab=chosen.name,
        tabs=tuple(_tab(visit, t, query, rows.total, chosen) for t in tabs),
        rows=queue_lines(
            rows, visit.site.policy, visit.actor.pseudonym, visit.locale, visit.now, visit.site.scope.among(rows.rows, visit.site.store)
        ),
        total=rows.total,
        offset=offset,
        limit=PAGE,
        codes=tuple(harm.value for harm in Harm),
        platforms=tuple(p.value for p in Platform),
        sources=tuple(sorted({*visit.site.sources.names(visit.site.store), *((source,) if source else ())})),
        states=tuple(s.value for s in (chosen.states or CaseState)),
        chosen_codes=tuple(harm.value for harm in codes),
        chosen_platform=one_platform.value if one_platform else "",
        chosen_source=source,
        chosen_state=state if one_state and states == (one_state,) else "",
    )


def _tab(visit: Visit, tab: Tab, query: QueueQuery, total: int, chosen: Tab) -> TabLine:
    if tab is chosen and query.states == tab.states and not query.harms and not query.sources and not query.platforms:
        return TabLine(name=tab.name, count=total, chosen=True)
    plain = replace(QueueQuery(), states=tab.states, readable_only=tab.takable, limit=0)
    return TabLine(name=tab.name, count=visit.site.store.cases.queue(plain, visit.actor).total, chosen=tab is chosen)


@router.post("/queue/next", response_model=NextCase, responses=AWAY)
def next_case(visit: Visiting, _form: Form) -> Response:
    """Take the case that this person should read next, and open it; back to the queue when there is none."""
    case_id = take_next(visit)
    if visit.wants_json:
        return JSONResponse(NextCase(case_id=case_id).model_dump(mode="json"))
    return RedirectResponse(page_of_next(case_id), 303)


def take_next(visit: Visit, *, but: str = "") -> str | None:
    """Claim it, in one step: however many ask at once, nobody gets another's. `but` is the case that was handed back just now."""
    facts = visit.site.store.cases.claim_next(visit.actor, but=but)
    return _complaint_for(visit) if facts is None else facts.id


def page_of_next(case_id: str | None) -> str:
    """Where the person goes on."""
    return f"/cases/{case_id}" if case_id else "/queue?empty=1"


def _complaint_for(visit: Visit) -> str | None:
    """The most urgent complaint that this person of the desk may decide; nobody claims one."""
    if Role.COMPLAINT_PANEL not in visit.actor.roles:
        return None
    cases = visit.site.store.cases
    rows = cases.queue(QueueQuery(states=(CaseState.COMPLAINT,), readable_only=False, limit=PAGE), visit.actor).rows
    return next((row.case_id for row in rows if not complaint_note(cases.view(row.case_id).facts, visit.actor)), None)
