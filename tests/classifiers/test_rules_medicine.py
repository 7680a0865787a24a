"""Quack cures, impossible promises, replicas are found, long pages too; health pages and fact-checks are not. All cases are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.rules import RuleSet
from rasoat.harms import Harm
from rasoat.settings import ROOT


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load(Path(ROOT) / "data")


def flagged(rules: RuleSet, text: str) -> bool:
    return rules.match(text).scores.get(Harm.CFM, -4.0) >= 0.4


PAGE = (
    "Cao Thử Nghiệm - nỗi lo thoái hóa nay đã có lối ra. Bài thuốc gia truyền của dòng họ Thử, dùng lá rừng, lành tính, không"
    " tác dụng phụ. Bác Sáu kể: hồi trước khi dùng, bác lê từng bước; sau 20 ngày bác khỏi hẳn. Lương y cam kết hết đau tận "
    "gốc, ai không đỡ xin hoàn tiền. Quý vị để lại số điện thoại để thầy gọi lại, đặt mua 3 hộp tặng 1, giá chỉ 590.000đ, còn"
    " lại 14 hộp. Hotline 0900 000 551. Chấm dứt thoái hóa, không tái phát."
)
HEALTH = (
    "Thoái hóa khớp không thể chữa khỏi hoàn toàn. Bác sĩ kê thuốc theo đơn, hẹn tái khám sau 20 ngày. Nhiều trang hứa trị "
    "dứt điểm bằng bài thuốc gia truyền, cam kết hoàn tiền, mời để lại số điện thoại và đặt mua combo; chưa có bằng chứng "
    "nào. Bệnh nhân chia sẻ: sau khi dùng hai hộp, men gan tăng. Người bệnh không tự ý bỏ thuốc, cần hỏi thêm xin gọi hotline"
    " bệnh viện 0900 000 552."
)


def test_a_sales_page_is_found_and_a_health_page_is_not(rules: RuleSet) -> None:
    filler = "Vườn nhà trồng thêm mấy luống cải, sáng sáng ra tưới rồi mới đi làm. " * 60
    assert flagged(rules, PAGE)
    assert flagged(rules, filler + PAGE + filler)
    assert not flagged(rules, HEALTH)
    assert not flagged(rules, HEALTH * 5)


@pytest.mark.parametrize(
    "text",
    [
        "Cô bác nào bị tiền đình, em có thuốc nam uống là hết hẳn, cứ để lại số em gọi",
        "Kem này thoa 2 tuần trắng bật 3 tông, hông hiệu quả hoàn tiền, ib em nghen",
        "Giam 7kg trong 20 ngay khong can tap, combo 2 hop gia 690k, zalo 0900 000 553",
        "Cần thuốc bỏ thai thì nhắn chị, không hỏi lý do, gói không ghi tên, ship trong ngày",
        "Cô Thử đau khớp bảy năm, đi viện không khỏi, uống hai hộp này giờ đi chợ đi đứng bình thường như thanh niên",
        "Siro Ví Dụ trị viêm họng, không hết không lấy tiền",
        "Gối đá Thử chữa khỏi 36 thứ bệnh, đài truyền hình giới thiệu",
        "nha em 4 doi chua soi than, uong la nay la tan soi khoi mo",
        "Giày rep 1:1 vừa về, 700k một đôi, chốt đơn em ship",
        "Giấy nghỉ ốm lùi ngày dấu đỏ, 200k, em làm rồi ship tận công ty",
    ],
)
def test_short_offers_are_found(rules: RuleSet, text: str) -> None:
    assert flagged(rules, text)


@pytest.mark.parametrize(
    "text",
    [
        "Ông ngoại mình đau khớp hay ngâm nước gừng cho ấm chân, đỡ nhức được chút.",
        "Mua phải giày rep mà tiệm nói chính hãng, đòi lại tiền cả tháng chưa được.",
        "Nhà thuốc Mẫu có nước muối sinh lý 5.000đ một chai, thuốc kê đơn thì nhớ mang toa.",
        "Uống thuốc huyết áp mới được ba hôm thì ho khan, có ai bị vậy không?",
        "Mình xuống 6kg sau một năm chạy bộ, ai rảnh chạy chung không?",
        "Cơ sở khám chữa bệnh của huyện được cấp thêm 3 tỷ đồng để mua máy.",
    ],
)
def test_talk_of_health_and_goods_is_left_alone(rules: RuleSet, text: str) -> None:
    assert not flagged(rules, text)
