"""The made-up examples of personal data: every kind is found, nothing else is, and numbers around a filter are read."""

from __future__ import annotations

import pytest

from classifiers.evaluation.personal_numbers import evaluate_personal, load_examples
from classifiers.personal_data import DatumKind, find, mask
from classifiers.personal_data.finders import luhn
from rasoat.errors import ConfigError
from rasoat.settings import ROOT


def test_every_kind_is_found_and_nothing_else() -> None:
    examples = load_examples(ROOT / "data")
    assert len(examples) >= 300
    assert {kind for example in examples for kind, _, _ in example.wanted} == set(DatumKind)
    report = evaluate_personal(examples)
    assert report.ok, report.wrong[:10]
    assert report.clean.hits == report.clean.n


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gọi không chín không không không không không một hai ba nhé", "gọi 0900•••123 nhé"),
        ("zalo O9OO.OOO.l98", "zalo O9OO•••l98"),
        ("thư tenho (at) vidu.example", "thư t•••"),
        ("thẻ 4000 0000 0000 0002", "thẻ 4000•••002"),
        ("hộ chiếu B0000123", "hộ chiếu B00•••123"),
    ],
)
def test_what_is_written_around_a_filter_is_masked(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_a_card_needs_its_check_digit() -> None:
    assert luhn("4000000000000002")
    assert not luhn("4000000000000003")
    assert find("thẻ 4000 0000 0000 0003") == []


def test_an_unknown_kind_is_refused_with_its_place(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "personal_data").mkdir()
    (tmp_path / "personal_data" / "cases.txt").write_text("# x\nsố ⟦shoe_size:42⟧\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="shoe_size") as caught:
        load_examples(tmp_path)
    assert caught.value.place is not None
    assert caught.value.place.line == 2


def test_a_long_row_of_digits_is_read_in_bounded_time() -> None:
    assert isinstance(find("0" * 100_000), list)
    assert isinstance(find("1 2 3 4 5 6 7 8 9 0 " * 5_000), list)
    assert isinstance(find("stk " * 20_000), list)
