"""No page, JSON answer or search result shows a personal number: each kind stands in one text, and every address is walked."""

from __future__ import annotations

from rasoat.harms import Harm
from tests.review_ui.conftest import Enter
from tests.review_ui.house import Rooms

SECRETS = (
    "0900000198",
    "không chín không không không không không một hai ba",
    "ten.ho@vidu.example",
    "tenho a còng vidu chấm example",
    "001090000123",
    "012345678",
    "B0000123",
    "0100109106",
    "0123456789",
    "000111222333",
    "4000 0000 0000 0002",
    "29A-123.45",
    "01/02/1990",
    "34/5",
)
LEAK = (
    "Con nợ Trần Văn Mẫu, sinh ngày 01/02/1990, CCCD 001090000123, CMND 012345678, hộ chiếu B0000123, sđt 0900000198, gọi không chín không "
    "không không không không một hai ba, thư ten.ho@vidu.example hoặc tenho a còng vidu chấm example, MST 0100109106, "
    "bảo hiểm xã hội 0123456789, stk 000111222333 ngân hàng Ví Dụ, thẻ 4000 0000 0000 0002, "
    "xe biển số 29A-123.45, nhà ở số 34/5 ngõ Mẫu. Ai thấy báo otp ngay."
)


def test_no_page_shows_a_personal_number(rooms: Rooms, enter: Enter) -> None:
    case_id = rooms.open_case(LEAK, Harm.PII, title=LEAK, words=("CCCD 001090000123", "sđt 0900000198"))
    lan = enter("lan")
    lan.post(f"/cases/{case_id}/claim")
    base = f"/cases/{case_id}"
    pages = ("", ".json", "?text=verbatim", "?full=true", "/history", "/captures", "/history.json")
    for path in (*(f"{base}{page}" for page in pages), "/queue", "/queue.json", "/search?q=mẫu", "/search.json?q=mẫu", "/search?q=otp"):
        answer = lan.get(path)
        assert answer.status_code == 200, path
        shown = [secret for secret in SECRETS if secret in answer.text]
        assert shown == [], (path, shown)
