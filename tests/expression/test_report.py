"""How the suite is counted: renderings, hits in any of them, verdicts, the held half's silence. On made suites and a made classifier."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from classifiers.evaluation import Case, Suite, evaluate_expression
from classifiers.evaluation.expression import Level
from classifiers.evaluation.renderings import BATCH, observe, renderings
from classifiers.evaluation.report import ExpressionReport, Verdict
from classifiers.evaluation.transforms import FRAMES, SPELLINGS, without_accents
from rasoat.assessments import Assessment, Versions
from rasoat.harms import Harm

HARMLESS = "Không biết người ta nghĩ gì mà được như vậy"


class Flags:
    """Flags HAR where a function says so; remembers how many texts a call had."""

    def __init__(self, says: Callable[[str], bool]) -> None:
        self.says, self.calls = says, list[int]()

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        self.calls.append(len(texts))
        return [self._one((Harm.HAR,) if self.says(text) else ()) for text in texts]

    def _one(self, flagged: tuple[Harm, ...]) -> Assessment:
        return Assessment({harm: 0.9 if harm in flagged else 0.02 for harm in Harm}, flagged, (), Versions("m", "r", "l", "p"))


def _case(id_: str, text: str, *, harmful: bool = False, level: Level = Level.B, of: str | None = None, group: str | None = None) -> Case:
    expected = frozenset({Harm.HAR}) if harmful else frozenset[Harm]()
    return Case(id_, text, id_.split("-", maxsplit=1)[0], level, expected, frozenset(), None, group, of)


def _suite(*cases: Case, held: bool = False) -> Suite:
    return Suite(cases, {case.functionality: "a name" for case in cases}, held)


def _many(count: int, *, functionality: str = "P01") -> list[Case]:
    return [_case(f"{functionality}-{i:02}", f"{HARMLESS}, chuyện thứ {i}") for i in range(count)]


def _row(report: ExpressionReport) -> tuple[tuple[int, int], tuple[int, int], Verdict]:
    row = report.rows[0]
    return (row.flagged.hits, row.flagged.n), (row.ever.hits, row.ever.n), row.verdict


def test_a_case_flagged_only_without_accents_closes_the_gate() -> None:
    suite = _suite(*_many(20))
    bare = without_accents(suite.cases[3].text)
    report = evaluate_expression(Flags(lambda text: text == bare), suite)
    assert _row(report) == ((0, 20), (1, 20), Verdict.FAIL)
    assert (report.rows[0].renderings.hits, report.rows[0].renderings.n) == (1, 180)
    assert [(failure.case.id, failure.renderings) for failure in report.failures] == [("P01-03", ("X01 missing diacritics",))]
    assert report.flips["X01 missing diacritics"].hits == 1
    assert not report.ok
    assert "P01-03" in report.table()


def test_nothing_flagged_on_enough_renderings_passes_and_on_too_few_does_not() -> None:
    assert _row(evaluate_expression(Flags(lambda _: False), _suite(*_many(20)))) == ((0, 20), (0, 20), Verdict.PASS)
    assert _row(evaluate_expression(Flags(lambda _: False), _suite(*_many(5)))) == ((0, 5), (0, 5), Verdict.PROVISIONAL)


def test_a_rendering_that_changes_nothing_is_not_counted() -> None:
    names = [name for name, _ in renderings(_case("P01-01", "dan keu ma quan khong nghe"))]
    assert not {"X01 missing diacritics", "X02 NFD"} & set(names)
    assert {"X05 emoji", "X06 quote marks", "X07 reporting frame", "X10 long context"} <= set(names)
    decomposed = unicodedata.normalize("NFD", HARMLESS)
    assert dict(renderings(_case("P01-01", decomposed)))["X02 NFD"] == decomposed, "a case is read composed, however it is stored"


def test_harmful_texts_are_not_put_into_frames_and_renderings_not_rendered_again() -> None:
    assert not {name for name, _ in renderings(_case("P17-01", HARMLESS, harmful=True))} & set(FRAMES)
    seen = observe(Flags(lambda _: False), [_case("P01-01", HARMLESS), _case("X08-01", "Họ không biết gì", of="P01-01")])
    assert set(seen[0].rendered) == set(SPELLINGS | FRAMES)
    assert seen[1].rendered == {}


def test_texts_are_assessed_in_batches() -> None:
    classifier = Flags(lambda _: False)
    evaluate_expression(classifier, _suite(*_many(300)))
    assert max(classifier.calls) <= BATCH
    assert sum(classifier.calls) == 300 * 9


def test_the_held_half_is_bounded_together_and_names_no_case() -> None:
    cases = [*_many(15), *_many(15, functionality="N01")]
    clean = evaluate_expression(Flags(lambda _: False), _suite(*cases, held=True))
    assert not clean.ok, "30 cases as they stand bound nothing"
    cases = [*_many(150), *_many(15, functionality="N01")]
    assert evaluate_expression(Flags(lambda _: False), _suite(*cases, held=True)).ok
    wrong = {case.text for case in cases[:6]}
    report = evaluate_expression(Flags(wrong.__contains__), _suite(*cases, held=True))
    assert [problem.split(":")[0] for problem in report.problems] == ["blocking cases of the held half"]
    assert report.failures == ()
    assert "P01-00" not in report.table() + str(report.to_json())
