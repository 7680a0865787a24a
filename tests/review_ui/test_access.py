"""Every route and every role: the table decides, and a route that is not in it is closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from rasoat.harms import Harm
from review_ui.access import ACTS, FILES, PAGES, Gate, access_of, may
from review_ui.routes import acts, case, login, queue, rest, watch
from tests.review_ui.conftest import Enter
from tests.review_ui.house import PEOPLE, Rooms

MODULES = (login, queue, case, acts, rest, watch)


def routes() -> Iterator[tuple[str, str]]:
    for module in MODULES:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods):
                yield method, route.path


def test_every_route_has_its_rule_and_every_rule_its_route() -> None:
    found = set(routes())
    assert all(access_of(method, path) is not None for method, path in found)
    paths = {path.removesuffix(".json") if path != "/openapi.json" else path for method, path in found if method == "GET"}
    assert paths == set(PAGES) | set(FILES)
    assert {path for method, path in found if method == "POST"} == set(ACTS)


def test_every_route_for_every_role(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(harm=Harm.HAR)  # a code that the safety officer may see
    browsers = {login: enter(login) for login in PEOPLE} | {"": enter()}
    for method, template in sorted(set(routes())):
        path = template.replace("{case_id}", case_id).replace("{code}", "FRD").replace("{dossier_id}", "none").replace("{name}", "none")
        if template in ("/logout", "/login") or access_of(method, template) is Gate.MACHINE:  # that one is in test_metrics.py
            continue
        for person, browser in browsers.items():
            allowed = may(access_of(method, template), PEOPLE.get(person))
            # a write comes without its token: who may not is told so before that, who may is stopped by it
            ask = browser.web.get if method == "GET" else browser.web.post
            answer = ask(path, headers={"Accept": "application/json"}, follow_redirects=False)
            key = answer.json().get("key") if answer.status_code in (401, 403) else ""
            refused = key == ("role" if person else "login")
            assert refused is not allowed, (method, template, person, answer.status_code)


def test_a_route_that_nobody_wrote_a_rule_for_is_closed(rooms: Rooms) -> None:
    app = rooms.app()
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: {"secret": 1}, methods=["GET"])
    app.include_router(router)
    with TestClient(app) as web:
        answer = web.get("/forgotten", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert "secret" not in answer.text


def test_the_safety_officer_sees_safety_cases_and_no_other(rooms: Rooms, enter: Enter) -> None:
    fraud, threat = rooms.open_case(harm=Harm.FRD), rooms.open_case("Tao sẽ đến nhà mày tối nay.", Harm.HAR)
    officer = enter("an")
    assert officer.get(f"/cases/{fraud}").status_code == 403
    assert officer.get(f"/cases/{fraud}/history.json").status_code == 403
    assert officer.get(f"/cases/{threat}").status_code == 200
    assert officer.get("/search").status_code == 403


def test_operator_and_admin_see_no_text(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    admin = enter("van")
    for path in ("/queue", f"/cases/{case_id}", f"/cases/{case_id}.json", "/search.json?q=otp", f"/cases/{case_id}/history"):
        assert admin.get(path).status_code == 403
    assert admin.get("/").headers["location"] == "/status"


@pytest.mark.parametrize("table", [PAGES, FILES, ACTS])
def test_only_what_holds_no_case_is_public(table: dict[str, object]) -> None:
    assert {path for path, access in table.items() if access is Gate.PUBLIC} <= {"/login", "/look", "/about", "/healthz"}
