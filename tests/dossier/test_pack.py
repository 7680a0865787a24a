"""A sealed pack: what is in it, what is not, and that two builds give the same bytes."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from rasoat.canonical import canonical_json, sha256_hex
from rasoat.cases.decisions import ContextBox, Measure, NoticeChoice
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.dossier import Notice, Status, verify_bytes
from rasoat.harms import Harm
from rasoat.missing import Missing
from rasoat.store.records import CaseView, EventRecord
from tests.dossier.made import CASE_ID, QUOTE, T0, TEXT, Desk, capture, decision, events, item, view


def files_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def built(desk: Desk, case: CaseView, **changes: Any) -> dict[str, bytes]:
    return files_of(desk.build(case, **changes).path.read_bytes())


def core(files: dict[str, bytes]) -> dict[str, Any]:
    found = json.loads(files["notice.json"])
    assert isinstance(found, dict)
    return found


def test_what_is_in_a_pack(pack: bytes) -> None:
    assert sorted(files_of(pack)) == [
        "README.txt",
        "SHA256SUMS",
        "archive/00000000-0000-4000-8000-000000000001.warc.gz",
        "custody.json",
        "exports/dsa-article-16.json",
        "exports/xarf.json",
        "letter.pdf",
        "letter.txt",
        "manifest.json",
        "manifest.sig",
        "notice.json",
        "notice.pdf",
        "signer.pub",
        f"text/{core(files_of(pack))['items'][0]['text_file'].removeprefix('text/')}",
    ]
    assert verify_bytes(pack).status is Status.OK


def test_two_builds_give_the_same_bytes(desk: Desk) -> None:
    case = desk.case()
    first, second = desk.build(case), desk.build(case, desk.settings.home / "elsewhere")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == second.sha256 == sha256_hex(first.path.read_bytes())


def test_a_rebuild_after_sealing_gives_the_same_bytes(desk: Desk) -> None:
    case = desk.case()
    last = case.events[-1]
    sealed = EventRecord(
        7,
        CASE_ID,
        T0 + timedelta(days=3),
        "cuc-03",
        Role.APPROVER,
        EventKind.SEALED,
        last.to_state,
        CaseState.DOSSIER_READY,
        {},
        last.hash,
        "x",
    )
    later = replace(case, facts=replace(case.facts, state=CaseState.SENT), events=(*case.events, sealed))
    assert desk.build(case).sha256 == desk.build(later).sha256


def test_the_notice_inside_the_pdf_is_the_notice_beside_it(pack: bytes) -> None:
    files = files_of(pack)
    reader = PdfReader(BytesIO(files["notice.pdf"]))
    assert reader.attachments["notice.json"] == [files["notice.json"]]
    metadata = files["notice.pdf"].split(b"<x:xmpmeta")[1].split(b"</x:xmpmeta>")[0]
    assert b"<pdfaid:part>3</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert b"/AFRelationship/Data" in files["notice.pdf"].replace(b" ", b"")


def test_the_letter_is_archival_too(pack: bytes) -> None:
    letter = files_of(pack)["letter.pdf"]
    assert b"<pdfaid:part>2</pdfaid:part>" in letter
    assert PdfReader(BytesIO(letter)).attachments == {}


def test_the_notice_has_all_29_fields(pack: bytes) -> None:
    notice = core(files_of(pack))
    item_fields = {
        "url",
        "locator",
        "quote_original",
        "quote_translation",
        "content_type",
        "content_language",
        "published_at_claimed",
        "captures",
    }
    top = {
        "dossier_id", "version", "harm_code", "secondary_codes", "policy_ground", "legal_grounds", "explanation", "context_considered",
        "expression_risk", "least_restrictive_measure", "territory", "requester_capacity", "notifier", "complainant", "bona_fide_statement",
        "automation", "review_1", "review_2", "approval", "publisher_notice", "redress_info", "sent_log", "outcome",
    }  # fmt: skip
    assert top <= set(notice)
    assert item_fields <= set(notice["items"][0])
    assert notice["complainant"] is None
    assert notice["automation"]["decision"] == "human"
    assert notice["automation"]["detection"] is True
    assert notice["automation"]["versions"] == [{"model": "linear-1", "rules": "r-1", "lexicon": "lex-1", "policy": "pol-1"}]
    assert notice["territory"] == ["VN"]
    assert notice["redress_info"]["not_before"] > "2026-09-05"


def test_the_notice_reads_back_and_is_canonical(pack: bytes) -> None:
    raw = files_of(pack)["notice.json"]
    assert Notice.from_bytes(raw).to_bytes() == raw == canonical_json(json.loads(raw))


def test_the_reader_quotes_what_was_read(pack: bytes) -> None:
    asked = core(files_of(pack))["items"][0]
    start, end = asked["locator"]["quote_start"], asked["locator"]["quote_end"]
    assert TEXT[start:end] == QUOTE == asked["quote_original"]


def test_personal_data_is_masked_in_every_word(desk: Desk) -> None:
    lead = item(desk.evidence, title="Gọi 0900 000 000")
    ruling = decision(lead, quote="Liên hệ Zalo 0900 000 000", reason="Mời gọi số 0900 000 000 để lấy tiền, hứa lãi không thể có.")
    files = built(desk, view(lead, ruling=ruling))
    words = [data for name, data in files.items() if name.endswith((".json", ".txt"))]
    assert not any(b"0900 000 000" in data for data in words)
    assert core(files)["items"][0]["quote_original"] == "Liên hệ Zalo 0900•••000"
    assert core(files)["items"][0]["text_masked"] is True


@pytest.mark.parametrize(("harm", "why"), [(Harm.PII, "leaked_data"), (Harm.SHM, "self_harm_method")])
def test_what_would_do_the_harm_again_stays_out(desk: Desk, harm: Harm, why: str) -> None:
    lead = item(desk.evidence)
    grounds = ("VN-PDPL",) if harm is Harm.PII else ()
    section = "hosting-exposed-data" if harm is Harm.PII else "hosting-terms"
    ruling = decision(lead, outcome=harm, legal_grounds=grounds, policy_ground=section)
    files = built(desk, view(lead, ruling=ruling))
    asked = core(files)["items"][0]
    assert (asked["quote_original"], asked["quote_omitted"], asked["text_file"], asked["title"]) == (None, why, None, None)
    assert (asked["captures"][0]["file"], asked["captures"][0]["withheld"]) == (None, why)
    assert len(asked["captures"][0]["sha256"]) == 64
    assert not any(name.startswith(("archive/", "captures/", "text/")) for name in files)
    assert not any(QUOTE.encode() in data for data in files.values())
    assert verify_bytes(desk.build(view(lead, ruling=ruling)).path.read_bytes()).status is Status.OK


def test_what_the_platform_did_not_give_stays_visibly_missing(desk: Desk) -> None:
    lead = item(desk.evidence, title=Missing, published_at=Missing, publisher=Missing)
    files = built(desk, view(lead))
    asked = core(files)["items"][0]
    assert asked["title"] is None
    assert asked["published_at_claimed"] is None
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(files["notice.pdf"])).pages)
    assert text.count("(nguồn không cung cấp)") >= 2


def test_near_duplicates_are_asked_about_only_when_somebody_could_have_read_them(desk: Desk) -> None:
    lead = item(desk.evidence)
    same = item(desk.evidence, name="ban-sao")
    other_words = item(desk.evidence, name="khac", text=TEXT.replace("30%", "25%"))
    no_address = item(desk.evidence, name="khong-dia-chi", url=Missing)
    after = item(desk.evidence, name="sau-khi-duyet", captured_at=T0 + timedelta(days=2))
    files = built(desk, view(lead, same, other_words, no_address, after))
    assert [asked["url"] for asked in core(files)["items"]] == [lead.url, same.url]


def test_captures_after_the_build_are_not_in_it(desk: Desk) -> None:
    lead = item(desk.evidence, captures=2)
    late = replace(capture(desk.evidence, 9, TEXT), captured_at=T0 + timedelta(days=30))
    files = built(desk, view(replace(lead, captures=(*lead.captures, late))))
    assert sum(name.startswith("archive/") for name in files) == 2


def test_an_imported_record_travels_as_it_came(desk: Desk) -> None:
    lead = item(desk.evidence)
    record = capture(desk.evidence, 5, TEXT, media_type="application/json")
    files = built(desk, view(replace(lead, captures=(record,))))
    assert files[f"captures/{record.id}.json"] == desk.evidence.get(record.blob)


def test_no_person_is_named(desk: Desk) -> None:
    files = built(desk, desk.case())
    people = {core(files)[part]["reviewer"] for part in ("review_1", "approval")}
    assert people == {"an-01", "cuc-03"}
    assert core(files)["notifier"]["name"] is None


def test_a_deferred_letter_says_why_and_until_when(desk: Desk) -> None:
    until = T0 + timedelta(days=20)
    case = desk.case(notice=NoticeChoice.DEFERRED, deferred_until=until)
    case = replace(case, events=events(notice={"choice": "deferred", "deferral": "active_fraud"}))
    told = core(built(desk, case))["publisher_notice"]
    assert (told["choice"], told["deferral"], told["deferred_until"][:10]) == ("deferred", "active_fraud", "2026-03-22")


def test_a_public_authority_is_called_one_on_the_cover(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"requester_capacity": "PUBLIC_AUTHORITY"})
    files = built(desk, desk.case(), settings=settings)
    assert core(files)["requester_capacity"]["public_authority"] is True
    for name in ("notice.pdf", "letter.pdf"):
        assert "YÊU CẦU CỦA CƠ QUAN NHÀ NƯỚC" in PdfReader(BytesIO(files[name])).pages[0].extract_text()


def test_the_cover_says_the_decisive_fact_first_and_that_it_is_no_order(pack: bytes) -> None:
    cover = PdfReader(BytesIO(files_of(pack)["notice.pdf"])).pages[0].extract_text()
    assert "Đây là thông báo và đề nghị, không phải mệnh lệnh." in cover
    assert cover.index("Nội dung: Lừa đảo (FRD)") < cover.index("Địa chỉ: hxxps://dau-tu-vang[.]example") < cover.index("Quy tắc: ")
    assert cover.index("Quy tắc: ") < cover.index("Loại vi phạm")
    assert "https://dau-tu" not in cover


def test_an_explanation_too_long_for_facts_and_rule_keeps_the_reader_s_own_words(desk: Desk) -> None:
    lead = item(desk.evidence)
    reason = ("Bài này xin mã OTP. " * 250)[:4990].strip()
    assert core(built(desk, view(lead, ruling=decision(lead, reason=reason))))["explanation"] == reason


def test_the_policy_comes_before_the_law_in_the_explanation(pack: bytes) -> None:
    words = core(files_of(pack))["explanation"]
    assert words.index("XARF content/fraud") < words.index("Luật Bảo vệ quyền lợi người tiêu dùng")
    assert words.startswith("Sự việc.")


def test_context_and_measure_are_what_people_chose(desk: Desk) -> None:
    lead = item(desk.evidence)
    boxes = frozenset({ContextBox.SATIRE, ContextBox.NEWS})
    notice = core(built(desk, view(lead, ruling=decision(lead, context=boxes, context_note="Có nhãn hài.", measure=Measure.LABEL))))
    assert notice["context_considered"]["boxes"] == ["news", "satire"]
    assert notice["least_restrictive_measure"]["measure"] == "label"


def test_half_a_character_does_not_stop_a_dossier(desk: Desk) -> None:
    lead = item(desk.evidence, title="\udcff")
    assert core(built(desk, view(lead)))["items"][0]["title"] == "?"


def test_the_custody_log_stands_alone(pack: bytes) -> None:
    log = json.loads(files_of(pack)["custody.json"])
    assert [event["kind"] for event in log["events"]] == ["opened", "claimed", "coded", "claimed", "approved", "notice_given"]
    assert log["head"] == log["events"][-1]["hash"]
    previous = "0" * 64
    for event in log["events"]:
        entry = {key: value for key, value in event.items() if key not in ("hash", "prev_hash")}
        assert event["prev_hash"] == previous
        plain = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        previous = sha256_hex(plain + previous.encode())
        assert event["hash"] == previous
