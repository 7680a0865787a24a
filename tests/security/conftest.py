"""The house of the review site's tests, with one person for every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from rasoat.cases.states import Role
from tests.review_ui.conftest import Enter, classifier, enter, policy, rooms
from tests.review_ui.house import PASSWORD, Browser, Rooms

__all__ = ["classifier", "enter", "policy", "rooms"]


@pytest.fixture
def alone(rooms: Rooms, enter: Enter) -> Callable[[str], Browser]:
    """`alone("sender")` gives the browser of somebody who has that role and no other; `alone("")` a visitor's."""

    def open_browser(who: str) -> Browser:
        if who and rooms.store.accounts.get(f"only-{who}") is None:
            rooms.store.accounts.add(f"only-{who}", PASSWORD, who, [Role(who)])
        return enter(f"only-{who}" if who else "")

    return open_browser


def served(rooms: Rooms) -> Iterator[tuple[str, str]]:
    """Method and path of everything that the application answers to; what is mounted comes as `MOUNT`."""
    for context in iter_route_contexts(rooms.app().routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(route.methods or ()))
        else:
            yield "MOUNT", str(getattr(route, "path", repr(route)))
