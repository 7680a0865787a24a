"""The span tagger: offsets into the original text, an altered weight file is refused, and it can flag nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from classifiers.classifier import load_classifier
from classifiers.explaining import explained
from classifiers.spans import MODEL, MOST, SpanTagger, best_path, character_f1
from classifiers.training.spans import marked_texts
from rasoat.assessments import Span
from rasoat.errors import ConfigError
from rasoat.settings import ROOT

MODELS = ROOT / "models"


@pytest.fixture(scope="module")
def tagger() -> SpanTagger:
    return SpanTagger.load(MODELS / MODEL)


def test_it_marks_the_swear_word_where_it_stands(tagger: SpanTagger) -> None:
    text = "Ôi trời,  thằng   ngu này nói gì vậy 😂"
    marked = {span.of(text).strip() for span in tagger.spans(text)}
    assert any("ngu" in words for words in marked)
    assert not any("trời" in words for words in marked)


def test_ordinary_words_are_not_marked(tagger: SpanTagger) -> None:
    for text in ("Hôm nay trời đẹp quá, cả nhà đi chơi nhé", "Cảm ơn bạn đã chia sẻ bài viết", ""):
        assert tagger.spans(text) == ()


@pytest.mark.parametrize("text", ["a" * 1_000_000, "ngu " * 200_000, "\ud800 ngu", "\u202engu\u202c", "😂", "\0", "م ngu ק"])
def test_any_input_is_answered_within_the_bound(tagger: SpanTagger, text: str) -> None:
    assert all(span.end <= min(MOST, len(text)) for span in tagger.spans(text))


def test_marks_are_those_nearest_to_the_flag(tagger: SpanTagger) -> None:
    text = "thằng ngu. " + "Hôm nay trời đẹp. " * 5 + "đồ chó này " + "Cả nhà đi chơi. " * 5 + "đm mày"
    flag = Span(text.index("đồ chó"), text.index("đồ chó") + 6)
    assert len(tagger.marks(text, flag, most=1)) == 1
    nearest = tagger.marks(text, flag, most=1)[0]
    assert nearest.start <= flag.end
    assert nearest.end >= flag.start


def test_altered_or_missing_weights_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / MODEL
    shutil.copytree(MODELS / MODEL, folder)
    (folder / "weights.npz").write_bytes((folder / "weights.npz").read_bytes() + b"x")
    with pytest.raises(ConfigError, match=r"model\.json"):
        SpanTagger.load(folder)
    facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps(facts | {"format": 99}), encoding="utf-8")
    with pytest.raises(ConfigError, match="format"):
        SpanTagger.load(folder)
    (folder / "weights.npz").unlink()
    with pytest.raises(ConfigError, match="cannot read"):
        SpanTagger.load(folder)


def test_the_measure_is_one_where_both_are_empty() -> None:
    assert character_f1((), frozenset()) == 1.0
    assert character_f1((Span(0, 2),), frozenset()) == 0.0
    assert character_f1((Span(0, 4),), frozenset({0, 1})) == pytest.approx(2 / 3)


def test_the_path_follows_scores_and_neighbours() -> None:
    assert best_path(np.array([2.0, -1.0, 2.0]), np.zeros((2, 2))) == [True, False, True]
    assert best_path(np.array([2.0, -1.0, 2.0]), np.array([[0.0, -1.0], [-2.0, 2.0]])) == [True, True, True]


def test_the_dev_part_is_kept_from_training() -> None:
    path = ROOT / "data" / "training" / "vihos.jsonl.gz"
    train = {text for text, _ in marked_texts(path, part="train")}
    dev = {text for text, _ in marked_texts(path, part="dev")}
    assert len(dev) > 800
    assert not train & dev


def test_serving_it_needs_neither_sklearn_nor_torch() -> None:
    code = "import sys, classifiers.spans; print(sorted({'sklearn', 'torch', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip() == "[]"


def test_marks_explain_a_flag_and_never_make_one(tagger: SpanTagger) -> None:
    classifier = load_classifier(ROOT / "data", MODELS)
    threat = "Đồ chó này, 8h tối nay tao xách dao tới cổng trường đâm chết mày, thằng ngu"
    with_marks, without = explained(classifier, threat, tagger), explained(classifier, threat)
    assert with_marks.assessment == without.assessment
    assert with_marks.spans[0] == without.spans[0]  # what decided stays first
    curse = "Đm lũ quan tham mất dạy, cút hết đi"
    assert tagger.spans(curse)
    assert not any(reason.code.startswith("model:spans") for reason in explained(classifier, curse, tagger).spans)
