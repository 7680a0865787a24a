"""From claim to seal through the forms: what is refused, what is kept, and who must be another person."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient
from httpx import Response

from rasoat.canonical import sha256_hex
from rasoat.cases.commands import Seal
from rasoat.cases.states import CaseState
from rasoat.cases.workflow import Actor
from rasoat.errors import DossierRefused
from rasoat.harms import Harm
from rasoat.store.records import DossierRecord
from tests.review_ui.conftest import Enter
from tests.review_ui.house import PROTECTED, Browser, Rooms, decision_form


def state(rooms: Rooms, case_id: str) -> CaseState:
    return rooms.store.cases.view(case_id).facts.state


def read(browser: Browser, case_id: str, outcome: str = "FRD", **changes: object) -> int:
    assert browser.post(f"/cases/{case_id}/claim").status_code == 303
    form = decision_form(browser.json(f"/cases/{case_id}"), outcome, **changes)
    return browser.post(f"/cases/{case_id}/decide", **form).status_code


def approve(browser: Browser, case_id: str) -> int:
    browser.post(f"/cases/{case_id}/claim")
    fields = {"bona_fide": "yes", "capture_verified": "yes", "reason": "Đã đọc lại bản chụp, tương xứng."}
    return browser.post(f"/cases/{case_id}/approve", **fields).status_code


def test_claim_is_exclusive_and_handing_over_needs_no_reason(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan, minh = enter("lan"), enter("minh")
    assert lan.post(f"/cases/{case_id}/claim").status_code == 303
    lost = minh.post(f"/cases/{case_id}/claim")
    assert lost.status_code == 409
    assert "Người khác đang giữ vụ việc này" in lost.text
    assert "claim" not in minh.json(f"/cases/{case_id}")["acts"]
    assert lan.post(f"/cases/{case_id}/release").status_code == 303
    assert minh.post(f"/cases/{case_id}/claim").status_code == 303


def test_a_lost_claim_is_told_and_nothing_is_written(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    form = decision_form(lan.json(f"/cases/{case_id}"))
    rooms.clock.advance(minutes=45)
    assert "Bạn không còn giữ vụ việc này" in lan.get(f"/cases/{case_id}/claim").text
    assert lan.post(f"/cases/{case_id}/decide", **form).status_code == 409
    assert rooms.store.cases.view(case_id).facts.first is None


def test_mistakes_stand_beside_their_fields_and_nothing_typed_is_lost(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    typed = {"outcome": "FRD", "reason": "Ngắn", "innocent_reading": "Một cách hiểu <b>khác</b> hẳn", "expression_risk": "medium"}
    answer = lan.post(f"/cases/{case_id}/decide", **typed)
    assert answer.status_code == 422
    for field in ("quote", "context", "reason", "measure", "policy_ground"):
        assert f'id="wrong-{field}"' in answer.text, field
    assert 'id="wrong-innocent_reading"' not in answer.text
    assert "Ngắn</textarea>" in answer.text
    assert "Một cách hiểu &lt;b&gt;khác&lt;/b&gt; hẳn</textarea>" in answer.text
    assert 'value="medium" checked' in answer.text
    assert state(rooms, case_id) is CaseState.REVIEW_1


def test_a_quote_must_lie_in_the_text_and_a_ground_must_fit_the_code(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    page = lan.json(f"/cases/{case_id}")
    item = page["item"]["id"]
    other = next(g["id"] for g in page["choices"]["grounds"] if "FRD" not in g["codes"])
    wrong = {
        "quote": [f"{item}:0:99999", f"{item}:5:5", f"{item}:-1:4", "other:0:4", "nonsense", f"{item}:٣:٤"],
        "legal_grounds": [other, "VN-117", "VN-331"],
        "policy_ground": ["no-such-section"],
    }
    for field, values in wrong.items():
        for value in values:
            answer = lan.post(f"/cases/{case_id}/decide", **decision_form(page, **{field: value}))
            assert answer.status_code == 422, (field, value)
            assert f'id="wrong-{field}"' in answer.text
    assert lan.post(f"/cases/{case_id}/decide", **decision_form(page, quote=f"{item}:0:18")).status_code == 303
    assert rooms.store.cases.view(case_id).facts.first.quote.end == 18  # type: ignore[union-attr]


def test_no_harm_needs_only_context_and_reason(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    fields = {"outcome": "NONE", "context": ["news", "quotation"], "reason": "Đây là bài báo cảnh báo lừa đảo."}
    assert lan.post(f"/cases/{case_id}/decide", **fields).status_code == 303
    assert state(rooms, case_id) is CaseState.CLOSED_NONE


def test_the_way_to_a_sealed_dossier_needs_four_people(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(harm=Harm.HAT, text="Bọn người vùng Ví Dụ là lũ ký sinh, đuổi hết đi.")
    lan, minh, ha = enter("lan"), enter("minh"), enter("ha")
    assert read(lan, case_id, "HAT") == 303
    assert state(rooms, case_id) is CaseState.REVIEW_2
    assert lan.post(f"/cases/{case_id}/claim").status_code == 403  # not her again
    assert read(minh, case_id, "HAT") == 303
    assert state(rooms, case_id) is CaseState.APPROVAL
    page = ha.json(f"/cases/{case_id}")
    assert [verdict["outcome"] for verdict in page["verdicts"]] == ["HAT", "HAT"]
    ha.post(f"/cases/{case_id}/claim")
    half = ha.post(f"/cases/{case_id}/approve", reason="Đã đọc lại bản chụp.", bona_fide="yes")
    assert half.status_code == 422
    assert 'name="bona_fide" value="yes" required>' in ha.get(f"/cases/{case_id}").text  # never pre-ticked
    assert approve(ha, case_id) == 303
    assert ha.json(f"/cases/{case_id}")["seal_problems"][0]["key"] == "seal_no_notice"
    fields = {"choice": "sent", "channel": "thư tới địa chỉ ở cuối trang", "reason": "Đã gửi thư mẫu."}
    assert ha.post(f"/cases/{case_id}/notice", **fields).status_code == 303
    assert rooms.store.cases.view(case_id).facts.notice is not None


def test_approval_reads_every_capture_again(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    lan, ha = enter("lan"), enter("ha")
    assert read(lan, case_id) == 303
    assert ha.json(f"/cases/{case_id}/captures")["intact"] is True
    rooms.store.evidence.delete(rooms.store.cases.view(case_id).items[0].item.captures[0].blob)
    assert ha.json(f"/cases/{case_id}/captures")["intact"] is False
    assert approve(ha, case_id) == 422
    assert ha.command(case_id, kind="approve", bona_fide=True, capture_verified=True, reason="Đã đọc lại bản chụp.").status_code == 409
    assert state(rooms, case_id) is CaseState.APPROVAL


def test_disagreement_goes_to_the_policy_lead_who_sees_both(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(harm=Harm.HAT, text="Bọn người vùng Ví Dụ là lũ ký sinh, đuổi hết đi.")
    lan, minh, quang = enter("lan"), enter("minh"), enter("quang")
    assert read(lan, case_id, "HAT") == 303
    assert read(minh, case_id, "NONE") == 303
    assert state(rooms, case_id) is CaseState.ADJUDICATION
    quang.post(f"/cases/{case_id}/claim")
    page = quang.json(f"/cases/{case_id}")
    assert {verdict["outcome"] for verdict in page["verdicts"]} == {"HAT", "NONE"}
    assert {v["outcome"] for v in lan.json(f"/cases/{case_id}")["verdicts"]} == {"HAT"}  # she may have to read it again
    assert quang.post(f"/cases/{case_id}/adjudicate", back="yes", reason="Cần đọc lại từ đầu, thiếu ngữ cảnh.").status_code == 303
    assert state(rooms, case_id) is CaseState.TRIAGE


def test_a_protected_subject_hides_scores_and_asks_for_more(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(f"Bài viết về {PROTECTED}, thu phí trước khi cấp giấy.", words=("thu phí trước",))
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    page = lan.json(f"/cases/{case_id}")
    assert page["scope_warning"] is True
    assert page["scores"] == page["factors"] == []
    assert [reason["weight"] for reason in page["reasons"]] == [None]
    html = lan.get(f"/cases/{case_id}").text
    assert "Có thể ngoài phạm vi" in html
    assert "91%" not in html
    form = decision_form(page)
    refused = lan.post(f"/cases/{case_id}/decide", **form)
    assert refused.status_code == 422
    assert 'id="wrong-overrules_scope_warning"' in refused.text
    decision = {
        "outcome": "FRD",
        "quote": {"item_id": page["item"]["id"], "start": 0, "end": 8},
        "context": ["none"],
        "innocent_reading": "Người viết chỉ kể lại chuyện.",
        "reason": "Đòi tiền trước khi làm giấy tờ.",
        "measure": "letter",
        "legal_grounds": form["legal_grounds"],
    }
    assert lan.command(case_id, kind="code", decision=decision).status_code == 422  # a script is held to it too
    assert lan.post(f"/cases/{case_id}/decide", **form, overrules_scope_warning="yes").status_code == 303
    facts = rooms.store.cases.view(case_id).facts
    assert facts.first is not None
    assert facts.first.overrules_scope_warning
    assert facts.state is CaseState.REVIEW_2


def test_child_safety_is_masked_and_can_only_be_escalated(rooms: Rooms, enter: Enter) -> None:
    text = "một câu mà không ai ở đây được đọc"
    case_id = rooms.open_case(text, Harm.CSE, title="tiêu đề cũng vậy", url="https://khong-mo.example/x")
    for login in ("lan", "ha", "quang", "kien", "an"):
        browser = enter(login)
        for path in (
            f"/cases/{case_id}",
            f"/cases/{case_id}.json",
            "/queue?tab=all",
            "/queue.json?tab=all",
            "/search?q=không ai",
            "/search.json",
        ):
            shown = browser.get(path).text
            assert text not in shown
            assert "tiêu đề cũng vậy" not in shown
            assert "khong-mo" not in shown or login == "an"  # the safety officer passes the address on
    lan = enter("lan")
    assert lan.json(f"/cases/{case_id}")["acts"] == ["escalate"]
    assert lan.post(f"/cases/{case_id}/claim").status_code == 403
    assert lan.command(case_id, kind="claim").status_code == 403
    assert lan.post(f"/cases/{case_id}/escalate", reason="dấu hiệu trong bình luận").status_code == 303
    assert state(rooms, case_id) is CaseState.ESCALATED_CSE
    assert lan.get(f"/cases/{case_id}").status_code == 403
    officer = enter("an")
    assert text not in officer.get(f"/cases/{case_id}").text
    assert officer.json(f"/cases/{case_id}/history")["events"][0]["kind"] == "escalated"


def test_nobody_seals_or_purges_by_saying_so(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    for login in ("ha", "quang", "lan"):
        browser = enter(login)
        assert browser.command(case_id, kind="seal", dossier_id="d", pack_sha256="0" * 64).status_code == 403
        assert browser.command(case_id, kind="purge", rule="none").status_code == 403
    assert enter("kien").command(case_id, kind="claim").status_code == 403  # the auditor writes nothing


def test_sealing_is_done_by_the_function_handed_in(rooms: Rooms, tmp_path: Path) -> None:
    case_id = rooms.open_case()
    rooms.store.packs.put("pack.zip", b"PK pack")
    sha256 = sha256_hex(b"PK pack")
    problems = ["locator is missing", "quote is too long"]

    def seal(case: str, actor: Actor) -> DossierRecord:
        if problems:
            raise DossierRefused(problems.copy())
        rooms.store.cases.apply(case, Seal(dossier_id="d-1", pack_sha256=sha256), actor)
        record = DossierRecord("d-1", case, 1, "pack.zip", sha256, rooms.clock.now())
        rooms.store.dossiers.add(record)
        return record

    with TestClient(rooms.app(seal), base_url="http://127.0.0.1") as web:
        lan, ha = Browser(web), Browser(web)
        lan.log_in("lan")
        assert read(lan, case_id) == 303
        ha.log_in("ha")
        assert approve(ha, case_id) == 303
        ha.post(f"/cases/{case_id}/notice", choice="not_sent", no_contact="no_contact_found", reason="Trang không có liên hệ nào.")
        assert "seal" in ha.json(f"/cases/{case_id}")["acts"]
        refused = ha.post(f"/cases/{case_id}/seal")
        assert refused.status_code == 422
        assert all(problem in refused.text for problem in problems)
        problems.clear()
        assert ha.post(f"/cases/{case_id}/seal").status_code == 303
        assert state(rooms, case_id) is CaseState.DOSSIER_READY
        pack = ha.json(f"/cases/{case_id}")["packs"][0]
        download = ha.get(f"/dossiers/{pack['id']}?case={case_id}")
        assert download.content == b"PK pack"
        assert download.headers["content-disposition"] == 'attachment; filename="pack.zip"'
        rooms.store.packs.put("pack.zip", b"PK swapped")
        assert_unsound(ha.get(f"/dossiers/{pack['id']}?case={case_id}"), "differs from its hash")
        rooms.store.packs.remove(["pack.zip"])
        assert_unsound(ha.get(f"/dossiers/{pack['id']}?case={case_id}"), "is missing")
        assert ha.post(f"/cases/{case_id}/sent", channel="biểu mẫu của nền tảng", reference="X-1").status_code == 303
        assert ha.post(f"/cases/{case_id}/answer", answer="actioned").status_code == 303
        lan.log_in("lan")
        assert lan.get(f"/dossiers/{pack['id']}?case={case_id}").status_code == 403
    assert rooms.store.audit.verify() == []


def assert_unsound(answer: Response, says: str) -> None:
    """A page that says what is wrong with the pack, and nothing of the inside."""
    assert answer.status_code == 409
    assert says in answer.text
    assert "swapped" not in answer.text
    assert "Traceback" not in answer.text


def test_a_pack_outside_the_folder_is_never_served(rooms: Rooms, enter: Enter, tmp_path: Path) -> None:
    case_id = rooms.open_case()
    (tmp_path / "secret.txt").write_text("hidden words")
    rooms.settings.dossier_dir.mkdir(parents=True)
    rooms.store.dossiers.add(DossierRecord("d-2", case_id, 1, "../../secret.txt", "a" * 64, rooms.clock.now()))
    answer = enter("ha").get(f"/dossiers/d-2?case={case_id}")
    assert answer.status_code == 409
    assert "hidden words" not in answer.text
