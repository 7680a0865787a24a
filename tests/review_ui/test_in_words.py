"""What people miss when a page falls silent: reasons in their language, sources in words, hidden scores, what to do next."""

from __future__ import annotations

from pathlib import Path

import yaml
from fastapi.testclient import TestClient

from rasoat.cases.workflow import Actor
from rasoat.dossier import Refusal
from rasoat.errors import DossierRefused
from rasoat.harms import Harm
from rasoat.items import Platform
from rasoat.messages import Messages
from rasoat.settings import ROOT
from rasoat.store.records import DossierRecord
from review_ui.sources import in_words, titles
from review_ui.views.case import HIDDEN
from review_ui.views.problems import why_refused
from tests.review_ui.conftest import Enter
from tests.review_ui.house import PROTECTED, SCAM, Browser, Rooms, decision_form

REFUSALS = (
    Refusal("not_approved", {"state": "approval"}),
    Refusal("missing", {"field": "notifier.email"}),
    Refusal("workflow", {"problem": "the publisher has until 2026-03-16 to mend it"}),
    Refusal("no_url", {"item": "f00add532b4d"}),
)


def decide_and_approve(rooms: Rooms, enter: Enter, case_id: str) -> Browser:
    """Read, approved, and noted that the publisher could not be told; the approver's browser."""
    for login in ("lan", "minh"):
        reader = enter(login)
        if reader.post(f"/cases/{case_id}/claim").status_code == 303:
            page = reader.json(f"/cases/{case_id}")
            assert reader.post(f"/cases/{case_id}/decide", **decision_form(page)).status_code == 303
    ha = enter("ha")
    ha.post(f"/cases/{case_id}/claim")
    assert ha.post(f"/cases/{case_id}/approve", capture_verified="yes", bona_fide="yes", reason="Đúng quy tắc.").status_code == 303
    told = ha.post(f"/cases/{case_id}/notice", choice="not_sent", no_contact="no_contact_found", reason="Không có liên hệ nào.")
    assert told.status_code == 303
    return ha


def test_reasons_against_a_pack_are_in_the_readers_language() -> None:
    vi, en = Messages.load(ROOT / "data", "vi"), Messages.load(ROOT / "data", "en")
    error = DossierRefused([refusal.text(en) for refusal in REFUSALS], [(refusal.key, refusal.slots) for refusal in REFUSALS])
    said = why_refused(error, vi)
    assert "Chờ phê duyệt" in said[0]
    assert "thư điện tử" in said[1]
    assert "bên đăng còn đến 16/03/2026" in said[2]
    assert "không có địa chỉ" in said[3]
    assert "until 16/03/2026" in why_refused(error, en)[2]
    assert why_refused(DossierRefused(["the case is not approved"]), vi) == (vi.t("ui.seal_not_approved"),)


def test_a_refused_seal_is_answered_in_vietnamese(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    decide_and_approve(rooms, enter, case_id)
    refusal = Refusal("no_capture", {"item": "f00add532b4d"})

    def seal(case: str, actor: Actor) -> DossierRecord:
        raise DossierRefused(["Item f00add532b4d has no capture."], [(refusal.key, refusal.slots)])

    with TestClient(rooms.app(seal), base_url="http://127.0.0.1") as web:
        ha = Browser(web)
        ha.log_in("ha")
        answer = ha.post(f"/cases/{case_id}/seal")
    assert answer.status_code == 422
    assert "has no capture" not in answer.text
    assert "không có bản" in answer.text


def test_the_queue_hides_what_the_item_page_hides(rooms: Rooms, enter: Enter) -> None:
    short = rooms.open_case(f"Ông ở {PROTECTED} nói vay tiền chuyển khoản trước.", probability=0.93)
    late = rooms.open_case("Bài dài. " * 60 + f"Theo {PROTECTED}, chuyển khoản trước.", url="https://trang-b.example/2", probability=0.93)
    plain = rooms.open_case(url="https://trang-c.example/3")
    lan = enter("lan")
    rows = {row["case_id"]: row for row in lan.json("/queue")["rows"]}
    for case_id in (short, late):
        assert rows[case_id]["probability"] is None
        sure = next(factor for factor in rows[case_id]["factors"] if factor["name"] == "confidence")
        assert (sure["value"], sure["level"]) == (None, "hidden")
    assert rows[plain]["probability"] == 0.91
    page = lan.get("/queue").text
    assert "93%" not in page
    assert "điểm được ẩn" in page


def test_the_source_filter_offers_the_known_sources(rooms: Rooms, enter: Enter) -> None:
    rooms.open_case()
    lan = enter("lan")
    assert lan.json("/queue")["sources"] == ["demo"]
    assert '<option value="demo">' in lan.get("/queue").text
    assert '<option value="gone" selected>' in lan.get("/queue?source=gone").text


def test_sources_have_names(tmp_path: Path) -> None:
    vi = Messages.load(ROOT / "data", "vi")
    assert in_words("import:zeeschuimer-facebook.ndjson", {}, vi) == "tệp zeeschuimer facebook"
    assert in_words("import:khong_duoi", {}, vi) == "tệp khong duoi"
    assert in_words("trang-a.example", {}, vi) == "trang-a.example"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "source.yml").write_text(yaml.safe_dump({"name": "demo-a", "title": "Báo Ví Dụ (a.example)"}))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "source.yml").write_text("name: [")
    assert in_words("demo-a", titles(tmp_path), vi) == "Báo Ví Dụ (a.example)"
    assert "demo-baolacgiang" in titles(ROOT / "data" / "sources")


