"""The held half of the suite: well formed, apart from the rest, told by count only. Nobody tunes to it; it speaks at a release."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from classifiers.classifier import load_classifier
from classifiers.evaluation import ExpressionReport, Suite, evaluate_expression, load_suite
from rasoat.settings import ROOT, Settings
from tests.expression.suite import runs, shared_runs, words
from tests.expression.test_suite_form import BLOCKING, CANARY

DATA = ROOT / "data"


@pytest.fixture(scope="module")
def held() -> Suite:
    return load_suite(DATA, held=True)


@pytest.fixture(scope="module")
def report(held: Suite) -> ExpressionReport:
    return evaluate_expression(load_classifier(DATA, Settings().models), held)


def test_it_is_large_enough_and_mostly_blocking(held: Suite) -> None:
    assert len(held.cases) >= 280
    assert sum(case.functionality in BLOCKING and not case.harmful for case in held.cases) >= 200
    assert all(re.fullmatch(rf"{case.functionality}-h\d\d", case.id) for case in held.cases)


def test_no_text_of_it_stands_in_the_open_half(held: Suite) -> None:
    both = Counter(words(case.text) for case in (*held.cases, *load_suite(DATA).cases) if not case.of)
    assert not [case.id for case in held.cases if both[words(case.text)] > 1]
    open_half = {run for case in load_suite(DATA).cases for run in runs(words(case.text))}
    assert not [case.id for case in held.cases if open_half & runs(words(case.text))]


def test_nothing_that_learns_or_detects_has_seen_it(held: Suite) -> None:
    assert not shared_runs((case.id, case.text) for case in held.cases)


def test_pairs_resolve_and_disagree(held: Suite) -> None:
    by_id = {case.id: case for case in held.cases}
    for case in held.cases:
        if case.pair:
            assert by_id[case.pair].pair == case.id
            assert by_id[case.pair].harmful is not case.harmful


def test_domains_and_numbers_are_invented(held: Suite) -> None:
    for case in held.cases:
        assert not re.findall(r"[a-z0-9-]+\.(?:com|vn|net|org|info|top|xyz|club|me|edu|gov|io)\b", case.text.lower()), case.id
        for number in re.findall(r"(?<!\d)0\d(?:[ .]?\d){7,9}(?!\d)", case.text):
            assert number.startswith("0000"), case.id
    for path in (DATA / "expression" / "held").iterdir():
        assert CANARY in path.read_text("utf-8"), path.name


def test_the_report_tells_counts_and_no_case(held: Suite, report: ExpressionReport) -> None:
    told = report.table() + json.dumps(report.to_json(), ensure_ascii=False)
    assert report.failures == ()
    for case in held.cases:
        assert case.text not in told
        assert case.id not in told


def test_the_gate_is_open(report: ExpressionReport) -> None:
    assert report.ok, report.problems
