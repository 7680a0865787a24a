"""The site against its own OpenAPI document: whatever is sent, no server error, and no answer that the document does not describe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Err
from schemathesis.specs.openapi import checks

from rasoat.cases.states import Role
from tests.review_ui.house import PASSWORD, Browser, Rooms

CHECKS: Final = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES: Final = 25
ENDS: Final = "/logout"
"""It would end the session that the others need; asked as a visitor."""


def operations(document: dict[str, Any]) -> Iterator[Any]:
    for result in schemathesis.openapi.from_dict(document, config=SchemathesisConfig()).get_all_operations():
        assert not isinstance(result, Err), result
        yield result.ok()


def asked(browser: Browser, operation: Any, case_id: str) -> set[int]:
    """Try one operation with good and bad values; gives the statuses that came."""
    seen: set[int] = set()

    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def one(case: Any) -> None:
        for name, known in (("case_id", case_id), ("code", "FRD")):
            if name in (case.path_parameters or {}) and len(str(case.path_parameters[name])) % 2:
                case.path_parameters[name] = known
        sent = case.as_transport_kwargs(base_url="http://127.0.0.1")
        headers = {name: value for name, value in dict(sent.get("headers") or {}).items() if str(value).isascii()}
        headers |= {"Accept": "application/json", "X-CSRF-Token": browser.csrf}
        body = {name: sent[name] for name in ("json", "data", "content") if sent.get(name) is not None}
        answer = browser.web.request(
            sent["method"], sent["url"], params=sent.get("params"), headers=headers, follow_redirects=False, **body
        )
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    one()
    return seen


@pytest.fixture
def everybody(rooms: Rooms) -> Iterator[tuple[Browser, Browser, str]]:
    """Somebody with every role, so that no door hides what is behind it; a visitor; and a case."""
    rooms.store.accounts.add("moi-vai", PASSWORD, "Mọi vai", set(Role) - {Role.SYSTEM})
    case_id = rooms.open_case()
    with (
        TestClient(rooms.app(), base_url="http://127.0.0.1", raise_server_exceptions=False) as one,
        TestClient(one.app, base_url="http://127.0.0.1", raise_server_exceptions=False) as two,
    ):
        browser, visitor = Browser(one), Browser(two)
        assert browser.log_in("moi-vai").status_code == 303
        yield browser, visitor, case_id


def test_whatever_is_sent_is_answered_as_documented(everybody: tuple[Browser, Browser, str]) -> None:
    browser, visitor, case_id = everybody
    document = browser.json("/openapi.json")
    seen: dict[str, set[int]] = {}
    for operation in operations(document):
        path = f"{operation.method} {operation.path}"
        seen[path] = asked(visitor if operation.path == ENDS else browser, operation, case_id)
    assert len(seen) >= 15
    reached = {path for path, statuses in seen.items() if 200 in statuses}
    assert reached >= {"get /queue.json", "get /search.json", "get /cases/{case_id}.json", "get /policy/{code}.json"}, seen


def test_a_visitor_is_answered_as_documented_too(everybody: tuple[Browser, Browser, str]) -> None:
    browser, visitor, case_id = everybody
    for operation in operations(browser.json("/openapi.json")):
        if operation.path.startswith("/cases") or operation.path in ("/queue.json", "/search.json"):
            assert asked(visitor, operation, case_id) <= {401, 422}


def test_the_document_names_every_json_route_and_every_error(everybody: tuple[Browser, Browser, str]) -> None:
    document = everybody[0].json("/openapi.json")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403", "404", "409", "422", "500"} <= set(operation["responses"]), (method, path)
            assert "HTTPValidationError" not in str(operation)
