"""Hate, harassment and self-harm: constructions that must be found, and the speech beside them that must not be. All texts are made up."""

from __future__ import annotations

import pytest

from classifiers.calibration import sigmoid
from classifiers.rules import RuleSet
from rasoat.harms import Harm
from rasoat.policy import Policy
from rasoat.settings import ROOT
from rasoat.text import fold


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load(ROOT / "data")


@pytest.fixture(scope="module")
def thresholds() -> dict[Harm, float]:
    return dict(Policy.load(ROOT / "data").thresholds)


def _flagged(rules: RuleSet, thresholds: dict[Harm, float], text: str) -> set[Harm]:
    return {harm for harm, score in rules.match(text).scores.items() if sigmoid(score) >= thresholds[harm]}


@pytest.mark.parametrize(
    ("harm", "text"),
    [
        (Harm.HAT, "Bọn bắc kỳ ăn dơ ở bẩn, tới đâu phá tới đó"),
        (Harm.HAT, "Dân nhập cư gian manh từ trong máu, dạy làm gì cho phí"),
        (Harm.HAT, "Đừng ai tuyển lũ đồng tính, một lũ bệnh hoạn"),
        (Harm.HAR, "Con này quỵt nợ 4 triệu, anh em dán ảnh nó khắp xóm cho nó nhục"),
        (Harm.HAR, "Tao còn giữ clip của mày, mai chưa chuyển 5 triệu thì cả công ty mày xem"),
        (Harm.HAR, "Cả lớp chửi nó tới khi nó chuyển trường cho tao"),
        (Harm.HAR, "Khuya nay bọn tao mang mã tấu tới đầu hẻm, cắt gân mày"),
        (Harm.SHM, "Cần thêm một người cùng chết, không khuyên can, nhắn mình chốt ngày"),
        (Harm.SHM, "Các bé ana cố lên, nhịn tới khi trơ xương mới đẹp"),
    ],
)
def test_harmful_constructions_are_found(rules: RuleSet, thresholds: dict[Harm, float], harm: Harm, text: str) -> None:
    assert harm in _flagged(rules, thresholds, text)


@pytest.mark.parametrize(
    "text",
    [
        "Ông giám đốc sở tham nhũng từ trong máu, dân khổ vì ổng",
        "Lũ quan tham mọi rợ, cướp đất của dân rồi còn lên tivi dạy đời",
        "Phí này bóp chết người bán rong, 7h sáng mai tụi tôi tới trụ sở xin đối thoại với ông trưởng phòng",
        "Họ ủi nhà bà con rồi, mai tôi mang đơn đến tòa án tỉnh gặp ông chánh án",
        "Công ty nợ lương công nhân ba tháng, mai cả xưởng kéo tới trụ sở đòi, share cho cả nước biết",
        "Đả đảo bọn cộng sản bán nước, một lũ súc sinh",
        "Tàu Trung Quốc chiếm đảo của mình, chính phủ họ là quân ăn cướp",
        "Chủ trọ nói thẳng không cho người Nghệ thuê vì toàn trộm cắp, nghe mà tủi thân khóc cả đêm",
        "Chuyển giới không phải là tội lỗi, đừng bắt con đi chữa",
        "Hồi trước người ta dạy mình ghét người theo đạo, giờ mình có bạn thân là người theo đạo",
        "Em trai tôi cứ nói chết cho xong, cả nhà thay nhau canh",
        "Chồng cũ dọa tạt axit, chị tôi vẫn nhận tin nhắn, xin kinh nghiệm trình báo",
        "Mày chụp lén tao ngủ hả, muốn bóp cổ mày ghê, hình xấu quá trời",
        "Uống thuốc thấy hơi gây buồn nôn, có sao không bác sĩ",
        "Tụi mình là bê đê chính hiệu, ai chịu được thì chơi",
        "Tăng học phí kiểu này thì chết luôn cho rồi, sinh viên nghèo sao sống",
    ],
)
def test_protected_speech_is_left_alone(rules: RuleSet, thresholds: dict[Harm, float], text: str) -> None:
    assert not _flagged(rules, thresholds, text)
    assert not _flagged(rules, thresholds, fold(text))


def test_what_a_text_is_about_leaves_no_trace(rules: RuleSet) -> None:
    found = rules.match("Đả đảo bọn cộng sản bán nước, một lũ súc sinh, mọi rợ")
    assert not any("subject" in reason.code for reason in found.reasons)
