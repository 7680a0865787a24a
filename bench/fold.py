"""Folding, normalising and rules, measured on comments made here: texts a second on one core, and peak memory.

`python -m bench.fold [--texts N]`. Targets: fold 100,000/s; normalise and rules together 5,000/s.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable, Sequence

from classifiers.normalise import normalise
from classifiers.personal_data import mask
from classifiers.rules import RuleSet
from rasoat.settings import ROOT
from rasoat.text import fold, fold_mapped

PLAIN = (
    "Hôm nay quán đông quá mà phục vụ vẫn nhanh, đồ ăn ngon, giá ổn, sẽ quay lại.",
    "Giao hàng chậm hai ngày nhưng đóng gói kỹ, sản phẩm đúng mô tả.",
    "Trận tối qua hay thật, đội nhà thắng phút cuối, cả xóm ra đường ăn mừng.",
    "Bài viết dài nhưng nhiều ý hay, cảm ơn tác giả đã chia sẻ kinh nghiệm nuôi con.",
    "may nay dung on, pin trau, man hinh dep, gia hop ly",
)
TEENCODE = ("sp tốt lắm mn ơi, ship nhanh, lần sau lại ủng hộ shop nha", "ko biết có ai giống mik ko, mua về dùng dc 2 hôm là hư r")
HARMFUL = (
    "Tài khoản của bạn sẽ bị khóa trong 24 giờ, vui lòng đăng nhập vidubank-vn.top.example để xác minh",
    "c.á c.ư.ợ.c online uy tín, đăng ký ngay zalo em tặng code 88k, nạp đầu 100%",
)


def corpus(count: int) -> list[str]:
    """Comments of about 80 characters: seven plain ones, two in teencode and one harmful in ten, each one different."""
    rng = random.Random(7)
    kinds = [PLAIN] * 7 + [TEENCODE] * 2 + [HARMFUL]
    return [f"{rng.choice(rng.choice(kinds))} {rng.randrange(10_000)}" for _ in range(count)]


def rate(name: str, work: Callable[[str], object], texts: Sequence[str], target: int = 0) -> None:
    """Print texts per second of processor time."""
    begin = time.process_time()
    for text in texts:
        work(text)
    speed = len(texts) / (time.process_time() - begin)
    wanted = f"   (target {target:,})" if target else ""
    print(f"{name:<28}{speed:>12,.0f} texts/s{wanted}")


def main() -> None:
    """Measure each stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000)
    texts = corpus(parser.parse_args().texts)
    begin = time.perf_counter()
    rules = RuleSet.load(ROOT / "data")
    rules.match("một câu để dựng chỉ mục")
    print(f"{'load rules':<28}{time.perf_counter() - begin:>12.2f} s   ({len(rules.loaded.rules)} rules)")
    rate("fold", fold, texts, 100_000)
    rate("fold_mapped", fold_mapped, texts)
    rate("normalise (every text)", lambda text: normalise(text, rules.vocabulary), texts)
    rate("normalise where needed+rules", rules.match, texts, 5_000)
    rate("mask personal data", mask, texts)
    print(f"{'peak memory':<28}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>12.0f} MiB")


if __name__ == "__main__":
    main()
