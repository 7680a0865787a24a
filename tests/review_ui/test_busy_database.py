"""A database that is away, full or busy: the person is told to come back, not that the program is broken. Found by `bench.faults`."""

from __future__ import annotations

from typing import Any

import pytest

from rasoat.errors import RetryLater
from rasoat.store.sessions import Sessions
from tests.review_ui.conftest import Enter
from tests.review_ui.house import Rooms


def away(*_: Any, **__: Any) -> None:
    raise RetryLater("the database postgresql://secret-host/rasoat is away")


def test_who_works_meanwhile_is_told_to_come_back(rooms: Rooms, enter: Enter) -> None:
    lan = enter("lan")
    rooms.store.cases.queue = away  # type: ignore[method-assign,assignment]
    page, data = lan.get("/queue"), lan.get("/queue.json")
    for answer in (page, data):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "secret-host" not in answer.text
        assert "content-security-policy" in answer.headers
    assert "Đang bận" in page.text
    assert data.json()["key"] == "later"


def test_also_where_not_even_the_session_can_be_read(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    lan = enter("lan")
    monkeypatch.setattr(Sessions, "get", away)
    answer = lan.get("/queue")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "secret-host" not in answer.text
