"""The letter to the publisher (NOTICES §14): every row of the table, in plain Vietnamese."""

from __future__ import annotations

from typing import Any

import pytest

from rasoat.cases.decisions import Measure
from rasoat.cases.states import CaseState
from rasoat.dossier import Letter, Words, compose_letter
from rasoat.harms import Harm
from rasoat.items import Publisher, PublisherKind
from rasoat.missing import Missing
from rasoat.store.records import CaseView
from tests.dossier.made import DOSSIER_ID, QUOTE, REASON, Desk, decision, item, view


def letter(desk: Desk, case: CaseView, **changes: Any) -> Letter:
    request = desk.request(case, **changes)
    return compose_letter(request, Words.load(request))


def test_it_has_every_row_of_the_table(desk: Desk) -> None:
    text = letter(desk, desk.case()).text()
    for words in (
        "không phải mệnh lệnh",  # a notice, not an order
        "hxxps://dau-tu-vang[.]example/bai-viet/co-hoi-30",  # what: address ...
        QUOTE,  # ... and excerpt
        "Chúng tôi đề nghị Nhà cung cấp lưu trữ",  # asked of whom
        "gỡ nội dung",  # asked what
        "ngày 5 tháng 3 năm 2026",  # since when
        REASON,  # facts
        "Phần mềm đã gợi ý",  # software first surfaced it
        "con người đọc và quyết định",  # a person decided
        "XARF content/fraud",  # rule: section
        "Luật Bảo vệ quyền lợi người tiêu dùng",  # rule: law
        "Tổ chức Ví Dụ",  # who asks
        "Người yêu cầu là tổ chức xã hội.",  # in which capacity
        "lien-he@rasoat.example",  # how to object: address
        "Miễn phí, không cần tài khoản",
        "ít nhất 6 tháng",
        "chưa hề tham gia vụ này",  # who decides
        "khoảng 14 ngày",  # expected time
        "Khiếu nại theo quy trình của nền tảng",
        "tòa án",
        "Cách khắc phục",
        "xem, sửa hoặc xóa",  # data held, access and erasure
        "Dữ liệu được xóa muộn nhất ngày",
        DOSSIER_ID,
    ):
        assert words in text, words


def test_the_window_is_at_least_six_months_even_when_the_letter_goes_out_late(desk: Desk) -> None:
    assert "phản đối gửi đến hết ngày 5 tháng 10 năm 2026" in letter(desk, desk.case()).text()


def test_the_publisher_can_be_told_before_anything_is_sealed(desk: Desk) -> None:
    assert letter(desk, desk.case(state=CaseState.PUBLISHER_NOTICE, notice=None)).text()


@pytest.mark.parametrize("harm", [Harm.ADV, Harm.CPR, Harm.AGG])
def test_who_mends_it_in_time_hears_no_more(desk: Desk, harm: Harm) -> None:
    lead = item(desk.evidence)
    ruling = decision(lead, outcome=harm, measure=Measure.LETTER, policy_ground=None, legal_grounds=("VN-AD-8",))
    text = letter(desk, view(lead, ruling=ruling)).text()
    assert "trước hết ngày 19 tháng 3 năm 2026, chúng tôi không gửi đề nghị nào" in text
    assert "Chúng tôi không yêu cầu nền tảng hay bên nào khác làm gì." in text


@pytest.mark.parametrize("harm", list(Harm))
def test_every_harm_has_its_advice(desk: Desk, harm: Harm) -> None:
    lead = item(desk.evidence)
    ruling = decision(lead).model_copy(update={"outcome": harm})
    made = letter(desk, view(lead, ruling=ruling))
    assert all(part.paragraphs for part in made.parts)


@pytest.mark.parametrize(("harm", "why"), [(Harm.PII, "làm lộ dữ liệu"), (Harm.SHM, "gây hại cho người đọc")])
def test_it_does_not_repeat_what_harms(desk: Desk, harm: Harm, why: str) -> None:
    lead = item(desk.evidence)
    text = letter(desk, view(lead, ruling=decision(lead).model_copy(update={"outcome": harm}))).text()
    assert QUOTE not in text
    assert why in text


def test_a_person_is_not_named(desk: Desk) -> None:
    person = Publisher(PublisherKind.PERSON, "3f0c9d1e2a4b5c6d7e8f9a0b1c2d3e4f")
    assert person.name not in letter(desk, view(item(desk.evidence, publisher=person))).text()


def test_an_organisation_is_addressed(desk: Desk) -> None:
    assert letter(desk, desk.case()).addressee == "Kính gửi: dau-tu-vang.example"
    assert letter(desk, view(item(desk.evidence, publisher=Missing))).addressee == "Kính gửi: bên đăng nội dung"


def test_a_line_break_in_a_name_cannot_forge_a_line(desk: Desk) -> None:
    forged = Publisher(PublisherKind.DOMAIN, "x.example\n\nMỆNH LỆNH: nộp tiền")
    assert "\nMỆNH LỆNH" not in letter(desk, view(item(desk.evidence, publisher=forged))).text()


def test_no_complainant_and_no_reviewer_appears(desk: Desk) -> None:
    text = letter(desk, desk.case()).text()
    assert "an-01" not in text
    assert "cuc-03" not in text
