"""Measuring: figures against known values, the suite's loader, the gate of a release, floors, and training that repeats itself."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.calibration import expected_calibration_error, fit_platt, prevalence_weights, sigmoid, sigmoids
from classifiers.classifier import load_classifier
from classifiers.evaluation import load_suite
from classifiers.evaluation.expression import CANARY, Level, Suite
from classifiers.evaluation.floors import Measured, compare, read_floors, updated
from classifiers.evaluation.metrics import Rate, f1, gap, scores
from classifiers.evaluation.report import Verdict, evaluate_expression, verdict
from classifiers.evaluation.transforms import FRAMES, SPELLINGS
from classifiers.training import card, datasets, run
from classifiers.training.datasets import GATES, GROUPS, Material, load
from classifiers.training.examples import Split, split_ranked
from classifiers.training.run import train
from rasoat.assessments import Assessment, Versions
from rasoat.errors import ConfigError
from rasoat.harms import Harm
from rasoat.settings import ROOT

DATA = ROOT / "data"


@pytest.fixture(scope="module")
def material() -> Material:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "_clustered", list)  # near-duplicates have tests of their own, and take half a minute here
        return load(DATA, seed=1, share=0.05)


def test_wilson_against_published_values() -> None:
    """Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    for hits, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]:
        assert Rate(hits, n).low == pytest.approx(low, abs=2e-4)
        assert Rate(hits, n).high == pytest.approx(high, abs=2e-4)
    assert (Rate(0, 0).low, Rate(0, 0).high) == (0.0, 1.0)


@given(st.integers(0, 300), st.integers(0, 300))
def test_wilson_holds_the_rate(hits: int, more: int) -> None:
    rate = Rate(hits, hits + more)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1


def test_scores_and_gap() -> None:
    flagged, truth = np.array([1, 1, 1, 0, 0], dtype=bool), np.array([1, 1, 0, 1, 0], dtype=bool)
    made = scores(flagged, truth, ["a", "b", "c", "d", "e"], seed=1)
    assert (made.precision.hits, made.precision.n, made.recall.n) == (2, 3, 3)
    assert made.f1 == pytest.approx(f1(2, 1, 1)) == pytest.approx(2 / 3)
    assert made.f1_low <= made.f1 <= made.f1_high
    assert gap({"a": Rate(6, 60), "b": Rate(0, 100), "few": Rate(5, 5)}) == pytest.approx(0.1)


def test_platt_finds_the_sigmoid_that_made_the_labels() -> None:
    rng = np.random.default_rng(3)
    raw = rng.normal(0, 3, 20_000)
    labels = rng.random(20_000) < sigmoids(0.8 * raw - 1.0)
    made = fit_platt(raw, labels, np.ones(20_000))
    assert made.slope == pytest.approx(0.8, abs=0.05)
    assert made.offset == pytest.approx(-1.0, abs=0.08)
    assert expected_calibration_error(sigmoids(made.logits(raw)), labels, np.ones(20_000)) < 0.02
    with pytest.raises(ValueError, match="both labels"):
        fit_platt(raw, np.ones(20_000, dtype=bool), np.ones(20_000))


def test_platt_stays_finite_where_scores_separate() -> None:
    labels = np.array([False] * 50 + [True] * 5)
    made = fit_platt(np.where(labels, 4.0, -4.0), labels, prevalence_weights(labels, 0.03))
    assert 0 < made.slope < 10


@given(st.floats(allow_nan=False))
def test_probabilities_are_strictly_inside(logit: float) -> None:
    assert 0 < sigmoid(logit) < 1


def test_the_shipped_suite_loads_and_covers_every_block() -> None:
    suite = load_suite(DATA)
    assert len(suite.cases) >= 300
    assert {case.functionality[0] for case in suite.cases} == set("HPNRCVGX")


