"""How the machines are doing: metrics for Prometheus, the operator's page, and the button that starts a source now."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.responses import Response

from rasoat.metrics import CONTENT_TYPE
from review_ui.errors import NotThere
from review_ui.render import page_route
from review_ui.views.status import StatusPage, status_page
from review_ui.visit import Form, Visiting

router = APIRouter()


@router.get("/metrics", response_model=None, responses={200: {"content": {"text/plain": {}}}})
def metrics(visit: Visiting) -> Response:
    """For Prometheus: queue, stages, errors, index, sources; counts only."""
    return Response(visit.site.meters.text(), media_type=CONTENT_TYPE)


@page_route(router, "/status", "status.html")
def status(visit: Visiting) -> StatusPage:
    """Sources with their last and next runs and what they yield; what waits where."""
    site = visit.site
    sources = site.desk.healths(site.store.measures.crawls(), visit.now)
    return status_page(sources, site.watch.read(), site.desk.under_way(), visit.actor.roles, visit.now)


@router.post("/sources/{name}/run", response_model=None, include_in_schema=False)
def run_source(visit: Visiting, form: Form, name: str) -> Response:
    """Start to collect from a source, as its schedule would. Answers at once; who asked stands in the audit log."""
    site = visit.site
    if name not in {source.plan.name for source in site.desk.healths({}, visit.now)}:
        raise NotThere
    busy = name in site.desk.under_way()
    if not busy:
        site.store.audit.log("source.run_requested", visit.actor.pseudonym, "source", name)
        busy = not site.desk.start(name)
    if visit.wants_json:
        return JSONResponse({"source": name, "started": not busy}, 409 if busy else 202)
    return RedirectResponse(f"/status?{'busy' if busy else 'started'}={name}#source-{name}", 303)
