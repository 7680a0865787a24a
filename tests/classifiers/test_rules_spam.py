"""Commercial spam, unlabelled adverts and solicitation of adults, each beside its honest neighbour. All cases are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.rules import RuleSet
from rasoat.harms import Harm
from rasoat.settings import ROOT


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return RuleSet.load(Path(ROOT) / "data")


@pytest.mark.parametrize(
    ("harm", "found", "left"),
    [
        (
            Harm.SPM,
            "Bài viết hay quá, nhân tiện bên em chuyên lắp camera giá rẻ, gọi 0900 000 441",
            "Bài viết hay quá, nhân tiện cho hỏi lắp camera giá rẻ thì mua loại nào?",
        ),
        (
            Harm.SPM,
            "Vay nhanh 70 triệu chỉ cần căn cước, nợ xấu vẫn giải ngân, 0900 000 442",
            "[QC] Ngân hàng Mẫu cho vay tiêu dùng lãi suất 11%, 0900 000 442. Từ chối QC, soạn TC gửi 199",
        ),
        (Harm.SPM, "Buff 20k view trong đêm, giá 90k, ib em", "Video mình lên 20k view rồi, cảm ơn cả nhà nhiều"),
        (
            Harm.ADV,
            "Mê xỉu cái nồi này, điền code NOI12 rẻ hơn nữa nha mấy bạn, link mình để dưới",
            "Mê xỉu cái nồi này, mẹ mình mua ngoài chợ có 300k",
        ),
        (
            Harm.ADV,
            "Sữa số 1 cho bé sơ sinh, mát như sữa mẹ, mua 3 tặng 1, ib shop",
            "Bé mình không hợp sữa số 1, đi ngoài hoài, các mẹ có ai bị vậy không?",
        ),
        (
            Harm.ADV,
            "Vape đủ vị, mua 2 tặng 1, giao nhanh, zalo 0900 000 443",
            "Con mình giấu vape trong cặp, nên nói chuyện với con thế nào để con cai?",
        ),
        (
            Harm.SEX,
            "Gái một con 31 tuổi, tàu nhanh 600k, kín đáo, không cọc, nhắn zalo",
            "Mẹ đơn thân 31 tuổi, một con, tìm người nghiêm túc đi đường dài",
        ),
        (
            Harm.SEX,
            "Không muốn tao gửi clip nhạy cảm của mày cho cả công ty thì chuyển 5 triệu, nếu không đừng trách",
            "Em bị dọa gửi clip nhạy cảm cho cả công ty nếu không chuyển tiền, em nên báo công an ở đâu?",
        ),
    ],
)
def test_spam_and_its_honest_neighbour(rules: RuleSet, harm: Harm, found: str, left: str) -> None:
    assert rules.match(found).scores.get(harm, -4.0) >= 0.4
    assert max(rules.match(left).scores.values(), default=-4.0) < 0


def test_many_people_with_one_petition_are_no_spam(rules: RuleSet) -> None:
    text = "Chép lại và đăng lên tường nếu bạn muốn giữ hàng cây trước chợ. Ký tên tại giucay.example, nhắn mười người bạn cùng ký."
    assert not any(score >= 0 for score in rules.match(text * 20).scores.values())
