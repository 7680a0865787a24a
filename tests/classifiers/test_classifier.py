"""The classifier as a whole: what it hands out, that both paths agree, files, and that civic texts are left alone."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.batch import answer, classify_file
from classifiers.classifier import Classifier, load_classifier
from rasoat.assessments import Origin
from rasoat.errors import InputError, UsageError
from rasoat.harms import Harm
from rasoat.settings import ROOT

HATE = "Lũ người Khmer bẩn thỉu, phải giết sạch bọn nó"
THREAT = "Tối nay 7 giờ tao chờ mày ở cổng trường, tao đâm chết mày"
SPAM = "Sim số đẹp giá rẻ nhất thị trường, ib zalo 0900 000 001 nhận quà, xả kho chỉ còn 10 suất"
CIVIC = (
    "Ông chủ tịch Trần Văn Mẫu ăn chặn tiền cứu trợ, đồ tham nhũng, cút đi cho dân nhờ!",
    "Mời bà con xuống đường ôn hòa sáng mai phản đối dự án lấp hồ, chia sẻ cho nhiều người biết",
    "Đm cảnh sát giao thông, chỉ giỏi vòi tiền dân",
    "Cần bầu cử tự do, nhiều đảng, báo chí độc lập",
    "Giáo hội bây giờ chỉ lo xây chùa to, tôi không tin giáo lý đó nữa",
    "Theo báo Ngày Mẫu, công an bắt nhóm cho vay nặng lãi, thu giữ 2 tỷ đồng",
    "Chồng cũ nhắn cho tôi \"tao giết mày\", tôi đã báo công an",
)  # fmt: skip


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(ROOT / "data", ROOT / "models")


@pytest.mark.parametrize(("text", "harm"), [(HATE, Harm.HAT), (THREAT, Harm.HAR), (SPAM, Harm.SPM)])
def test_the_model_finds_what_it_learnt_and_shows_the_words(classifier: Classifier, text: str, harm: Harm) -> None:
    made = classifier.assess(text)
    assert harm in made.flagged
    spoken = [reason for reason in made.reasons if reason.origin is Origin.MODEL and reason.harm is harm]
    assert 1 <= len(spoken) <= 5
    assert all(
        reason.code == f"model:linear.{harm.lower()}" and reason.span and reason.span.of(text) == reason.evidence for reason in spoken
    )
    weights = [reason.weight for reason in made.reasons]
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize("text", CIVIC)
def test_civic_texts_are_not_flagged(classifier: Classifier, text: str) -> None:
    assert classifier.assess(text).flagged == ()


@given(st.lists(st.text(max_size=200), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_every_text_gets_fourteen_probabilities(many: list[str]) -> None:
    classifier = _loaded()
    for text, made in zip(many, classifier.assess_many(many), strict=True):
        assert set(made.probabilities) == set(Harm)
        for harm, chance in made.probabilities.items():
            assert math.isfinite(chance)
            assert chance == 0.0 if harm in {Harm.CPR, Harm.AGG} else 0 < chance < 1
        assert all(made.probabilities[harm] >= made.thresholds[harm] for harm in made.flagged)
        assert all(reason.span is None or reason.span.end <= len(text) for reason in made.reasons)


_cache: list[Classifier] = []


def _loaded() -> Classifier:
    if not _cache:
        _cache.append(load_classifier(ROOT / "data", ROOT / "models"))
    return _cache[0]


def test_one_by_one_and_together_agree(classifier: Classifier) -> None:
    many = [HATE, "", THREAT, "chào bạn", *CIVIC, SPAM * 40]
    assert classifier.assess_many(many) == [classifier.assess(text) for text in many]


def test_empty_and_long_texts(classifier: Classifier) -> None:
    assert classifier.assess("").flagged == ()
    assert classifier.assess(" \n\t").reasons == ()
    assert len(classifier.assess("đường làng quê tôi mùa lúa chín " * 625).probabilities) == 14


def test_a_title_is_read_and_spans_stay_in_the_text(classifier: Classifier) -> None:
    made = classifier.assess(f"Chuyện là thế này. {THREAT}", title="Gửi con Mai")
    assert Harm.HAR in made.flagged
    text = f"Chuyện là thế này. {THREAT}"
    assert any(reason.span is not None and reason.span.of(text) in text for reason in made.reasons)
    only_title = classifier.assess("xem bên trên nhé", title=THREAT)
    assert all(reason.span is None or reason.span.end <= len("xem bên trên nhé") for reason in only_title.reasons)


def test_versions_name_all_four(classifier: Classifier) -> None:
    versions = classifier.assess("chào").versions
    assert versions.model.startswith("linear-vi-1@")
    assert all((versions.rules, versions.lexicon, versions.policy))


def _lines(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_file_is_answered_line_by_line_in_order(classifier: Classifier, tmp_path: Path) -> None:
    rows: list[object] = [{"id": i, "text": text} for i, text in enumerate([HATE, "chào", THREAT, ""] * 150)]
    done: list[int] = []
    out = tmp_path / "out.jsonl"
    assert classify_file(_lines(tmp_path / "in.jsonl", rows), out, classifier, progress=done.append) == 600
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in answers] == list(range(600))
    assert sum(done) == 600
    assert set(answers[0]) == {"id", "probabilities", "flagged", "uncertain", "reasons"}
    assert set(answers[0]["probabilities"]) == {harm.value for harm in Harm}
    first = answers[0]["reasons"][0]
    assert set(first) == {"harm", "origin", "code", "weight", "start", "end", "text"}
    assert HATE[first["start"] : first["end"]] == first["text"]
    assert answers[0] == json.loads(json.dumps(answer(0, HATE, classifier.assess(HATE))))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ('["a"]', "text"),
        ('{"id": "1"}', "text"),
        ('{"id": "1", "text": 5}', "text"),
        ('{"text": "a"}', "id"),
        ('{"id": true, "text": "a"}', "id"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(classifier: Classifier, tmp_path: Path, line: str, message: str) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f'{{"id": "1", "text": "a"}}\n\n{line}\n', encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        classify_file(source, out, classifier)
    assert caught.value.place is not None
    assert caught.value.place.line == 3
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == [source]


def test_many_wrong_lines_are_named_together(classifier: Classifier, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'\xff\xfe\n{"id": 1, "text": "a"}\nnot\n' * 50)
    with pytest.raises(InputError, match=r"also .*:3.*") as caught:
        classify_file(source, tmp_path / "out.jsonl", classifier)
    assert str(caught.value).count("in.jsonl:") == 10


def test_missing_input_and_same_file(classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        classify_file(tmp_path / "none.jsonl", tmp_path / "out.jsonl", classifier)
    source = _lines(tmp_path / "in.jsonl", [{"id": "a", "text": "b"}])
    with pytest.raises(UsageError, match="same file"):
        classify_file(source, source, classifier)
    with pytest.raises(UsageError, match="cannot write"):
        classify_file(source, tmp_path / "no" / "out.jsonl", classifier)


def test_a_byte_order_mark_and_windows_lines_are_fine(classifier: Classifier, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b'\xef\xbb\xbf{"id": "1", "text": "ch\xc3\xa0o"}\r\n')
    assert classify_file(source, tmp_path / "out.jsonl", classifier) == 1