def test_similar_cases_are_on_the_item_page(rooms: Rooms, enter: Enter) -> None:
    bands = (b"one", b"two")
    base = tuple(range(128))
    like = tuple(value if n < 70 else value + 1000 for n, value in enumerate(base))
    first = rooms.open_case(signature=base, band_keys=bands)
    other = rooms.open_case(SCAM + " Nhanh tay!", url="https://trang-b.example/2", signature=like, band_keys=bands)
    assert first != other
    lan = enter("lan")
    similar = lan.json(f"/cases/{first}")["similar"]
    assert [line["case_id"] for line in similar] == [other]
    assert similar[0]["state"] == ""  # how that one ended would lead a reader who is still to decide
    assert "345" not in similar[0]["snippet"]
    text = lan.get(f"/cases/{first}").text
    assert f'href="/cases/{other}"' in text


def test_hidden_text_is_explained(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case("Nhà cái tặng 88k.", Harm.GAM, verbatim=f"Nhà cái tặng 88k. {HIDDEN} lô đề ⟦/ẩn⟧")
    lan = enter("lan")
    assert "không nhìn thấy (" in lan.get(f"/cases/{case_id}?text=verbatim").text
    assert "Xem thẻ Nguyên văn" in lan.get(f"/cases/{case_id}").text
    both = rooms.open_case(f"Chữ {HIDDEN} lô đề ⟦/ẩn⟧", Harm.GAM, url="https://c.example/")
    assert "không nhìn thấy (" in lan.get(f"/cases/{both}").text
    assert "không nhìn thấy" not in lan.get(f"/cases/{rooms.open_case(url='https://b.example/')}?text=verbatim").text


def test_a_message_without_an_address_says_early_that_there_will_be_no_dossier(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(url="", platform=Platform.SMS)
    lan = enter("lan")
    assert "Không có địa chỉ công khai" in lan.get(f"/cases/{case_id}").text
    ha = decide_and_approve(rooms, enter, case_id)
    page = ha.json(f"/cases/{case_id}")
    assert "seal" not in page["acts"]
    assert [problem["key"] for problem in page["seal_problems"]] == ["seal_no_address"]


def test_who_notes_and_decides_a_complaint(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    ha = decide_and_approve(rooms, enter, case_id)
    assert ha.json(f"/cases/{case_id}")["complaint"] == "complaint_desk_notes"
    assert "chuyển cho họ" in ha.get(f"/cases/{case_id}").text
    thu = enter("thu")
    assert "thẻ Tất cả" in thu.get("/queue?tab=complaint").text
    assert "complain" in thu.json(f"/cases/{case_id}")["acts"]
    assert thu.post(f"/cases/{case_id}/complain", grounds="Trang của tôi chỉ đăng cảnh báo.").status_code == 303
    assert ha.json(f"/cases/{case_id}")["complaint"] == "complaint_desk_decides"
    assert thu.post("/queue/next").headers["location"] == f"/cases/{case_id}"  # nobody claims a complaint, and yet it waits for her
    assert "/queue/next" not in enter("kien").get("/queue").text
    page = thu.get(f"/cases/{case_id}").text
    assert "Trang của tôi chỉ đăng cảnh báo." in page
    assert thu.json(f"/cases/{case_id}")["complaint"] == ""
    assert thu.post(f"/cases/{case_id}/resolve", reversed="true", reason="Bài là lời cảnh báo.").status_code == 303
    assert thu.json(f"/cases/{case_id}")["state"] == "reversed"


def test_the_address_of_a_form_leads_back_to_its_case(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case()
    answer = enter("lan").get(f"/cases/{case_id}/decide")  # what the address bar shows after a form with mistakes
    assert answer.status_code == 405
    assert f'href="/cases/{case_id}"' in answer.text
