"""A second reader finds nothing of the first verdict anywhere: page, JSON, history, claim, captures, queue, search, event order."""

from __future__ import annotations

import pytest

from rasoat.harms import Harm
from tests.review_ui.conftest import Enter
from tests.review_ui.house import Rooms, decision_form

REASON = "Người đọc đầu thấy lời kêu gọi xua đuổi rất rõ."
READING = "Có thể đây là lời trích để phản đối."


def paths(case_id: str) -> list[str]:
    pages = [f"/cases/{case_id}", f"/cases/{case_id}/history", f"/cases/{case_id}/captures", f"/cases/{case_id}/claim"]
    return [*pages, "/queue?tab=second", "/queue?tab=all", "/search?q=ký sinh", "/search?state=review_2"]


@pytest.mark.parametrize("outcome", ["HAT", "HAR", "SEX"])
def test_nothing_of_the_first_verdict_reaches_the_second_reader(rooms: Rooms, enter: Enter, outcome: str) -> None:
    case_id = rooms.open_case(harm=Harm.HAT, text="Bọn người vùng Ví Dụ là lũ ký sinh, đuổi hết đi.", probability=0.8)
    lan, minh = enter("lan"), enter("minh")
    before = {path: minh.json(path) for path in (f"/cases/{case_id}", f"/cases/{case_id}/history")}
    lan.post(f"/cases/{case_id}/claim")
    form = decision_form(
        lan.json(f"/cases/{case_id}"), outcome, reason=REASON, innocent_reading=READING, context=["satire"], measure="label"
    )
    assert lan.post(f"/cases/{case_id}/decide", **form).status_code == 303
    while rooms.store.project():
        pass
    pseudonym = lan.json("/session")["pseudonym"]
    secrets = [pseudonym, REASON, READING, "Lan", "event_coded", "coded", *form["legal_grounds"]]
    for login in ("minh", "ha", "quang", "thu"):  # whoever may not read a second time may not know either: they may have to later
        browser = enter(login)
        for path in paths(case_id):
            for answer in (browser.get(path), browser.get(path, headers={"Accept": "application/json"})):
                for secret in secrets:
                    assert secret not in answer.text, (login, path, secret)
    minh.post(f"/cases/{case_id}/claim")
    for path in paths(case_id):
        shown = minh.get(path, headers={"Accept": "application/json"}).text
        page = minh.get(path).text
        assert pseudonym not in shown + page
        assert REASON not in shown + page
        assert READING not in shown + page
    after = minh.json(f"/cases/{case_id}")
    # what the machine suggests is the same as before anybody read it, and nothing is picked in the form
    for part in ("flagged", "reasons", "scores", "suggested", "policy", "verdicts", "siblings"):
        assert after[part] == before[f"/cases/{case_id}"][part], part
    assert 'name="outcome" value="HAT" checked' not in minh.get(f"/cases/{case_id}").text
    assert [event["kind"] for event in minh.json(f"/cases/{case_id}/history")["events"]] == ["claimed", "opened"]
    assert all(event["seq"] is None and event["hash"] == "" for event in after["history"])


def test_the_lot_is_not_told(rooms: Rooms, enter: Enter) -> None:
    """Whether a case came to the second reader by lot or by its code would tell the first code."""
    drawn, coded = rooms.open_case(sampled=True, key="a"), rooms.open_case("Một văn bản khác hẳn, đòi chuyển khoản.", key="b")
    lan, minh = enter("lan"), enter("minh")
    for case_id, outcome in ((drawn, "FRD"), (coded, "HAT")):
        lan.post(f"/cases/{case_id}/claim")
        assert lan.post(f"/cases/{case_id}/decide", **decision_form(lan.json(f"/cases/{case_id}"), outcome)).status_code == 303
    first, second = minh.json(f"/cases/{drawn}"), minh.json(f"/cases/{coded}")
    assert first["state"] == second["state"] == "review_2"
    assert "sampled" not in first
    assert first["acts"] == second["acts"]
    assert first["fix_first"] == second["fix_first"]


def test_the_first_reader_still_sees_their_own(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(harm=Harm.HAT, text="Bọn người vùng Ví Dụ là lũ ký sinh, đuổi hết đi.")
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    lan.post(f"/cases/{case_id}/decide", **decision_form(lan.json(f"/cases/{case_id}"), "HAT", reason=REASON))
    page = lan.json(f"/cases/{case_id}")
    assert [verdict["reason"] for verdict in page["verdicts"]] == [REASON]
    assert {event["kind"] for event in page["history"]} == {"opened", "claimed", "coded"}
