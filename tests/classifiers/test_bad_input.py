"""Whatever comes in gets an answer, in bounded time: hostile texts, altered weights, patterns that never end."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.classifier import Classifier, load_classifier
from classifiers.normalise import deobfuscated
from classifiers.personal_data import mask
from classifiers.rules.regexes import check
from classifiers.spans import MODEL as SPANS
from classifiers.spans import SpanTagger
from rasoat.errors import ConfigError
from rasoat.settings import ROOT

MB = 1_000_000
SECONDS = 2.0
"""Of one core for a megabyte; a quiet machine takes under one (`\ud800 a` 0.8). The first 200,000 characters are read."""


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(ROOT / "data", ROOT / "models")


def _sound(classifier: Classifier, text: str) -> None:
    made = classifier.assess(text)
    assert all(0.0 <= chance <= 1.0 for chance in made.probabilities.values())
    for reason in made.reasons:
        if reason.span is not None:
            assert 0 <= reason.span.start <= reason.span.end <= len(text)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "😂", "\u200f", "\ud800", "\udc00\ud800", "\x00", "a", "ạ", "\u0301", "\U000e0041", "مرحبا", "你好"]
)
def test_little_or_strange_texts_get_an_answer(classifier: Classifier, text: str) -> None:
    _sound(classifier, text)
    assert classifier.assess(text).flagged == ()


LARGE = ("a", "\u0301", "nganhang", "1234567890", "a🔥", "\ud800 a", "kh\noản ", "stk ")
"""One letter, marks, no spaces, digits, and what took longest of `OTHERS`."""
OTHERS = (
    *(
        "ạ",
        "a\u0301\u0323",
        "ngânhàng",
        "1 ",
        "🔥",
        "a ",
        "a.",
        "[a]",
        "\u202ea",
        "a\u200b",
        "&#7915;",
        "%E1%BB%AB",
        '"a" ',
    ),
    *(
        "a.com ",
        "/",
        "a@",
        "n4m ",
        "tieenf ",
        "không chín ",
        "а",
        "𝐚",
        "ɐǝ ",
        "0900000198 ",
        "xbank",
        "a/",
        "https://a.b/",
    ),
)


@pytest.mark.parametrize("piece", LARGE)
def test_a_megabyte_is_answered_in_bounded_time(classifier: Classifier, piece: str) -> None:
    text = piece * (MB // len(piece))
    begin = time.process_time()
    _sound(classifier, text)
    assert time.process_time() - begin < SECONDS


def test_repeats_of_anything_take_time_by_their_length_only(classifier: Classifier) -> None:
    for piece in OTHERS:
        begin = time.process_time()
        _sound(classifier, piece * (6_000 // len(piece)))
        assert time.process_time() - begin < 1.0, piece


def test_masking_a_megabyte_ends_too() -> None:
    for piece in ("1 ", "0900000198 ", "stk ", "a@", "số 1 ", "xbank"):
        begin = time.process_time()
        mask(piece * (100_000 // len(piece)))
        assert time.process_time() - begin < SECONDS, piece


PIECES = st.sampled_from(
    [
        "lừa đảo",
        "l.ừ.a",
        "tài khoản",
        "\u200b",
        "\u0301",
        "🔥",
        "\ud83d",
        "0900 000 198",
        "ko",
        "tieenf",
        "n4p",
        "\n",
        " ",
        "“",
        '"',
        "vidu chấm com",
        "ɐǝɟƃ",
    ]
)


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join), st.lists(PIECES, max_size=20).map(" ".join)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_assessed_and_its_spans_lie_inside(classifier: Classifier, text: str) -> None:
    _sound(classifier, text)


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=30).map("".join)))
@settings(max_examples=150, deadline=None)
def test_what_is_undone_leads_back_in_order(text: str) -> None:
    made = deobfuscated(text)
    assert len(made.starts) == len(made.ends) == len(made.text)
    assert all(0 <= a < b <= len(text) for a, b in zip(made.starts, made.ends, strict=True))
    assert list(made.starts) == sorted(made.starts)
    assert list(made.ends) == sorted(made.ends)


@pytest.mark.parametrize(
    "pattern",
    [
        *("(a|a){1,30}b", "(?:a?){30}b", "(?:aa?){1,40}c", "(?:a|ab|b){1,60}c", "(?:a{1,2}){1,30}b", r"\w{1,40}\w{1,40}\w{1,40}\w{1,40}!"),
        *("((?:a{1,4}){1,4}){1,4}b", "(?:a|a)" * 20 + "b", "a{0,100}a{0,100}a{0,100}x", r"(a)\1", "a{0,9}", "(", "a+", "(a{1,20}){1,20}b"),
    ],
)
def test_a_pattern_that_may_never_end_is_rejected(pattern: str) -> None:
    compiled, message, _ = check(pattern)
    assert compiled is None
    assert message


@pytest.mark.parametrize("pattern", [r"\d{1,3}(?:[.,]\d{3}){1,3} ?(?:k|tr|trieu)", r"(?:keo|cuoc) .{0,40}(?:thuong|hoan)", "nha cai"])
def test_ordinary_patterns_are_accepted(pattern: str) -> None:
    assert check(pattern)[0] is not None


def test_a_runaway_pattern_in_a_rule_file_is_named_with_its_place(tmp_path: Path) -> None:
    from classifiers.rules import RuleSet

    shutil.copytree(ROOT / "data" / "rules", tmp_path / "rules")
    shutil.copytree(ROOT / "data" / "lexicons", tmp_path / "lexicons")
    head = "harm: FRD\nrules:\n  - id: frd.runaway\n    weight: 3\n    vi: thử\n    en: test\n"
    rule = head + "    match: {regex: '(a|a){1,30}b'}\n    examples: [aab]\n    counter_examples: [abc]"
    (tmp_path / "rules" / "frd.yml").write_text(rule + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="more than 1000 ways") as caught:
        RuleSet.load(tmp_path)
    assert caught.value.place is not None
    assert caught.value.place.file.endswith("frd.yml")
    assert caught.value.place.line == 7


LOADERS: dict[str, Callable[[Path], object]] = {
    "linear": lambda models: load_classifier(ROOT / "data", models),
    "cascade": lambda models: load_classifier(ROOT / "data", models),
    "encoder": lambda models: load_classifier(ROOT / "data", models),
    "spans": lambda models: SpanTagger.load(models / SPANS),
}
"""What reads a folder below `models/`, by the first word of its name: a folder without a row fails the test."""


def _weights(folder: Path) -> list[Path]:
    """What decides: everything but the card, the figures and, where weights lie beside it, the file that names their hashes."""
    found = [path for path in sorted(folder.iterdir()) if path.suffix in {".npz", ".onnx", ".json"} and path.name != "metrics.json"]
    return [path for path in found if path.suffix != ".json"] or found


def _altered(path: Path, how: str) -> None:
    whole = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "cut":
        path.write_bytes(whole[:-100])
    elif path.suffix == ".json":  # a figure in it, so that it can still be read
        at = max(whole.rfind(b"%d" % digit) for digit in range(10))
        path.write_bytes(whole[:at] + b"%d" % ((whole[at] - ord("0") + 1) % 10) + whole[at + 1 :])
    else:
        at = len(whole) // 2
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "models").iterdir() if path.is_dir() and path.name[0] != "."))
def test_weights_that_are_not_the_trained_ones_are_refused(tmp_path: Path, name: str) -> None:
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models", models)
    load = LOADERS[name.split("-", maxsplit=1)[0]]
    assert _weights(models / name)
    for path in _weights(models / name):
        for how in ("altered", "missing", "cut"):
            _altered(path, how)
            with pytest.raises(ConfigError):
                load(models)
            shutil.copy(ROOT / "models" / name / path.name, path)


@pytest.mark.parametrize("name", ["linear-vi-1", "spans-vi-1", "encoder-vi-1"])
def test_a_folder_without_the_file_that_names_its_hashes_is_refused(tmp_path: Path, name: str) -> None:
    models = tmp_path / "models"
    shutil.copytree(ROOT / "models", models)
    for path in (models / name).glob("*.json"):
        path.write_bytes(b"[]")
    with pytest.raises(ConfigError):
        LOADERS[name.split("-", maxsplit=1)[0]](models)


def test_no_model_file_is_a_pickle() -> None:
    for path in (ROOT / "models").rglob("*"):
        if path.is_file():
            assert path.suffix in {".npz", ".json", ".md", ".onnx", ".png", ".svg", ".txt"}, path
