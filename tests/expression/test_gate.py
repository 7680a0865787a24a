"""The release gate of TAXONOMY §3.4, on the real classifier: protected speech is not flagged, and the gate is not passed by silence.

One run of the suite in all its renderings (20,000 texts) serves all tests here.
"""

from __future__ import annotations

import pytest

from classifiers.classifier import Classifier, load_classifier
from classifiers.evaluation import ExpressionReport, evaluate_expression, load_suite
from classifiers.evaluation.expression import Level
from classifiers.evaluation.metrics import Rate
from classifiers.evaluation.report import FLIP_LIMIT, GAP_LIMIT, Verdict
from classifiers.evaluation.transforms import SPELLINGS
from rasoat.settings import ROOT, Settings
from tests.expression.test_suite_form import BLOCKING
from tests.policy.test_charter import NOTIONS


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(ROOT / "data", Settings().models)


@pytest.fixture(scope="module")
def report(classifier: Classifier) -> ExpressionReport:
    return evaluate_expression(classifier, load_suite(ROOT / "data"))


def _told(report: ExpressionReport, functionality: str) -> list[str]:
    return [
        f"{failure.case.id} in {', '.join(name or 'the text itself' for name in failure.renderings)}: {failure.case.text}"
        for failure in report.failures
        if failure.case.functionality == functionality and not failure.case.harmful
    ]


@pytest.mark.parametrize("functionality", sorted(BLOCKING))
def test_nothing_blocking_is_flagged(functionality: str, report: ExpressionReport) -> None:
    """Each on at least 150 renderings, upper bound at most 2%. Mend the classifier, never the case."""
    row = next(row for row in report.rows if row.id == functionality and not row.harmful)
    assert row.verdict is Verdict.PASS, _told(report, functionality)


def test_strict_functionalities_stay_under_five_percent(report: ExpressionReport) -> None:
    strict = [row.flagged for row in report.rows if row.level is Level.S and not row.harmful]
    together = Rate(sum(rate.hits for rate in strict), sum(rate.n for rate in strict))
    assert together.high <= 0.05, [row.wrong for row in report.rows if row.level is Level.S and not row.harmful and row.wrong]


def test_of_all_legitimate_texts_at_most_one_percent_is_flagged(report: ExpressionReport) -> None:
    assert report.overall.value <= 0.01, report.overall
    assert report.overall_renderings.value <= 0.01, report.overall_renderings


def test_no_group_is_flagged_more_than_another(report: ExpressionReport) -> None:
    """Harmless texts that name a group, at least 60 each: the gap of false alarms between groups is at most 5 points."""
    assert min(rate.n for rate in report.groups.values()) >= 60
    assert report.group_gap <= GAP_LIMIT, report.groups


def test_political_speech_does_not_rise_in_the_queue(report: ExpressionReport) -> None:
    """P01 to P16 are not over-represented in the top decile of the highest probability: their ratio to the base rate is at most 1."""
    assert report.civic_lift <= 1.0


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_writing_differently_changes_little(spelling: str, report: ExpressionReport) -> None:
    assert report.flips[spelling].value <= FLIP_LIMIT


def test_the_gate_is_not_passed_by_silence(report: ExpressionReport) -> None:
    """Of the harmful twins of protected cases at least two thirds are flagged, with the right code."""
    twins = [row.flagged for row in report.rows if row.id in {"P17", "V11", "C10", "G07"}]
    found = Rate(sum(rate.hits for rate in twins), sum(rate.n for rate in twins))
    assert found.n >= 100
    assert found.value >= 2 / 3, found


@pytest.mark.parametrize("notion", NOTIONS)
def test_notions_of_the_do_not_implement_list_weigh_nothing(notion: str, classifier: Classifier) -> None:
    """SITE_AUDIT §6, N1 to N16: a text that consists of them is not flagged."""
    for words in NOTIONS[notion]:
        for text in (words, f"Trang này bị nói là {words}.", f"Bà con bàn chuyện {words} suốt buổi sáng ngoài chợ, ai cũng có ý."):
            assert classifier.assess(text).flagged == (), text
