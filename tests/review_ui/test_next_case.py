"""The button that says 'read next': it takes a case, so it is a write; whoever presses at the same moment gets another one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rasoat.cases.states import CaseState, EventKind
from rasoat.harms import Harm
from tests.review_ui.conftest import Enter
from tests.review_ui.house import Rooms, decision_form


def opened(rooms: Rooms, count: int) -> list[str]:
    """Cases in the order of the queue: the oldest first."""
    made = []
    for n in range(count):
        made.append(rooms.open_case(f"Chuyển khoản trước để nhận quà số {n}.", Harm.FRD, url=f"https://trang-{n}.example/"))
        rooms.clock.advance(hours=1)
    return made


def holder(rooms: Rooms, case_id: str) -> str | None:
    return rooms.store.cases.facts(case_id).holder(rooms.clock.now())


def test_next_takes_the_case_and_each_gets_another(rooms: Rooms, enter: Enter) -> None:
    first, second = opened(rooms, 2)
    lan, minh = enter("lan"), enter("minh")
    assert lan.post("/queue/next").headers["location"] == f"/cases/{first}"
    assert lan.json(f"/cases/{first}")["held"] == "me"
    assert lan.post("/queue/next").headers["location"] == f"/cases/{first}", "what they hold comes first"
    assert minh.post("/queue/next").headers["location"] == f"/cases/{second}"
    quang = enter("quang")  # nothing of the policy lead's is waiting
    assert quang.post("/queue/next").headers["location"] == "/queue?empty=1"
    assert "Hiện không có vụ việc nào chờ bạn" in quang.get("/queue?empty=1").text
    answer = minh.web.post("/queue/next", headers={"X-CSRF-Token": minh.csrf, "Accept": "application/json"})
    assert answer.json() == {"case_id": second}


def test_a_link_or_a_picture_takes_nothing(rooms: Rooms, enter: Enter) -> None:
    """Whatever opens the address without the form: an old bookmark, another site, a prefetching browser."""
    [case_id] = opened(rooms, 1)
    lan = enter("lan")
    assert lan.get("/queue/next").status_code == 405
    assert lan.web.post("/queue/next", follow_redirects=False).status_code == 403
    assert holder(rooms, case_id) is None
    assert 'action="/queue/next"' in lan.get("/queue").text
    assert 'action="/queue/next"' in lan.get(f"/cases/{case_id}").text
    assert 'action="/queue/next"' not in enter("kien").get("/queue").text  # an auditor only looks


def test_all_who_press_at_once_get_different_cases(rooms: Rooms, enter: Enter) -> None:
    cases = opened(rooms, 8)
    for n in range(8):
        rooms.store.accounts.add(f"nguoi-{n}", "mat-khau-thu-nghiem", f"Người {n}", [*rooms.store.accounts.get("lan").roles])  # type: ignore[union-attr]
    browsers = [enter(f"nguoi-{n}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda browser: browser.post("/queue/next").headers["location"], browsers))
    assert sorted(answers) == sorted(f"/cases/{case_id}" for case_id in cases)
    for case_id in cases:
        assert [event.kind for event in rooms.store.cases.view(case_id).events] == [EventKind.OPENED, EventKind.CLAIMED]


def test_decide_and_go_on_opens_the_next_one_claimed(rooms: Rooms, enter: Enter) -> None:
    first, second = opened(rooms, 2)
    lan = enter("lan")
    lan.post("/queue/next")
    form = decision_form(lan.json(f"/cases/{first}"), then="next")
    assert lan.post(f"/cases/{first}/decide", **form).headers["location"] == f"/cases/{second}"
    assert rooms.store.cases.facts(first).state is not CaseState.REVIEW_1
    assert holder(rooms, second) == rooms.store.accounts.get("lan").pseudonym  # type: ignore[union-attr]


def test_who_hands_a_case_back_is_not_given_the_same_one_again(rooms: Rooms, enter: Enter) -> None:
    first, second = opened(rooms, 2)
    lan = enter("lan")
    lan.post("/queue/next")
    assert lan.post(f"/cases/{first}/release", then="next").headers["location"] == f"/cases/{second}"
    assert holder(rooms, first) is None
    assert enter("minh").post(f"/cases/{first}/claim").status_code == 303
    assert lan.post(f"/cases/{second}/release", then="next").headers["location"] == "/queue?empty=1"
