"""Gambling promotion: long noisy pages and short seeding are found; raids, help, lotteries and play are not. All cases are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.rules import RuleSet
from rasoat.harms import Harm
from rasoat.settings import ROOT

THRESHOLD = 0.4  # log-odds of the queue's 0.6


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load(Path(ROOT) / "data")


def flagged(rules: RuleSet, text: str) -> bool:
    return rules.match(text).scores.get(Harm.GAM, -4.0) >= THRESHOLD


HOUSE = (
    "MQU66 - Trang chủ MQU66 chính thức. Đăng nhập. Đăng ký. Khuyến mãi. Tin tức. MQU66 là địa chỉ cá cược có giấy phép quốc "
    "tế, được nhiều cược thủ tin chọn. Tân binh nạp lần đầu được cộng thêm tiền thưởng, mỗi tuần lại có hoàn trả. Sảnh thể "
    "thao ra kèo sớm, casino trực tuyến có dealer thật, ngoài ra còn nổ hũ, bắn cá, tài xỉu. Theo thống kê năm ngoái, hội "
    "viên rút tiền chưa tới ba phút. MQU66 có lừa đảo không? Xin thưa là không. Muốn vào khi nhà mạng chặn, hãy lấy link dự "
    "phòng rồi tải app về máy. Hỗ trợ 24/7."
)
RAID = (
    "Chiều qua, công an đọc lệnh khám xét căn nhà ba tầng. Theo điều tra, nhóm này dựng trang MQU66 làm nhà cái, mở tài xỉu, "
    "nổ hũ, bắn cá, cá cược thể thao, hứa nạp lần đầu có thưởng, hoàn trả hằng tuần, rút tiền nhanh. Hội viên mới được hướng "
    "dẫn đăng ký, tải app, lấy link vào. Tám bị can đã bị khởi tố về tội tổ chức đánh bạc, số tiền giao dịch gần 90 tỷ đồng."
)


def test_a_house_page_is_found_in_the_midst_of_other_text(rules: RuleSet) -> None:
    filler = "Hôm nay trời trong, lớp học làm bánh ở nhà văn hóa mở cửa từ sớm và nhiều người ghé xem. " * 60
    assert flagged(rules, HOUSE)
    assert flagged(rules, filler + HOUSE + filler)


def test_news_of_a_raid_that_tells_all_of_it_is_left_alone(rules: RuleSet) -> None:
    assert not flagged(rules, RAID)
    assert not flagged(rules, RAID * 6)


@pytest.mark.parametrize(
    "text",
    [
        "mqu66 dạo này chạy mượt ghê, nạp rút lẹ, mấy ông vào đăng ký đi",
        "Mấy anh em ghé 66mqu.club.example, kèo thơm, đăng ký là có thưởng",
        "Tối nay lên sóng tài xỉu, rải code cho ai có tài khoản, bank về thẳng, link ghim nha",
        "Thầy Bảy chốt bạch thủ miền Nam chiều nay, trượt hoàn phí, nhắn zalo lấy số",
        "Nhận bảng hai đài, cò cao, xong là chung tiền ngay, nhắn em",
        "Ai có fanpage bóng đá cho thuê bio chạy link nhà cái, giá cao, tele mình",
        "Lich truc tuan - nha cai uy tin - no hu - tai xiu online - ban ca - lo de online - van thu",
    ],
)
def test_short_promotion_is_found(rules: RuleSet, text: str) -> None:
    assert flagged(rules, text)


@pytest.mark.parametrize(
    "text",
    [
        "Anh hai tui mê cá độ trên mqu66, giờ nợ nần, cả nhà không biết tính sao.",
        "Xổ số miền Trung mở thưởng chiều nay, giải tám 47, giải đặc biệt 60218.",
        "Chơi tiến lên với bà ngoại, ai thua thì rửa chén, vui quá trời.",
        "Nên hay không nên cho mở casino ở đảo, tôi nghĩ phải có quỹ chữa nghiện trước đã.",
        "Baccarat là trò bài có từ thế kỷ 15, nhà cái giữ lợi thế khoảng một phần trăm.",
        "Dự đoán trận tối nay 2-1, hàng thủ đội khách yếu bên cánh trái.",
        "Trong truyện, ông Ba bán ruộng để vào sòng xóc đĩa rồi trắng tay.",
    ],
)
def test_what_is_no_promotion_is_left_alone(rules: RuleSet, text: str) -> None:
    assert not flagged(rules, text)
