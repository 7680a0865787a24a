"""Held-out figures on texts with known answers, the diagram, and explanations in the original text."""

from __future__ import annotations

import json
import unicodedata
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import pytest

from classifiers.classifier import load_classifier
from classifiers.evaluation.heldout import evaluate_heldout
from classifiers.explaining import MOST, explained
from classifiers.training.diagram import reliability
from classifiers.training.examples import Example, Split
from flows.explained import coloured, safe
from rasoat.assessments import Assessment, Versions
from rasoat.harms import Harm
from rasoat.settings import ROOT

THREAT = "Tối nay 7 giờ tao chờ mày ở cổng trường, tao đâm chết mày"


class Knows:
    """Flags FRD where it reads `lừa`, doubts where it reads `ngờ`."""

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Assessment:
        flagged = (Harm.FRD,) if "lừa" in text else ()
        chances = {harm: 0.9 if harm in flagged else 0.02 for harm in Harm}
        return Assessment(chances, flagged, (), Versions("m", "r", "l", "p"), uncertain=(Harm.FRD,) if "ngờ" in text else ())


def _own(text: str, harms: set[Harm], stance: str, cluster: str) -> Example:
    return Example(text, frozenset(harms), cluster, "own", "frd-x", split=Split.DEV, stance=stance, register="comment")


def test_figures_of_a_classifier_whose_answers_are_known() -> None:
    examples = [
        _own("lừa 1", {Harm.FRD}, "script", "a"),
        _own("lừa 2", {Harm.FRD}, "script", "b"),
        _own("ngờ 3", {Harm.FRD}, "script", "c"),
        _own("im 4", {Harm.FRD}, "script", "d"),
        _own("lừa 5", set(), "warning", "e"),
        _own("im 6", set(), "news", "f"),
        _own("im 7", {Harm.GAM}, "script", "g"),
    ]
    report = evaluate_heldout(Knows(), {Split.HELDOUT_SLOTS: examples}, rounds=20)
    (figures,) = report.splits
    fraud = figures.codes[Harm.FRD]
    assert (fraud.scores.precision.hits, fraud.scores.precision.n, fraud.scores.recall.n) == (2, 3, 4)
    assert (fraud.uncertain.hits, fraud.uncertain.n) == (1, 2)
    assert figures.macro_f1 == pytest.approx((fraud.scores.f1 + 0.0) / 2)
    assert figures.macro_low <= figures.macro_f1 <= figures.macro_high
    assert {name: (rate.hits, rate.n) for name, rate in figures.alarms.items()} == {"news": (0, 1), "warning": (1, 1)}
    assert not report.ok  # under the target of held-out slots
    assert json.loads(json.dumps(report.to_json()))["splits"]["heldout-slots"]["codes"]["FRD"]["positives"] == 4
    assert "warning" in report.table()


def test_the_diagram_is_well_formed_and_has_a_panel_a_harm() -> None:
    drawn = reliability({"FRD": [(0.9, 0.01, 0.0), (0.1, 0.95, 1.0)], "GAM": []}, "hai <mã>".replace("<", "").replace(">", ""))
    root = ElementTree.fromstring(drawn)
    assert root.tag.endswith("svg")
    assert sum(node.text in {"FRD", "GAM"} for node in root.iter()) == 2
    assert len(drawn) < 4000


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_explanations_point_into_the_original_and_do_not_overlap(form: Literal["NFC", "NFD"]) -> None:
    classifier = load_classifier(ROOT / "data", ROOT / "models")
    text = unicodedata.normalize(form, f"Chuyện là thế này nha mọi người. {THREAT}")
    found = explained(classifier, text)
    assert Harm.HAR in found.assessment.flagged
    assert 1 <= len(found.spans) <= MOST
    spans = sorted(reason.span for reason in found.spans if reason.span)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert [reason.weight for reason in found.spans] == sorted((reason.weight for reason in found.spans), reverse=True)
    assert any("đâm" in unicodedata.normalize("NFC", span.of(text)) for span in spans)
    assert coloured(found, text).plain == text


def test_a_harmless_text_is_explained_too_and_nothing_steers_the_terminal() -> None:
    classifier = load_classifier(ROOT / "data", ROOT / "models")
    text = "chào \x1b[31mbuổi\u202e sáng"
    found = explained(classifier, text)
    assert found.assessment.flagged == ()
    assert len(found.harms) >= 1
    shown = coloured(found, text).plain
    assert len(shown) == len(text)
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert safe("a\nb") == "a\nb"
