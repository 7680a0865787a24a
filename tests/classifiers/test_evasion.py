"""Evasion: every kind is undone well enough to be read, harmless habits are left alone, and the report counts what it says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import pytest

from classifiers.evaluation.evasion import KINDS, Sample, evaluate_evasion
from classifiers.normalise import deobfuscated
from rasoat.assessments import Assessment, Versions
from rasoat.harms import Harm
from rasoat.text import fold

TEXTS = (
    "Tài khoản của bạn đã bị khóa, gọi ngay số 0900 115 158 hoặc vào vidu-xacminh.example để mở lại trong hôm nay.",
    "Tuyển nhân viên làm việc tại nhà, mỗi ngày nhận năm trăm nghìn, liên hệ zalo 0900000198 để được hướng dẫn!",
    "Bọn người ấy đúng là lũ vô dụng, đuổi hết chúng nó ra khỏi thành phố này đi, không cho ở nữa.",
)
HARD = {
    "leet digits, heavy": 0.8,
    "leet signs": 0.8,
    "words joined": 0.8,
    "reversed words": 0.85,
    "upside-down": 0.8,
    "teencode dz and ck": 0.8,
}
"""Kinds whose readings are guesses; the others must give back at least 90% of the words, accents aside."""


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text))


def test_there_are_at_least_forty_kinds_and_each_changes_something() -> None:
    assert len(KINDS) >= 40
    for name, evade in KINDS.items():
        texts = (*TEXTS, "Mua ở https://vidu.example nhé, ko đắt gì đâu, không sao")
        assert any(evade(text) != text for text in texts), name
        assert [evade(text) for text in texts] == [evade(text) for text in texts], name


@pytest.mark.parametrize("name", KINDS)
def test_what_was_written_around_is_read(name: str) -> None:
    right = total = 0
    for text in TEXTS:
        made, wanted = _words(deobfuscated(KINDS[name](text)).text), _words(deobfuscated(text).text)
        if name in ("phone in words", "phone with look-alike letters", "phone dotted", "phone spaced"):
            made, wanted = [word for word in made if not word.isdigit()], [word for word in wanted if not word.isdigit()]
        blocks = difflib.SequenceMatcher(None, wanted, made, autojunk=False).get_matching_blocks()
        right += sum(block.size for block in blocks)
        total += len(wanted)
    assert right / total >= HARD.get(name, 0.9), deobfuscated(KINDS[name](TEXTS[0])).text


@pytest.mark.parametrize(
    "text",
    [
        "Hôm nay trời đẹp, cả nhà cùng nhau về quê thăm bà ngoại.",
        "Sản phẩm tốt, giao hàng nhanh, 10 điểm!",
        "Mình mua iPhone ở shop online, giá 12.500.000đ, ship 30k.",
        "Họp lúc 14h30 ngày 5/3, phòng A12, mang theo laptop nhé",
        "toi khong biet noi gi hon, cam on ban nhieu",
        "Xem thêm tại https://vidu.example/tin-tuc/2024 hoặc t.me/vidu",
        "Từ “thằng” và “con” bị coi là thiếu lịch sự trong văn viết.",
    ],
)
def test_ordinary_texts_are_left_letter_for_letter(text: str) -> None:
    assert deobfuscated(text).text == text


class Stub:
    """Flags fraud where it reads the words, as they stand."""

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        versions = Versions(model="m", rules="r", lexicon="l", policy="p")
        return [Assessment({Harm.FRD: 0.5}, (Harm.FRD,) if "lừa đảo" in text else (), (), versions) for text in texts]


def test_the_report_counts_lost_and_raised_and_fails_over_the_limits() -> None:
    positives = [Sample("bọn lừa đảo", frozenset([Harm.FRD])), Sample("bọn lừa lọc", frozenset([Harm.FRD]))]
    harmless = [Sample("hoa nở", frozenset()), Sample("lừa đảo à?", frozenset())]
    kinds = {"capitals": str.upper, "same": str, "shout": lambda text: text + " lừa đảo"}
    report = evaluate_evasion(Stub(), positives, harmless, kinds)
    capitals, same, shout = report.rows
    assert (capitals.before.hits, capitals.after.hits, capitals.drop) == (1, 0, 0.5)
    assert (same.before.n, same.raised.n) == (0, 0)
    assert (shout.raised.hits, shout.raised.n) == (1, 1)  # what was flagged as written is left out
    assert [row.ok for row in report.rows] == [False, True, False]
    assert not report.ok
    assert "CLOSED" in report.table()
    assert len(report.to_json()["kinds"]) == 3
