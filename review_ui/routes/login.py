"""Logging in and out. The session id is new at every log-in; failures are counted by login and by address."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.responses import Response

from rasoat.store.records import Account
from review_ui.errors import TooMany
from review_ui.forms.typed import Typed
from review_ui.render import html, page_route, set_cookie
from review_ui.views.base import View
from review_ui.visit import SESSION_COOKIE, Form, Visit, Visiting

router = APIRouter()
PATIENCE: Final = 20
"""Seconds that a log-in waits for its turn."""


class LoginPage(View):
    """The log-in page."""

    then: str
    csrf: str


class SessionPage(View):
    """Who is logged in. `csrf` is the token that a JSON write sends as `X-CSRF-Token`."""

    login: str
    name: str
    pseudonym: str
    roles: tuple[str, ...]
    locale: str
    csrf: str


class Wrong(View):
    """The answer to a wrong password or login."""

    error: str


AWAY: Final[dict[int | str, dict[str, Any]]] = {303: {"description": "done: the next page"}}


def local_path(path: str) -> str:
    """A path of this site, or the start page: nobody is sent elsewhere after log-in."""
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if safe else "/"


@page_route(router, "/login", "login.html")
def login_page(visit: Visiting, then: Annotated[str, Query(max_length=500)] = "/") -> LoginPage:
    """The form."""
    return LoginPage(then=local_path(then), csrf=visit.form_token)


@router.post(
    "/login",
    response_model=SessionPage,
    responses=AWAY | {401: {"model": Wrong, "description": "login or password is wrong"}},
)
def log_in(visit: Visiting, form: Form) -> Response:
    """Check and start a session; takes a form or JSON. The answer to a wrong password and to an unknown login is the same, and as slow."""
    login, then = str(form.get("login", "")).strip()[:100], local_path(str(form.get("then", "/")))
    accounts = visit.site.store.accounts
    account = _check(visit, login, str(form.get("password", ""))[:200])
    if account is None:
        visit.site.store.audit.log("login.failed", "guest", "account", "")  # neither login nor address: the log names nobody
        typed = Typed({"login": (login,)}, {"login": "login_wrong"})
        page = LoginPage(then=then, csrf=visit.form_token)
        return _refused() if visit.wants_json else html(visit, "login.html", page, status=401, typed=typed)
    accounts.clear_failures(login)
    old = visit.request.cookies.get(SESSION_COOKIE)
    if old:
        accounts.sessions.delete(old)
    token = accounts.sessions.create(account.login)
    response: Response = RedirectResponse(then, 303)
    if visit.wants_json:
        fresh = Visit(visit.request, visit.site, account, token, visit.look, visit.now)
        response = JSONResponse(_session(fresh).model_dump(mode="json"))
    set_cookie(response, visit, SESSION_COOKIE, token)
    return response


def _check(visit: Visit, login: str, password: str) -> Account | None:
    """One of few at a time; the brake is asked and the failure noted in the same turn, so that many at once gain nothing."""
    accounts, turns = visit.site.store.accounts, visit.site.password_checks
    if not turns.acquire(timeout=PATIENCE):
        raise TooMany(PATIENCE)
    try:
        if wait := accounts.blocked(login, visit.ip):
            raise TooMany(wait)
        account = accounts.check(login, password)
        if account is None:
            accounts.note_failure(login, visit.ip)
        return account
    finally:
        turns.release()


def _refused() -> Response:
    return JSONResponse({"error": "login_wrong"}, 401)


@router.post("/logout", response_model=None, status_code=303, response_class=RedirectResponse)
def log_out(visit: Visiting, form: Form) -> Response:
    """End the session on the server and in the browser."""
    visit.site.store.accounts.sessions.delete(visit.token)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@page_route(router, "/session", "session.html")
def session(visit: Visiting) -> SessionPage:
    """Who I am."""
    return _session(visit)


def _session(visit: Visit) -> SessionPage:
    person = visit.person
    return SessionPage(
        login=person.login,
        name=person.display_name,
        pseudonym=person.pseudonym,
        roles=tuple(sorted(role.value for role in person.roles)),
        locale=person.locale,
        csrf=visit.form_token,
    )
