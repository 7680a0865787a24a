"""The data-protection officer answers who asks what is kept of them: sees texts, decides nothing, and sees nobody's verdict."""

from __future__ import annotations

from rasoat.cases.states import CaseState, Role
from tests.review_ui.conftest import Enter
from tests.review_ui.house import PASSWORD, Rooms, decision_form
from tests.review_ui.test_deciding import approve

REASON = "Người đọc đầu thấy lời đòi tiền trước rất rõ."


def test_the_officer_finds_what_is_kept_and_no_verdict(rooms: Rooms, enter: Enter) -> None:
    rooms.store.accounts.add("dung", PASSWORD, "Dung", [Role.DATA_PROTECTION])
    case_id = rooms.open_case()
    lan = enter("lan")
    lan.post("/queue/next")
    lan.post(f"/cases/{case_id}/decide", **decision_form(lan.json(f"/cases/{case_id}"), reason=REASON))
    assert approve(enter("ha"), case_id) == 303
    assert rooms.store.cases.facts(case_id).state is CaseState.PUBLISHER_NOTICE
    dung = enter("dung")
    assert dung.get("/").headers["location"] == "/search"
    assert [hit["case_id"] for hit in dung.json("/search?q=otp")["hits"]] == [case_id]
    page = dung.get(f"/cases/{case_id}").text
    assert "nhắn mã" in page
    for path in (f"/cases/{case_id}", f"/cases/{case_id}/history", f"/cases/{case_id}/captures"):
        shown = dung.get(path).text + dung.get(path, headers={"Accept": "application/json"}).text
        for login in ("lan", "ha"):
            assert rooms.store.accounts.get(login).pseudonym not in shown, path  # type: ignore[union-attr]
        assert REASON not in shown, path
    assert REASON in enter("kien").get(f"/cases/{case_id}").text  # an auditor reads it


def test_the_officer_acts_in_no_case(rooms: Rooms, enter: Enter) -> None:
    rooms.store.accounts.add("dung", PASSWORD, "Dung", [Role.DATA_PROTECTION])
    case_id = rooms.open_case()
    before = rooms.store.cases.facts(case_id)
    dung = enter("dung")
    assert dung.get("/queue").status_code == 403
    assert 'href="/queue"' not in dung.get(f"/cases/{case_id}").text
    assert dung.json(f"/cases/{case_id}")["acts"] == []
    for path in ("claim", "decide", "escalate", "approve", "close", "complain"):
        assert dung.post(f"/cases/{case_id}/{path}", reason="lý do đủ dài để đi qua").status_code == 403
    assert dung.command(case_id, kind="claim").status_code == 403
    assert rooms.store.cases.facts(case_id) == before
