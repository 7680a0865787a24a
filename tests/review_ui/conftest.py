"""Fixtures of the review site's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from classifiers.classifier import Classifier
from rasoat.clock import FixedClock, Ids
from rasoat.policy import Policy
from rasoat.settings import ROOT, Settings
from rasoat.store import open_store
from tests.review_ui.house import Browser, Rooms, stand_in

Enter = Callable[..., Browser]


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return stand_in()


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.load(ROOT / "data")


@pytest.fixture
def rooms(settings: Settings, policy: Policy, classifier: Classifier) -> Iterator[Rooms]:
    clock = FixedClock(datetime(2026, 3, 2, 3, 0, tzinfo=UTC))
    with open_store(settings, clock=clock, ids=Ids(seed=3)) as store:
        rooms = Rooms(settings, store, policy, classifier, clock)
        rooms.add_people()
        yield rooms


@pytest.fixture
def enter(rooms: Rooms) -> Iterator[Enter]:
    """`enter("lan")` gives Lan's browser, logged in; `enter()` a visitor's."""
    with ExitStack() as stack:
        app = rooms.app()

        def open_browser(login: str = "") -> Browser:
            browser = Browser(stack.enter_context(TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)))
            if login:
                assert browser.log_in(login).status_code == 303
            return browser

        yield open_browser
