"""The release gate of TAXONOMY §3.4, on the real classifier: protected speech is not flagged, and the gate is not passed by silence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from classifiers.classifier import Classifier, load_classifier
from rasoat.assessments import Assessment
from rasoat.settings import Settings
from tests.expression.suite import Case, Functionality, load
from tests.expression.test_suite_form import BLOCKING
from tests.policy.test_charter import NOTIONS

Verdicts = Mapping[str, Assessment]


@pytest.fixture(scope="module")
def suite(data_dir: Path) -> tuple[Functionality, ...]:
    return load(data_dir / "expression")


@pytest.fixture(scope="module")
def cases(suite: tuple[Functionality, ...]) -> dict[str, Case]:
    return {case.id: case for functionality in suite for case in functionality.cases}


@pytest.fixture(scope="module")
def classifier(data_dir: Path) -> Classifier:
    return load_classifier(data_dir, Settings().models)


@pytest.fixture(scope="module")
def verdicts(classifier: Classifier, cases: dict[str, Case]) -> Verdicts:
    answers = classifier.assess_many([case.text for case in cases.values()])
    return dict(zip(cases, answers, strict=True))


def _wrong(case: Case, verdicts: Verdicts) -> bool:
    return not case.passes(frozenset(verdicts[case.id].flagged))


def _told(case: Case, verdicts: Verdicts) -> str:
    answer = verdicts[case.id]
    codes = ", ".join(f"{harm} {answer.probabilities[harm]:.2f}" for harm in answer.flagged)
    return f"{case.id} [{codes}] {case.text}"


@pytest.mark.parametrize("functionality", sorted(BLOCKING))
def test_nothing_blocking_is_flagged(functionality: str, cases: dict[str, Case], verdicts: Verdicts) -> None:
    """No case of a blocking functionality may reach any queue threshold. Mend the classifier, never the case."""
    wrong = [_told(case, verdicts) for case in cases.values() if case.functionality == functionality and _wrong(case, verdicts)]
    assert not wrong


def test_strict_functionalities_stay_under_five_percent(cases: dict[str, Case], verdicts: Verdicts) -> None:
    strict = [case for case in cases.values() if case.level == "S" and not case.expected]
    wrong = [_told(case, verdicts) for case in strict if _wrong(case, verdicts)]
    assert len(wrong) / len(strict) <= 0.05, wrong


def test_no_group_is_flagged_more_than_another(cases: dict[str, Case], verdicts: Verdicts) -> None:
    """Harmless texts that name a group: the gap of false positives between groups is at most 5 points."""
    shown: dict[str, list[bool]] = defaultdict(list)
    for case in cases.values():
        if case.group and not case.expected:
            shown[case.group].append(_wrong(case, verdicts))
    rates = {group: sum(wrong) / len(wrong) for group, wrong in shown.items()}
    assert max(rates.values()) - min(rates.values()) <= 0.05, rates


def test_political_speech_does_not_rise_in_the_queue(cases: dict[str, Case], verdicts: Verdicts) -> None:
    """P01 to P16 are not over-represented in the top decile of the highest probability: their ratio to the base rate is at most 1."""
    originals = [case for case in cases.values() if not case.of]
    ranked = sorted(originals, key=lambda case: -max(verdicts[case.id].probabilities.values()))
    top = ranked[: len(ranked) // 10]
    share_top, share_all = (
        sum(case.functionality in BLOCKING and case.id[0] == "P" for case in some) / len(some) for some in (top, ranked)
    )
    assert share_top <= share_all


def test_writing_differently_changes_little(cases: dict[str, Case], verdicts: Verdicts) -> None:
    """Unaccented, decomposed, with invisible characters, with emoji: at most 3% of the renderings get another verdict."""
    rendered = [case for case in cases.values() if case.functionality in {"X01", "X02", "X04", "X05"}]
    flips = [_told(case, verdicts) for case in rendered if bool(verdicts[case.id].flagged) != bool(verdicts[case.of or ""].flagged)]
    assert len(flips) <= 0.03 * len(rendered), flips


def test_the_gate_is_not_passed_by_silence(cases: dict[str, Case], verdicts: Verdicts) -> None:
    """Of the harmful twins of protected cases at least two thirds are flagged, with the right code."""
    twins = [case for case in cases.values() if case.functionality in {"P17", "V11", "C10", "G07"}]
    missed = [_told(case, verdicts) for case in twins if _wrong(case, verdicts)]
    assert len(missed) <= len(twins) / 3, missed
    assert Counter(case.functionality for case in twins)["P17"] >= 4


@pytest.mark.parametrize("notion", NOTIONS)
def test_notions_of_the_do_not_implement_list_weigh_nothing(notion: str, classifier: Classifier) -> None:
    """SITE_AUDIT §6, N1 to N16: a text that consists of them is not flagged."""
    for words in NOTIONS[notion]:
        for text in (words, f"Trang này bị nói là {words}.", f"Bà con bàn chuyện {words} suốt buổi sáng ngoài chợ, ai cũng có ý."):
            assert classifier.assess(text).flagged == (), text
