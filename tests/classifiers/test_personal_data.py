"""Personal numbers are found however they are written, and what is no personal number is left alone. All numbers are made up."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.personal_data import DatumKind, find, mask


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("gọi 0900000198 nhé", DatumKind.PHONE, "0900•••198"),
        ("gọi 0900.000.198 nhé", DatumKind.PHONE, "0900•••198"),
        ("gọi 0900 000 198", DatumKind.PHONE, "0900•••198"),
        ("gọi +84 900 000 198", DatumKind.PHONE, "8490•••198"),
        ("zalo O9OO 000 198", DatumKind.PHONE, "O9OO•••198"),
        ("zalo 0 9 0 0 0 0 0 1 9 8", DatumKind.PHONE, "0900•••198"),
        ("bàn 024 3000 0198", DatumKind.PHONE, "0243•••198"),
        ("thư về ten.ho@vidu.example", DatumKind.EMAIL, "t•••@vidu.example"),
        ("căn cước 001090000123", DatumKind.CITIZEN_ID, "001•••123"),
        ("CMND số 012345678 cấp năm", DatumKind.OLD_ID, "012•••678"),
        ("MST: 0100109106", DatumKind.TAX_CODE, "010•••106"),
        ("mã số bảo hiểm xã hội 0123456789", DatumKind.SOCIAL_INSURANCE, "012•••789"),
        ("stk 0001 2345 678 ngân hàng Ví Dụ", DatumKind.BANK_ACCOUNT, "000•••678"),
        ("chuyển vào 19000012345678 Vidubank", DatumKind.BANK_ACCOUNT, "190•••678"),
        ("xe biển số 29A-123.45", DatumKind.PLATE, "29•••"),
        ("nhà ở số 12 ngõ 34", DatumKind.ADDRESS, "•••"),
        ("địa chỉ: 12/3 đường Mẫu", DatumKind.ADDRESS, "•••"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_what_is_personal_is_masked(text: str, kind: DatumKind, shown: str, form: str) -> None:
    written = unicodedata.normalize(form, text)
    found = [datum for datum in find(written) if datum.kind is kind]
    assert found
    assert found[0].masked == shown
    assert found[0].span.of(written) not in mask(written)


@pytest.mark.parametrize(
    "text",
    [
        "giá 1.250.000 đồng, giảm còn 990.000đ",
        "ngày 09.08.2023 10 giờ họp",
        "từ 01/02/2024 đến 29/02/2024",
        "hotline 1800 1091 hoặc 19001234",
        "mã đơn hàng 583920174625",
        "MST: 0100109107",
        "kết quả 12345 67890",
        "năm 2023, 63 tỉnh thành, 100 triệu dân",
        "không có số nào ở đây cả",
    ],
)
def test_what_is_not_personal_is_left_alone(text: str) -> None:
    assert mask(text) == text


@given(
    st.lists(
        st.sampled_from(
            ["0900000198", "ten@vidu.example", "stk 123456789", "số 12 ngõ 5", " ", "\n", "chào", "29A-123.45", "001090000123", "đ"]
        )
    )
)
def test_masking_twice_is_masking_once_and_ranges_never_overlap(parts: list[str]) -> None:
    text = " ".join(parts)
    found = find(text)
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(found))
    assert mask(mask(text)) == mask(text)


@given(st.text())
def test_any_text_can_be_masked(text: str) -> None:
    assert mask(mask(text)) == mask(text)
