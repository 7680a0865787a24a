"""The expression suite is complete and well formed, and nothing that learns or detects has seen it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from classifiers.evaluation import load_suite
from classifiers.evaluation.expression import Level
from classifiers.evaluation.renderings import renderings
from classifiers.evaluation.report import ENOUGH
from rasoat.policy.wording import fold
from rasoat.settings import ROOT
from tests.expression.suite import Case, Functionality, load, shared_runs, texts_of_learners, words

CANARY = "RASOAT-EXPR-CANARY-9b1c6f0e-2f5d-4a8e-b1a7-5d9f0c3e7a21"
EVERY = {
    *(f"H{n:02}" for n in range(1, 30)),
    *(f"P{n:02}" for n in range(1, 18)),
    *(f"N{n:02}" for n in range(1, 11)),
    *(f"R{n:02}" for n in range(1, 8)),
    *(f"C{n:02}" for n in range(1, 11)),
    *(f"V{n:02}" for n in range(1, 12)),
    *(f"G{n:02}" for n in range(1, 8)),
    *(f"X{n:02}" for n in range(1, 11)),
}
BLOCKING = {
    *(f"P{n:02}" for n in range(1, 17)),
    *("N01", "N02", "N05", "N07", "N08", "R01", "R02", "R04", "R06", "C01", "C03", "C06", "C07"),
    *("V01", "V04", "V05", "V07", "V08", "V09", "G01", "G02", "G03", "G04", "G05"),
}
"""The 40 blocking functionalities of TAXONOMY §3.3."""

HARMFUL = {"P17", "C10", "V11", "G07"} | {f"H{n:02}" for n in (*range(1, 8), 10, 12, 13, 14, 16, 17, *range(25, 30))}
GROUPS = {"ethnic_minorities", "nationalities", "religions", "regions", "women", "lgbtq", "disabled", "hiv", "migrants", "elderly"}
"""By the characteristics that TAXONOMY names under HAT; sexual orientation and gender identity are one group, men are none."""
NO_TWIN = {"P09", "P10", "P14", "N07", "V08", "G01", "G02", "G03"}
"""Where a harmful twin is not feasible: praise, reform, detention, attribution; and nothing is written about harm to children."""


@pytest.fixture(scope="module")
def suite(data_dir: Path) -> tuple[Functionality, ...]:
    return load(data_dir / "expression")


@pytest.fixture(scope="module")
def cases(suite: tuple[Functionality, ...]) -> tuple[Case, ...]:
    return tuple(case for functionality in suite for case in functionality.cases)


def test_every_functionality_of_the_taxonomy_is_there(suite: tuple[Functionality, ...]) -> None:
    assert Counter(functionality.id for functionality in suite) == Counter(EVERY)
    assert len(BLOCKING) == 40


def test_levels_and_expectations_follow_the_taxonomy(suite: tuple[Functionality, ...]) -> None:
    for functionality in suite:
        if functionality.block not in {"A", "X"}:
            assert (functionality.level == "B") == (functionality.id in BLOCKING), functionality.id
        assert bool(functionality.expected) == (functionality.id in HARMFUL), functionality.id
        assert functionality.level in {"B", "S", "W"}


def test_there_are_enough_cases(suite: tuple[Functionality, ...]) -> None:
    """20 a functionality; of a blocking one 150 texts over its renderings, those that change nothing not counted."""
    for functionality in suite:
        wanted = [case for case in functionality.cases if bool(case.expected) == bool(functionality.expected) or case.of]
        assert len(wanted) >= 20, functionality.id
    shipped = [case for case in load_suite(ROOT / "data").cases if case.level is Level.B and not case.harmful]
    sizes = Counter(case.functionality for case in shipped for _ in ("", *renderings(case)))
    assert set(sizes) == BLOCKING
    assert min(sizes.values()) >= ENOUGH[Level.B], sizes


def test_no_text_stands_there_twice(cases: tuple[Case, ...]) -> None:
    """Also not with other accents, case or punctuation; block X is renderings by design."""
    own = Counter(words(case.text) for case in cases if not case.of)
    assert not [words for words, times in own.items() if times > 1]


def test_ids_and_texts_are_unique(cases: tuple[Case, ...]) -> None:
    assert max(Counter(case.id for case in cases).values()) == 1
    assert max(Counter(case.text for case in cases).values()) == 1
    for case in cases:
        assert re.fullmatch(rf"{case.functionality}-\d\d\d?", case.id)
        assert case.text.strip() == case.text
        assert len(case.text) >= 10, case.id


def test_pairs_resolve_and_disagree(cases: tuple[Case, ...]) -> None:
    """A minimal pair is one harmless and one harmful case, each naming the other. Every functionality that has a harmful twin has four."""
    by_id = {case.id: case for case in cases}
    pairs = [case for case in cases if case.pair]
    assert len(pairs) >= 2 * 200
    safe = Counter(case.functionality for case in pairs if not case.expected)
    assert set(safe) == {case.functionality for case in cases if not case.expected and not case.of} - NO_TWIN
    assert min(safe.values()) >= 4, safe
    for case in pairs:
        twin = by_id[case.pair or ""]
        assert twin.pair == case.id
        assert bool(case.expected) != bool(twin.expected), case.id


def test_renderings_name_their_original(cases: tuple[Case, ...]) -> None:
    by_id = {case.id: case for case in cases}
    for case in cases:
        assert bool(case.of) == case.functionality.startswith("X"), case.id
        if case.of:
            assert case.text != by_id[case.of].text
        if case.functionality in {"X01", "X02", "X03", "X04", "X05", "X08", "X09"}:
            assert case.of is not None
            assert case.expected == by_id[case.of].expected, case.id


def test_renderings_are_what_they_say(cases: tuple[Case, ...]) -> None:
    by_id = {case.id: case for case in cases}
    for case in cases:
        original = by_id[case.of].text if case.of else ""
        if case.functionality == "X01":
            assert fold(case.text) == fold(original)
            assert not any(unicodedata.combining(c) for c in unicodedata.normalize("NFD", case.text))
        if case.functionality == "X02":
            assert unicodedata.normalize("NFC", case.text) == original
            assert case.text != original
        if case.functionality == "X04":
            assert case.text.replace("\u200b", "") == original


def test_groups_are_known_and_all_covered(cases: tuple[Case, ...]) -> None:
    harmless = Counter(case.group for case in cases if case.group and not case.expected)
    assert set(harmless) == GROUPS
    assert min(harmless.values()) >= 60, harmless


def test_the_canary_stands_in_every_file(data_dir: Path) -> None:
    paths = sorted(path for path in (data_dir / "expression").rglob("*") if path.is_file())
    assert len(paths) >= 9
    for path in paths:
        assert CANARY in path.read_text("utf-8"), path.name
    assert "CC BY 4.0" in (data_dir / "expression" / "README.md").read_text("utf-8")


def test_domains_and_numbers_are_invented(cases: tuple[Case, ...]) -> None:
    for case in cases:
        plain = unicodedata.normalize("NFC", case.text).replace("\u200b", "").lower()
        for domain in re.findall(r"[a-z0-9-]+\.(?:com|vn|net|org|info|top|xyz|club|me|edu|gov|io)\b", plain):
            pytest.fail(f"{case.id}: {domain}")
        for number in re.findall(r"(?<!\d)0\d(?:[ .]?\d){7,9}(?!\d)", plain):
            assert number.startswith("0000"), f"{case.id}: {number}"


def test_nothing_that_learns_or_detects_has_seen_it(cases: tuple[Case, ...]) -> None:
    """No text of the suite stands in training data, demo data, rules, lexicons, sources or models; nor does the canary."""
    wanted = [(case.id, words(case.text)) for case in cases if len(case.text) >= 25]
    for name, text in texts_of_learners():
        assert CANARY not in text, name
        folded = f" {words(text)} "
        assert not [case for case, inside in wanted if f" {inside} " in folded], name


def test_no_run_of_eight_words_is_shared_with_what_learns(cases: tuple[Case, ...]) -> None:
    """Neither grammars, nor rules, nor labelled sets hold eight words in a row of a case. Wikipedia and formulas of law are left out."""
    assert not shared_runs((case.id, case.text) for case in cases)


def test_only_the_evaluation_reads_it() -> None:
    """No module but the ones that evaluate, or write what was measured into a model card, names the folder or loads the suite."""
    readers = []
    for room in ("rasoat", "classifiers", "crawlers", "review_ui", "flows"):
        for path in (ROOT / room).rglob("*.py"):
            text = path.read_text("utf-8")
            if re.search(r"""["']expression["']|data/expression|load_suite""", text) and "/evaluation/" not in path.as_posix():
                readers.append(path.relative_to(ROOT).as_posix())
    learners = ("training", "rules", "linear", "transformer", "calibration", "checkpoints")
    assert not [name for name in readers if any(part in name for part in learners) and not name.endswith("training/card.py")], readers


def test_the_files_are_json_safe(cases: tuple[Case, ...]) -> None:
    """Cases travel through the answers of `rasoat classify`."""
    for case in cases:
        assert json.loads(json.dumps(case.text)) == case.text
