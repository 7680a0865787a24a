"""Search, policy, account, look, about, packs and health."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.responses import Response

from rasoat import __version__
from rasoat.cases.states import CaseState
from rasoat.errors import UsageError
from rasoat.harms import Harm
from rasoat.items import Platform
from rasoat.messages import LOCALES
from rasoat.ports import SearchPage, SearchQuery, Sort
from review_ui.desk import load, still_shown
from review_ui.errors import NotThere
from review_ui.render import page_route, set_cookie
from review_ui.routes.login import local_path
from review_ui.views.base import View, known
from review_ui.views.policy import HarmPage, PolicyPage, harm_page, policy_page
from review_ui.views.search import SearchView, search_view
from review_ui.visit import LOOK_COOKIE, SIZES, THEMES, Form, Look, Visiting

router = APIRouter()
YEAR = 365 * 24 * 3600


class AccountPage(View):
    """What a person may set for themselves."""

    login: str
    name: str
    pseudonym: str
    roles: tuple[str, ...]
    locale: str
    locales: tuple[str, ...]
    theme: str
    themes: tuple[str, ...]
    size: str
    sizes: tuple[str, ...]


class AboutPage(View):
    """Charter and limits; the words are in the catalogue."""

    version: str
    policy: str
    harms: tuple[str, ...]


Values = Annotated[list[str], Query()]
Day = Annotated[str, Query(max_length=20)]


@page_route(router, "/search", "search.html")
def search(
    visit: Visiting,
    q: Annotated[str, Query(max_length=400)] = "",
    code: Values = [],  # noqa: B006  (FastAPI reads the defaults, nobody changes them)
    state: Values = [],  # noqa: B006
    source: Values = [],  # noqa: B006
    platform: Values = [],  # noqa: B006
    since: Day = "",
    until: Day = "",
    newest: bool = False,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> SearchView:
    """Flagged items by words, with or without accents. Unknown codes, states and platforms are ignored."""
    query = SearchQuery(
        text=q,
        codes=_members(Harm, code),
        states=_members(CaseState, state),
        sources=tuple(source[:20]),
        platforms=_members(Platform, platform),
        since=_midnight(since),
        until=_midnight(until, days=1),
        sort=Sort.NEWEST if newest or not q.strip() else Sort.RELEVANCE,
        offset=offset,
    )
    try:
        page = visit.site.store.search.search(query)
    except UsageError as error:
        return search_view(query, SearchPage((), 0)).model_copy(update={"problem": str(error)})
    return search_view(query, replace(page, hits=tuple(hit for hit in page.hits if still_shown(visit, hit.doc.case_id))))


def _members(kind: type[StrEnum], values: list[str]) -> tuple[str, ...]:
    return tuple(member.value for member in (known(kind, value) for value in values) if member)


def _midnight(day: str, days: int = 0) -> datetime | None:
    """The start of the day in Viet Nam (UTC+7), or of one `days` later. An empty field of the form is no day."""
    with contextlib.suppress(ValueError, OverflowError):
        return datetime.combine(date.fromisoformat(day), time(), UTC) - timedelta(hours=7) + timedelta(days=days)
    return None


@page_route(router, "/policy", "policy.html")
def policy(visit: Visiting) -> PolicyPage:
    """The closed list."""
    return policy_page(visit.site.policy, visit.locale)


@page_route(router, "/policy/{code}", "policy_code.html")
def policy_code(visit: Visiting, code: str) -> HarmPage:
    """One harm."""
    harm = known(Harm, code.upper())
    if harm is None:
        raise NotThere
    return harm_page(visit.site.policy, harm, visit.locale)


@page_route(router, "/account", "account.html")
def account(visit: Visiting) -> AccountPage:
    """Language, theme, text size."""
    person, look = visit.person, visit.look
    return AccountPage(
        login=person.login,
        name=person.display_name,
        pseudonym=person.pseudonym,
        roles=tuple(sorted(role.value for role in person.roles)),
        locale=person.locale,
        locales=LOCALES,
        theme=look.theme,
        themes=THEMES,
        size=look.size,
        sizes=SIZES,
    )


@router.post("/account", response_model=None, include_in_schema=False)
def set_account(visit: Visiting, form: Form) -> Response:
    """Keep the language with the account, the look in a cookie."""
    locale = str(form.get("locale", ""))
    if locale in LOCALES:
        visit.site.store.accounts.set_preferences(visit.person.login, locale=locale)
    return _with_look(visit, form, "/account?done=account")


@router.post("/look", response_model=None, include_in_schema=False)
def set_look(visit: Visiting, form: Form) -> Response:
    """Language and theme before log-in."""
    return _with_look(visit, form, local_path(str(form.get("then", "/login"))))


def _with_look(visit: Visiting, form: Form, then: str) -> Response:
    def chosen(name: str, known: tuple[str, ...], old: str) -> str:
        value = str(form.get(name, old))
        return value if value in known else old

    old = visit.look
    look = Look(chosen("theme", THEMES, old.theme), chosen("size", SIZES, old.size), chosen("locale", LOCALES, old.locale))
    response = RedirectResponse(then, 303)
    set_cookie(response, visit, LOOK_COOKIE, look.write(), YEAR)
    return response


@page_route(router, "/about", "about.html")
def about(visit: Visiting) -> AboutPage:
    """What this is for, and what it will not do."""
    return AboutPage(version=__version__, policy=visit.site.policy.version, harms=tuple(harm.value for harm in Harm))


@router.get("/dossiers/{dossier_id}", response_model=None, include_in_schema=False)
def dossier(visit: Visiting, dossier_id: str, case: Annotated[str, Query(max_length=100)]) -> Response:
    """A sealed pack as a file, compared with the hash that was noted. Each download is logged."""
    view = load(visit, case)
    record = next((r for r in visit.site.store.dossiers.of(view.facts.id) if r.id == dossier_id), None)
    if record is None:
        raise NotThere
    data = visit.site.store.packs.get(record.path, record.sha256)
    visit.site.store.audit.log("dossier.downloaded", visit.actor.pseudonym, "dossier", record.id)
    return Response(data, media_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{record.path}"'})


@router.get("/healthz")
def healthz(visit: Visiting) -> dict[str, Any]:
    """Whether the site stands and its store answers."""
    return {"status": "ok", "version": __version__, "open": visit.site.store.counts().get("open", 0)}


@router.get("/openapi.json", include_in_schema=False)
def openapi(visit: Visiting, request: Request) -> JSONResponse:
    """The description of every JSON route, for people who are logged in."""
    return JSONResponse(request.app.openapi())
