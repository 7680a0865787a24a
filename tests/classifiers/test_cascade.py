"""The cascade: weighing with held signs, thresholds for a precision, doubt, the transformer on the uncertain only, loading."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifiers.cascade import NEEDS, SPOKEN, Cascade, agreed, version_of
from classifiers.classifier import Classifier, load_classifier
from classifiers.evidence import SIGNS, Kind, gather
from classifiers.lanes import PROTECTED
from classifiers.linear import LINEAR_HARMS
from classifiers.training.weigh import FIRST, PRECISION, Sample, doubt, fitted, threshold
from rasoat.errors import ConfigError
from rasoat.harms import Harm
from rasoat.settings import ROOT

FOLDER = ROOT / "models" / "cascade-vi-1"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(ROOT / "data", ROOT / "models")


def _sample(seed: int = 3, size: int = 4000) -> Sample:
    rng = np.random.default_rng(seed)
    labels = rng.random(size) < 0.1
    columns = np.zeros((size, len(Kind)))
    columns[:, Kind.RULE] = np.where(labels, 4.0, 0.0) * (rng.random(size) < 0.5)
    columns[:, Kind.LINEAR] = rng.normal(np.where(labels, 2.0, -3.0), 1.5)
    columns[:, Kind.PROTECTED] = rng.normal(np.where(labels, 2.0, 0.0), 0.5)  # wrongly looks like a sign of harm
    mass = np.where(labels, 0.02 / labels.sum(), 0.98 / (~labels).sum())
    return Sample(columns, labels, mass)


def test_no_evidence_counts_against_its_sign() -> None:
    made = fitted(_sample(), FIRST)
    assert all(made.kinds[kind] * sign >= 0 for kind, sign in SIGNS.items())
    assert made.kinds[Kind.LINEAR] > 0.1
    assert made.kinds[Kind.PROTECTED] == 0
    assert made.kinds[Kind.ENCODER] == 0


def test_a_threshold_keeps_the_precision_it_promises_and_doubt_lies_below() -> None:
    data = _sample()
    chances = 1 / (1 + np.exp(-fitted(data, FIRST).logits(data.columns)))
    over = threshold(chances, data)
    up = chances >= over
    assert (data.mass * data.labels)[up].sum() >= PRECISION * data.mass[up].sum() > 0
    assert doubt(chances, data, over) < over
    assert threshold(np.zeros(4000), data) == 0.95


def test_a_harm_without_positives_is_left_to_the_prior() -> None:
    data = _sample()
    made = fitted(replace(data, labels=np.zeros(4000, dtype=np.bool_)), FIRST)
    assert made.bias == -4.0


def test_the_policy_can_only_ask_for_more() -> None:
    assert agreed({Harm.FRD: 0.5, Harm.CSE: 0.5}, {Harm.FRD: 0.7}) == {Harm.FRD: 0.7, Harm.CSE: 0.5}
    assert agreed({Harm.FRD: 0.9}, {Harm.FRD: 0.7}) == {Harm.FRD: 0.9}


def test_shipped_weights_hold_their_signs(classifier: Classifier) -> None:
    for one in classifier.cascade.file.harms.values():
        assert 0 < one.doubt < one.threshold < 1
        for weights in (one.first, one.second or one.first):
            assert all(weights.kinds[kind] * sign >= 0 for kind, sign in SIGNS.items())


class Asked:
    """An encoder that says the same of every text and remembers what it was asked."""

    version = "asked"
    harms = LINEAR_HARMS
    labels = (*(harm.value for harm in LINEAR_HARMS), PROTECTED)

    def __init__(self, says: float, protected: float = -6.0) -> None:
        self.row = [says] * len(LINEAR_HARMS) + [protected]
        self.texts: list[str] = []

    def logits(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return np.array([self.row] * len(texts), dtype=np.float32)


def _with(classifier: Classifier, encoder: Asked, band: float = -3.0) -> Classifier:
    file = classifier.cascade.file
    kinds = tuple(0.5 if kind is Kind.ENCODER else 0.0 for kind in Kind)
    harms = {
        harm: one.model_copy(update={"second": one.first.model_copy(update={"kinds": tuple(np.add(one.first.kinds, kinds))})})
        for harm, one in file.harms.items()
    }
    cascade = Cascade(file.model_copy(update={"harms": harms, "band": band}))
    return replace(classifier, cascade=cascade, encoder=encoder)  # type: ignore[arg-type]


def test_the_transformer_reads_the_uncertain_only_and_moves_them(classifier: Classifier) -> None:
    calm = ["Hôm nay trời đẹp quá, đi ăn phở không mọi người?", "Chiều mai tổ mình họp lúc ba giờ, ai bận thì báo nhé"]
    odd = "Ai cần việc nhẹ lương cao thì nhắn mình, nạp trước ít tiền làm nhiệm vụ rồi rút về trong ngày nhé"
    low, high = Asked(-6.0), Asked(6.0)
    cool = _with(classifier, low).assess_many([*calm, odd])
    warm = _with(classifier, high).assess_many([*calm, odd])
    assert low.texts == high.texts
    assert not set(calm) & set(low.texts)
    assert cool[:2] == warm[:2] == classifier.assess_many(calm)
    if low.texts:
        assert all(warm[2].probabilities[harm] >= cool[2].probabilities[harm] for harm in LINEAR_HARMS)


def test_no_model_flags_alone(classifier: Classifier) -> None:
    calm = "Hôm nay trời đẹp quá, đi ăn phở không mọi người?"
    sure = _with(classifier, Asked(6.0), band=-99.0).assess(calm)
    assert classifier.linear.gated([calm])[0, : len(LINEAR_HARMS)].max() < -2.5  # it firmly says no, the transformer firmly yes
    assert sure.flagged == ()


def test_what_the_transformer_reads_as_protected_speech_is_not_flagged_by_models(classifier: Classifier) -> None:
    threat = "Cái thằng Tí xóm trên, bọn tao biết lớp nó rồi, cứ để nó ra khỏi cổng là xong, cho nó nghỉ học luôn"
    columns = gather(classifier.rules, classifier.linear, classifier.tempering, [threat]).of(Harm.HAR)[0]
    assert columns[Kind.LINEAR] > NEEDS[Harm.HAR].linear  # the linear model agrees, and no rule would do without it
    assert columns[Kind.RULE] < SPOKEN
    assert Harm.HAR in _with(classifier, Asked(6.0), band=-99.0).assess(threat).flagged
    assert Harm.HAR not in _with(classifier, Asked(6.0, protected=3.0), band=-99.0).assess(threat).flagged


def test_uncertain_is_never_flagged(classifier: Classifier) -> None:
    file = classifier.cascade.file
    harms = {harm: one.model_copy(update={"doubt": 1e-9}) for harm, one in file.harms.items()}
    doubting = replace(classifier, cascade=Cascade(file.model_copy(update={"harms": harms})))
    made = doubting.assess("chào bạn")
    assert made.flagged == ()
    assert set(made.uncertain) == set(LINEAR_HARMS)
    assert not set(doubting.assess("Tối nay tao chờ mày ở cổng trường, tao đâm chết mày").uncertain) & {
        harm for harm, chance in made.probabilities.items() if chance >= made.thresholds[harm]
    }


@pytest.mark.parametrize("damage", ["gone", "json", "altered", "sign", "linear", "harms"])
def test_a_damaged_cascade_is_refused_with_its_place(tmp_path: Path, classifier: Classifier, damage: str) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "cascade")
    path, linear = folder / "cascade.json", classifier.linear.version
    body = json.loads(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "json":
        path.write_text("{")
    elif damage == "altered":
        body["harms"]["FRD"]["threshold"] = 0.31
    elif damage == "sign":
        body["harms"]["FRD"]["first"]["kinds"][Kind.GUARDS] = 1.0
        body["version"] = version_of(body)
    elif damage == "harms":
        del body["harms"]["GAM"]
        body["version"] = version_of(body)
    else:
        linear = "linear-vi-1@other"
    if damage in ("altered", "sign", "harms"):
        path.write_text(json.dumps(body))
    with pytest.raises(ConfigError, match="rasoat train") as caught:
        Cascade.load(folder, linear=linear, encoder=None)
    assert caught.value.place is not None
    assert caught.value.place.file == str(path)
