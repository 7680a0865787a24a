"""One request by one person: who, in which language, with which form token, and whether the door is open to them.

`admit` runs before every route (closed by default) and `checked_form` before every write.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request

from rasoat.cases.workflow import Actor
from rasoat.messages import LOCALES, Messages
from rasoat.metrics import PROXY_HEADERS, is_loopback, may_read
from rasoat.store.records import Account
from review_ui.access import Gate, access_of, may
from review_ui.errors import FormExpired, LogInFirst, MachineOnly, RoleMissing
from review_ui.site import Site, site_of

SESSION_COOKIE: Final = "rasoat_session"
GUEST_COOKIE: Final = "rasoat_guest"
LOOK_COOKIE: Final = "rasoat_look"
THEMES: Final = ("auto", "light", "dark")
SIZES: Final = ("s", "m", "l")


@dataclass(frozen=True)
class Look:
    """How the pages look to this person: theme, text size, language before log-in. Lives in a cookie that names nobody."""

    theme: str = "auto"
    size: str = "m"
    locale: str = ""

    @classmethod
    def read(cls, value: str) -> Look:
        """From the cookie; anything unknown falls back."""
        theme, size, locale = (*value.split("."), "", "", "")[:3]
        return cls(theme if theme in THEMES else "auto", size if size in SIZES else "m", locale if locale in LOCALES else "")

    def write(self) -> str:
        """For the cookie."""
        return f"{self.theme}.{self.size}.{self.locale}"


@dataclass(frozen=True)
class Visit:
    """What a page needs to know of the request. `account` is None before log-in."""

    request: Request
    site: Site
    account: Account | None
    token: str  # of the session, or of the guest before log-in; never shown
    look: Look
    now: datetime

    @property
    def locale(self) -> str:
        """The person's language, else the one chosen on the log-in page, else Vietnamese."""
        return self.account.locale if self.account else self.look.locale or "vi"

    @property
    def words(self) -> Messages:
        """The catalogue."""
        return self.site.words(self.locale)

    @property
    def actor(self) -> Actor:
        """The person as the workflow knows them."""
        account = self.person
        return Actor(account.pseudonym, account.roles)

    @property
    def person(self) -> Account:
        """The account; only where the door needs one."""
        if self.account is None:
            raise LogInFirst
        return self.account

    @property
    def form_token(self) -> str:
        """Goes into every form; worthless with any other session."""
        return hmac.new(self.site.form_key, self.token.encode(), hashlib.sha256).hexdigest()

    @property
    def ip(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else "unknown"

    @property
    def wants_json(self) -> bool:
        """Asked for by suffix or by Accept."""
        accept = self.request.headers.get("accept", "")
        return self.request.url.path.endswith(".json") or ("application/json" in accept and "text/html" not in accept)


def look_up(request: Request) -> Visit:
    """Who asks. Blocking (reads the session from SQL). Kept on the request, so that it is asked once."""
    known = getattr(request.state, "visit", None)
    if isinstance(known, Visit):
        return known
    site = site_of(request)
    token = request.cookies.get(SESSION_COOKIE, "")
    session = site.store.accounts.sessions.get(token) if token else None
    account = session.account if session else None
    if account is None:
        token = request.cookies.get(GUEST_COOKIE, "") or secrets.token_urlsafe(24)
    visit = Visit(request, site, account, token, Look.read(request.cookies.get(LOOK_COOKIE, "")), site.clock.now())
    request.state.visit = visit
    return visit


def admit(request: Request) -> Visit:
    """The outer door.

    Raises:
        LogInFirst: the route needs a person.
        RoleMissing: the person lacks every role that the route asks for.
        MachineOnly: the route is for machines, and this is none of ours.
    """
    visit = look_up(request)
    access = access_of(request.method, request.scope["route"].path)
    if access is Gate.MACHINE:
        _check_machine(visit)
        return visit
    roles = visit.account.roles if visit.account else None
    if not may(access, roles):
        raise LogInFirst if roles is None else RoleMissing
    return visit


def _check_machine(visit: Visit) -> None:
    headers = visit.request.headers
    through_proxy = any(name in headers for name in PROXY_HEADERS)
    here = visit.request.url.hostname in ("localhost", None) or is_loopback(visit.request.url.hostname or "")
    authorization = headers.get("authorization", "")
    if not may_read(visit.site.metrics_token, authorization=authorization, peer=visit.ip, forwarded=through_proxy or not here):
        raise MachineOnly


async def checked_form(request: Request, visit: Annotated[Visit, Depends(admit)]) -> FormData:
    """The form of a write, once its token is right. A JSON write sends the token as `X-CSRF-Token`.

    Raises:
        FormExpired: no token, another session's token, or a request sent by another site.
    """
    form = await _fields(request)
    given = request.headers.get("x-csrf-token") or str(form.get("csrf", ""))
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if foreign or not hmac.compare_digest(given.encode(), visit.form_token.encode()):
        raise FormExpired
    return form


async def _fields(request: Request) -> FormData:
    """A form, or a flat JSON object of texts as one; anything else is an empty form (commands read their own body)."""
    kind = request.headers.get("content-type", "")
    if kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return await request.form(max_files=0, max_fields=100)
    if kind.startswith("application/json"):
        with contextlib.suppress(ValueError, RecursionError):
            body = await request.json()
            if isinstance(body, dict):
                return FormData({key: value for key, value in body.items() if isinstance(value, str)})
    return FormData()


async def visit_of(request: Request) -> Visit:
    """The visit outside a route (error pages): never raises for a missing role."""
    return await run_in_threadpool(look_up, request)


Visiting = Annotated[Visit, Depends(admit)]
Form = Annotated[FormData, Depends(checked_form)]
