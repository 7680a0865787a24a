"""From a page's model to HTML or JSON. Templates see the model as `page`, the person as `me`, and texts only through `t`."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel
from starlette.responses import Response

from review_ui.forms.typed import Typed
from review_ui.keys import key_map
from review_ui.visit import GUEST_COOKIE, Visit
from review_ui.words import Words

HERE: Final = Path(__file__).resolve().parent
STATIC: Final = HERE / "static"
Page = TypeVar("Page", bound=BaseModel)


def environment() -> Environment:
    """The templates: escaped always, an undefined name is an error."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    env.globals["asset"] = functools.cache(_asset)
    return env


def _asset(name: str) -> str:
    """Address of a static file with its hash, so that it may be cached for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def html(visit: Visit, template: str, page: BaseModel | None, *, status: int = 200, **more: Any) -> Response:
    """Render `template`. Sets the guest cookie where a form is shown before log-in."""
    words = Words(visit.words, visit.now, visit.site.policy, visit.site.source_titles)
    body = visit.site.templates.get_template(template).render(
        page=page,
        t=words.t,
        w=words,
        me=visit.account,
        csrf=visit.form_token,
        look=visit.look,
        locale=visit.locale,
        here=visit.request.url.path,
        query=visit.request.query_params,
        keys=key_map(visit.words),
        **({"typed": Typed(), "blank": Typed()} | more),
    )
    return _with_guest(visit, HTMLResponse(body, status))


def _with_guest(visit: Visit, response: Response) -> Response:
    """Before log-in the form token hangs on a cookie of its own."""
    if visit.account is None and visit.request.cookies.get(GUEST_COOKIE) != visit.token:
        set_cookie(response, visit, GUEST_COOKIE, visit.token)
    return response


def set_cookie(response: Response, visit: Visit, name: str, value: str, max_age: int | None = None) -> None:
    """HttpOnly, SameSite=Lax, Secure behind TLS."""
    response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="lax", secure=visit.site.settings.secure_cookies, path="/")


def respond(visit: Visit, template: str, page: BaseModel, *, status: int = 200, **more: Any) -> Response:
    """HTML, or the same model as JSON where that was asked for."""
    if visit.wants_json:
        return _with_guest(visit, JSONResponse(page.model_dump(mode="json"), status))
    return html(visit, template, page, status=status, **more)


def page_route(router: APIRouter, path: str, template: str) -> Callable[[Callable[..., Page]], Callable[..., Page]]:
    """Register a builder of a page model under `path` (HTML, or JSON by Accept) and `path.json` (always JSON, in OpenAPI).

    The builder must take `visit: Visiting`; what it returns is all that either form can show.
    """

    def register(build: Callable[..., Page]) -> Callable[..., Page]:
        @functools.wraps(build)
        def endpoint(**given: Any) -> Response:
            return respond(given["visit"], template, build(**given))

        name = build.__name__
        model = get_type_hints(build)["return"]
        router.add_api_route(f"{path}.json", endpoint, methods=["GET"], name=f"{name}_json", response_model=model)
        router.add_api_route(
            path, endpoint, methods=["GET"], name=name, response_class=HTMLResponse, response_model=None, include_in_schema=False
        )
        return build

    return register
