"""Campaign clusters: copies join however they are edited, ids stay, merges are told, and what is saved comes back."""

from __future__ import annotations

import random

import pytest

from classifiers.campaigns import Clusters, Merge
from classifiers.evaluation.evasion import KINDS
from rasoat.errors import ConfigError

ADVERT = (
    "Shop Hoa Ban chuyên áo thun nam nữ giá gốc tận xưởng, chất vải mát mịn không phai màu, bao đổi trả trong bảy ngày, giao hàng "
    "toàn quốc, khách được xem hàng trước khi trả tiền, liên hệ zalo 0900 000 001 gặp em Lan để được tư vấn chọn cỡ nhé cả nhà yêu"
)


def _words(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices("bcdghklmnrst", k=2)) + draw.choice("aeiou") + draw.choice("bcdmnt") for _ in range(count)]


def test_copies_join_the_oldest_and_others_do_not() -> None:
    clusters = Clusters()
    assert clusters.add("a", ADVERT) == "a"
    assert clusters.add("b", "Sáng nay trời mát, tôi ra chợ mua bó rau rồi ghé quán quen uống cà phê với bạn") == "b"
    assert clusters.add("c", ADVERT.replace("0900 000 001", "0900 000 999")) == "a"
    assert clusters.add("d", ADVERT + " ạ") == "a"
    assert dict(clusters.groups()) == {"a": ["a", "c", "d"]}


@pytest.mark.parametrize(
    "kind", ["dots between letters", "zero-width space", "Cyrillic look-alikes", "emoji inside words", "math bold", "NFD"]
)
def test_a_copy_that_is_written_around_joins_too(kind: str) -> None:
    clusters = Clusters()
    clusters.add("a", ADVERT)
    assert clusters.add("b", KINDS[kind](ADVERT)) == "a"


def test_short_texts_join_their_equals_only() -> None:
    clusters = Clusters()
    assert [clusters.add(str(n), text) for n, text in enumerate(["hay quá", "HAY  quá", "hay lắm", "", "😂"])] == ["0", "0", "2", "3", "4"]


def test_the_same_id_twice_changes_nothing() -> None:
    clusters = Clusters()
    clusters.add("a", ADVERT)
    assert clusters.add("a", "chuyện khác hẳn không dính dáng gì tới cái kia") == "a"
    assert len(clusters) == 1


def test_two_clusters_that_meet_keep_the_older_name_and_say_so() -> None:
    words = _words(200, 1)
    left, right = words[:], words[:]
    left[20:40], right[120:140] = _words(20, 2), _words(20, 3)
    clusters = Clusters(join_at=0.7)
    assert clusters.add("left", " ".join(left)) == "left"
    assert clusters.add("right", " ".join(right)) == "right"
    assert clusters.add("middle", " ".join(words)) == "left"
    assert clusters.merges == [Merge("right", "left", "middle")]
    assert clusters.cluster_of("right") == "left"


def test_ids_are_stable_while_a_thousand_texts_come_and_the_table_grows() -> None:
    clusters = Clusters()
    texts = [" ".join(_words(30, seed)) for seed in range(1000)]
    given = [clusters.add(f"t{n}", text) for n, text in enumerate(texts)]
    assert given == [f"t{n}" for n in range(1000)]
    assert all(clusters.add(f"u{n}", f"{text} 123") == f"t{n}" for n, text in enumerate(texts))
    assert [clusters.cluster_of(f"t{n}") for n in range(1000)] == given
    assert clusters.memory < 20_000_000


def test_what_is_saved_comes_back_and_goes_on(tmp_path) -> None:  # type: ignore[no-untyped-def]
    clusters = Clusters()
    for n in range(50):
        clusters.add(f"t{n}", " ".join(_words(30, n)))
    clusters.save(tmp_path)
    again = Clusters.load(tmp_path)
    assert again.add("copy", " ".join(_words(30, 7)) + " thêm") == "t7"
    assert len(again) == 51
    (tmp_path / "clusters.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError):
        Clusters.load(tmp_path)
