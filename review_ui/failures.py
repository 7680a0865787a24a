"""From an exception to a page that a person can act on. An unforeseen one gets an incident id; the trace goes to the log, never out."""

from __future__ import annotations

import traceback
import uuid
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rasoat.errors import Conflict, DossierRefused, EvidenceError, IllegalTransition, NotPermitted, RasoatError, RetryLater, UsageError
from review_ui.errors import LogInFirst, PageError, TooMany
from review_ui.forms.typed import FieldProblems
from review_ui.render import html
from review_ui.site import site_of
from review_ui.views.base import View
from review_ui.views.problems import told, why_refused
from review_ui.visit import Visit, visit_of

log = structlog.get_logger(__name__)

_DOMAIN: Final[tuple[tuple[type[RasoatError], int, str], ...]] = (
    (Conflict, 409, "conflict"),
    (IllegalTransition, 409, "moved"),
    (NotPermitted, 403, "refused"),
    (DossierRefused, 422, "dossier"),
    (EvidenceError, 409, "evidence"),
    (FieldProblems, 422, "input"),
    (UsageError, 422, "input"),
)


_SOON: Final = 5
"""Seconds after which a database that was busy, full or away is worth asking again."""


class ErrorPage(View):
    """What went wrong and what to do."""

    status: int
    key: str
    reasons: tuple[str, ...] = ()
    retry_minutes: int = 0
    incident: str = ""
    case_id: str = ""


RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ErrorPage, "description": words}
    for status, words in {
        401: "log in first",
        403: "not with these roles, or the form token is missing",
        404: "no such thing, or none that this person may know of",
        409: "the case has moved on, or its evidence differs",
        422: "a field is wrong",
        429: "too many failed log-ins",
        500: "an incident, with its number",
        503: "the database is busy or away: look again, then repeat it",
    }.items()
}
"""What every route may answer besides, for the OpenAPI document."""


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(RasoatError, _known)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _known(request: Request, error: Exception) -> Response:
    visit = await visit_of(request)
    if isinstance(error, LogInFirst) and not visit.wants_json and request.method == "GET":
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse("/login?" + urlencode({"then": here}), 303)
    return await _page(visit, _describe(error, visit), error)


def _describe(error: Exception, visit: Visit) -> ErrorPage:
    case_id = str(visit.request.path_params.get("case_id", ""))
    if isinstance(error, PageError):
        minutes = -(-error.retry_after // 60) if isinstance(error, TooMany) else 0
        return ErrorPage(status=error.status, key=error.key, retry_minutes=minutes)
    for kind, status, key in _DOMAIN:
        if isinstance(error, kind):
            return ErrorPage(status=status, key=key, reasons=_reasons(error, visit), case_id=case_id)
    status, key = _of(error)
    return ErrorPage(status=status, key=key, incident=_incident(visit.request, error))


def _of(error: Exception) -> tuple[int, str]:
    """What passes by itself is no fault of the program: whoever asked may ask again."""
    return (503, "later") if isinstance(error, RetryLater) else (500, "broken")


def _reasons(error: Exception, visit: Visit) -> tuple[str, ...]:
    if isinstance(error, FieldProblems):
        return tuple(visit.words.t(f"ui.{key}") for key in error.errors.values())
    if isinstance(error, DossierRefused):
        return why_refused(error, visit.words)
    return told(str(error).split("; "), visit.words)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    visit = await visit_of(request)
    case_id = str(request.path_params.get("case_id", "")) if status == 405 else ""  # the address of a form, opened by hand
    return await _page(visit, ErrorPage(status=status, key="missing" if status in (404, 405) else "input", case_id=case_id), error)


async def _invalid(request: Request, error: Exception) -> Response:
    visit = await visit_of(request)
    where: tuple[str, ...] = ()
    if isinstance(error, RequestValidationError):
        where = tuple(".".join(str(part) for part in entry["loc"]) for entry in error.errors()[:10])
    return await _page(visit, ErrorPage(status=422, key="input", reasons=where), error)


class LastResort:
    """Innermost middleware: an unforeseen exception becomes a page that still gets the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through; answer 500 when nothing was sent yet."""
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:  # (the run boundary of a request)
            if started or scope["type"] != "http":
                raise
            request = Request(scope, receive)
            response = await _unforeseen(request, error)
            await response(scope, receive, send)


async def _unforeseen(request: Request, error: Exception) -> Response:
    """The last resort must not itself lean on the store, which may be what failed."""
    incident, (status, key) = _incident(request, error), _of(error)
    try:
        visit = await visit_of(request)
        return await _page(visit, ErrorPage(status=status, key=key, incident=incident), error)
    except Exception:  # noqa: BLE001  (the run boundary: a plain page is better than none)
        return PlainTextResponse(f"Rà Soát: {status} ({incident})", status, _headers(error))


def _incident(request: Request, error: Exception) -> str:
    incident = uuid.uuid4().hex[:8]
    site_of(request).meters.failed(error)
    trace = "".join(traceback.format_exception(error))  # as text: a pretty printer would walk, and log, every local value
    log.error("page failed", incident=incident, path=request.url.path, method=request.method, trace=trace)
    return incident


async def _page(visit: Visit, page: ErrorPage, error: Exception) -> Response:
    headers = _headers(error)
    if visit.wants_json:
        return JSONResponse(page.model_dump(mode="json"), page.status, headers)
    response = await run_in_threadpool(html, visit, "error.html", page, status=page.status)
    response.headers.update(headers)
    return response


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": str(_SOON)} if isinstance(error, RetryLater) else {}