def test_no_training_data_holds_the_canary_or_a_case_of_the_suite(material: Material) -> None:
    cases = {case.text for case in load_suite(DATA).cases}
    written = [path.read_text(encoding="utf-8") for path in (GROUPS, GATES, *(DATA / "training" / "corpus").rglob("*.yml"))]
    packed = [gzip.decompress(path.read_bytes()).decode() for path in (DATA / "training").glob("*.gz")]
    assert not any(CANARY in text for text in written + packed)
    assert not cases & {example.text for example in material.examples}


@pytest.mark.parametrize(
    ("damage", "message"),
    [("canary: RASOAT", "canary"), ("level: B", "level"), ("text:", "text"), ("P01-02", "twice")],
)
def test_a_damaged_suite_is_refused(tmp_path: Path, damage: str, message: str) -> None:
    text = (DATA / "expression" / "b-civic.yml").read_text(encoding="utf-8")
    wrong = {"canary: RASOAT": "canary: X", "level: B": "level: Q", "text:": "texxt:", "P01-02": "P01-01"}[damage]
    (tmp_path / "expression").mkdir()
    (tmp_path / "expression" / "b.yml").write_text(text.replace(damage, wrong), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_suite(tmp_path)


class Flags:
    """Flags a text when it holds one of the words."""

    def __init__(self, words: dict[str, Harm]) -> None:
        self.words = words

    def assess_many(self, texts: Sequence[str]) -> list[Assessment]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Assessment:
        flagged = tuple(harm for word, harm in self.words.items() if word in text)
        return Assessment({harm: 0.9 if harm in flagged else 0.02 for harm in Harm}, flagged, (), Versions("m", "r", "l", "p"))


def test_a_classifier_that_flags_nothing_passes_the_gate_and_finds_nothing() -> None:
    report = evaluate_expression(Flags({}), load_suite(DATA))
    assert report.ok
    assert all(row.flagged.hits == 0 for row in report.rows)
    assert report.pairs.hits == 0
    assert json.loads(json.dumps(report.to_json()))["ok"] is True
    assert "gate: open" in report.table()


def test_a_classifier_that_flags_criticism_is_stopped() -> None:
    report = evaluate_expression(Flags({"chủ tịch": Harm.HAR}), load_suite(DATA))
    assert not report.ok
    assert any(problem.startswith("P") for problem in report.problems)
    assert report.civic_lift > 1
    assert report.flips["X01 missing diacritics"].hits > 0
    assert "CLOSED" in report.table()


@pytest.mark.parametrize(
    ("level", "hits", "n", "expected"),
    [
        (Level.B, 0, 10, Verdict.PROVISIONAL),
        (Level.B, 1, 10, Verdict.FAIL),
        (Level.B, 0, 190, Verdict.PASS),
        (Level.B, 0, 150, Verdict.PASS),
        (Level.B, 3, 150, Verdict.FAIL),
        (Level.S, 0, 144, Verdict.PASS),
        (Level.S, 5, 60, Verdict.FAIL),
        (Level.S, 0, 6, Verdict.PROVISIONAL),
        (Level.W, 6, 6, Verdict.REPORTED),
    ],
)
def test_verdicts(level: Level, hits: int, n: int, expected: Verdict) -> None:
    assert verdict(level, Rate(hits, n)) is expected


def test_renderings_change_the_text_and_repeat_themselves() -> None:
    text = "Không biết người ta nghĩ gì mà được như vậy, thật là khó hiểu quá đi"
    for render in (SPELLINGS | FRAMES).values():
        assert render(text) == render(text) != text


def test_floors_say_what_does_not_hold() -> None:
    floors = {"a": {"least": 0.8, "sha256": "1"}, "b": {"least": 0.8, "sha256": "1"}, "gone": {"least": 0.1, "sha256": "1"}}
    problems = compare(floors, {"a": Measured(0.79, "1"), "b": Measured(0.9, "2"), "new": Measured(0.5, "1")})
    assert [problem.split(":")[0] for problem in problems] == ["a", "b", "gone", "new"]
    assert compare({"a": floors["a"]}, {"a": Measured(0.8, "1")}) == []


def test_a_floor_falls_only_with_a_reason() -> None:
    old = updated({}, {"a": Measured(0.9, "1")}, "")
    assert old["floors"]["a"]["least"] == pytest.approx(0.88)
    assert updated(old, {"a": Measured(0.89, "2")}, "")["floors"]["a"]["least"] == pytest.approx(0.88)
    with pytest.raises(ConfigError, match="would fall"):
        updated(old, {"a": Measured(0.7, "1")}, " ")
    fallen = updated(old, {"a": Measured(0.7, "1")}, "harder data")
    assert fallen["floors"]["a"]["least"] == pytest.approx(0.68)
    assert fallen["reasons"][0]["reason"] == "harder data"


def test_the_shipped_floors_can_be_read() -> None:
    assert {"heldout.heldout-slots.macro_f1", "expression.civic.unflagged"} <= read_floors(ROOT / "bench" / "floors.json")["floors"].keys()


def test_ranked_splits_share_out_small_sets() -> None:
    made = split_ranked([f"t{i}" for i in range(20)], 1)
    assert [sum(split is wanted for split in made.values()) for wanted in Split] == [14, 3, 3, 0, 0]


@pytest.fixture(scope="module")
def handful(material: Material) -> Material:
    """A twelfth of that."""
    kept = range(0, len(material.examples), 12)
    return Material(tuple(material.examples[i] for i in kept), tuple(material.splits[i] for i in kept), material.gates, material.hashes)


@pytest.fixture
def quick(handful: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training on a handful, with a small suite."""
    suite = load_suite(DATA)
    monkeypatch.setattr(datasets, "load", lambda data_dir, *, seed: handful)
    monkeypatch.setattr(run, "train_spans", lambda *args, **kwargs: None)
    monkeypatch.setattr(
        card, "load_suite", lambda data_dir: Suite(tuple(case for case in suite.cases[::50] if not (case.of or case.pair)), suite.names)
    )


@pytest.mark.usefixtures("quick")
def test_training_repeats_itself_and_leaves_no_scraps(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(DATA, tmp_path / name, seed=1, encoder=False)
    made = sorted(path.relative_to(tmp_path / "a").as_posix() for path in (tmp_path / "a").rglob("*") if path.is_file())
    assert made == [
        "cascade-vi-1/CARD.md", "cascade-vi-1/calibration.svg", "cascade-vi-1/cascade.json", "cascade-vi-1/metrics.json",
        "linear-vi-1/CARD.md", "linear-vi-1/metrics.json", "linear-vi-1/model.json", "linear-vi-1/weights.npz",
    ]  # fmt: skip
    for name in made:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert not [path for path in (tmp_path / "a").iterdir() if path.name.startswith(".")]
    classifier = load_classifier(DATA, tmp_path / "a")
    assert classifier.encoder is None
    assert classifier.assess("chào buổi sáng").flagged == ()


@pytest.mark.usefixtures("quick")
def test_a_training_that_fails_leaves_the_models_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "models" / "cascade-vi-1", tmp_path / "cascade-vi-1")
    before = (tmp_path / "cascade-vi-1" / "cascade.json").read_bytes()

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConfigError("no cards today")

    monkeypatch.setattr(run, "write_cards", refuse)
    with pytest.raises(ConfigError, match="no cards"):
        train(DATA, tmp_path, seed=1, encoder=False)
    assert (tmp_path / "cascade-vi-1" / "cascade.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["cascade-vi-1"]


def test_what_ships_was_trained_on_what_is_here(material: Material) -> None:
    folder = ROOT / "models" / "cascade-vi-1"
    shipped = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert shipped["hashes"] == material.hashes, "data or grammars changed: run `rasoat train`"
    card_ = (folder / "CARD.md").read_text(encoding="utf-8")
    assert all(version in card_ for version in shipped["versions"].values())


def test_no_cluster_lies_in_two_of_train_calibration_and_dev(material: Material) -> None:
    seen: dict[str, Split] = {}
    held = {Split.HELDOUT_SLOTS, Split.HELDOUT_SCHEMES}
    for example, split in zip(material.examples, material.splits, strict=True):
        if split not in held:
            assert seen.setdefault(example.cluster, split) is split
