"""The encoder from its vocabulary to its spans, on a network that this test teaches to tell two kinds of invented texts."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from classifiers.linear.windows import aggregate
from classifiers.transformer import sampling
from classifiers.transformer.encoder import Encoder
from classifiers.transformer.export import Parity, export
from classifiers.transformer.finetuning import Recipe, Taught, fine_tune, whole
from classifiers.transformer.network import Drop, Network, Shape
from classifiers.transformer.tokens import LONGEST, Vocabulary, bare, read
from classifiers.transformer.vocabulary import learn
from rasoat.canonical import sha256_hex
from rasoat.errors import ConfigError
from rasoat.harms import Harm

WHO = ("anh", "chị", "em", "bạn", "cô", "chú", "cả nhà", "mọi người")
FRAUD = ("chuyển tiền đặt cọc để nhận thưởng", "đọc mã xác nhận để nhận quà", "nộp phí giữ chỗ mới nhận được lương")
THREAT = ("tối nay tao tới nhà mày", "mày liệu hồn với tao", "tao sẽ cho mày một trận")
PLAIN = ("hôm nay trời đẹp quá", "món này nấu với gừng rất thơm", "xe buýt tuyến này chạy mười phút một chuyến", "đội nhà đá hay thật")
WHEN = ("nhé", "nha", "đó", "", "ạ", "luôn")


def _texts() -> tuple[list[str], np.ndarray]:
    rows = [(f"{who} ơi {what} {when}".strip(), FRAUD, what) for who, what, when in product(WHO, FRAUD + THREAT + PLAIN, WHEN)]
    return [text for text, *_ in rows], np.array([[what in FRAUD, what in THREAT] for *_, what in rows])


@pytest.fixture(scope="module")
def taught() -> Taught:
    texts, labels = _texts()
    recipe = Recipe(epochs=4, budget=1_000, rate=1e-3)
    return fine_tune(None, texts, labels, names=("FRD", "HAR"), recipe=recipe, layers=1, seed=3)


@pytest.fixture(scope="module")
def folder(taught: Taught, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("encoder")
    export(taught, made, name="encoder-test", notes={}, probe=_texts()[0][:20])
    return made


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder.load(folder, threads=1)


def test_a_text_keeps_its_pieces_when_it_loses_its_accents() -> None:
    vocabulary = learn(["người ta gửi tiền qua ngân hàng"] * 5 + ["nguoi ta gui tien"] * 5)
    accented, plain = vocabulary.encode(["Người ta GỬI tiền", "nguoi ta gui tien"])
    assert accented.letters == plain.letters
    assert [bool(number) for number in accented.accents] == [False, True, False, True, True, False]
    assert not any(plain.accents)
    assert Vocabulary.from_json(vocabulary.to_json()).encode(["Người ta GỬI tiền"])[0].accents == accented.accents


@pytest.mark.parametrize(
    "text", ["Gửi TIỀN ngay 😂 nhé", unicodedata.normalize("NFD", "Gửi TIỀN ngay 😂 nhé"), "G\u200bửi  TI\u00adỀN\tngay 😂 nhé"]
)
def test_pieces_lead_back_to_what_was_written(text: str) -> None:
    vocabulary = learn(["gửi tiền ngay nhé"] * 5)
    (pieces,) = vocabulary.encode([text])
    assert pieces.span(1, 1).of(text)[0] == "G"
    assert unicodedata.normalize("NFC", pieces.span(2, 2).of(text)).replace("\u00ad", "") == "TIỀN"
    assert pieces.span(len(pieces.letters) - 2, len(pieces.letters) - 2).of(text).startswith("nh")


@pytest.mark.parametrize("text", ["", " ", "đ Đ ấ ữ", "0912 345 678 \U0001f525", "\ud800 x", "\u202eabc"])
def test_bare_letters_stand_where_accented_ones_stood(text: str) -> None:
    reading = read(text)
    assert len(bare(reading.text)) == len(reading.text) == len(reading.starts)
    assert reading.original is text


def test_it_learns_and_serves_what_it_learned(encoder: Encoder) -> None:
    assert encoder.harms == (Harm.FRD, Harm.HAR)
    assert encoder.version.startswith("encoder-test@")
    scores = encoder.logits(["cậu ơi nộp phí giữ chỗ mới nhận được lương", "cậu ơi mày liệu hồn với tao", "cậu ơi đội nhà đá hay thật"])
    assert scores.dtype == np.float32
    assert (scores > 0).tolist() == [[True, False], [False, True], [False, False]]


def test_dropped_accents_hardly_move_it(encoder: Encoder) -> None:
    texts, labels = _texts()
    found = encoder.logits([bare(text) for text in texts]) > 0
    assert (found == labels).mean() > 0.95


def test_int8_agrees_with_the_network(taught: Taught, folder: Path) -> None:
    from classifiers.transformer.export import parity

    made = parity(taught, folder, _texts()[0])
    assert isinstance(made, Parity)
    assert made.agreement > 0.99
    assert made.mean < 0.15


def test_a_batch_gives_what_each_text_gives_alone(encoder: Encoder) -> None:
    texts = [*_texts()[0][:30], "", "dài " * 300, "x"]
    together = encoder.logits(texts)
    alone = np.concatenate([encoder.logits([text]) for text in texts])
    assert np.abs(together - alone).max() < 0.3  # int8 sums are scaled by the largest value of the batch
    assert encoder.logits([]).shape == (0, 2)


def test_one_window_does_not_decide_a_long_text(encoder: Encoder) -> None:
    plain = " ".join(f"{who} ơi món này nấu với gừng rất thơm nhé" for who in WHO) + ". "
    scam = "anh ơi chuyển tiền đặt cọc để nhận thưởng nhé"
    short, once, often = encoder.logits([scam, f"{plain * 6}{scam}", f"{plain * 3}{(scam + '. ') * 20}{plain * 3}"])[:, 0]
    assert once < 0 < often
    assert short > once


def test_training_joins_windows_as_serving_does() -> None:
    scores = np.random.default_rng(1).normal(0, 5, (24, 3)).astype(np.float32)
    counts = [1, 2, 12, 9]
    assert whole(torch.from_numpy(scores), counts).numpy() == pytest.approx(aggregate(scores.astype(np.float64), counts), abs=1e-5)


def test_what_fills_a_training_batch_up_changes_no_score(taught: Taught) -> None:
    texts = [*_texts()[0][:7], "món này nấu với gừng " * 60]
    prepared = sampling.prepare(taught.vocabulary, texts, seed=1)
    batch = prepared.batch(np.arange(8), sampling.Augment(0, 0, 0), np.random.default_rng(1), 1_024)
    assert len(batch.letters) > sum(batch.counts) > 8
    with torch.inference_mode():
        scores = whole(taught.judge.eval()(torch.from_numpy(batch.letters), torch.from_numpy(batch.accents)), batch.counts)
    assert scores.numpy() == pytest.approx(taught.logits(texts), abs=1e-3)


def test_training_batches_come_in_few_shapes(taught: Taught) -> None:
    dice = np.random.default_rng(2)
    texts = [" ".join(["gừng"] * int(words)) for words in dice.integers(1, 150, 1_200)]
    prepared = sampling.prepare(taught.vocabulary, texts, seed=1)
    groups = prepared.batches(np.arange(1_200), dice, 1_024)
    assert sorted(np.concatenate(groups).tolist()) == list(range(1_200))
    shapes = [prepared.batch(group, sampling.Augment(mistyped=0), dice, 1_024).letters.shape for group in groups]
    assert len(shapes) > 100
    assert len(set(shapes)) < 30
    assert max(rows * width for rows, width in shapes) <= 1_024


def test_training_looks_up_what_serving_looks_up_and_drops_what_it_says() -> None:
    network = Network(Shape(letters=9, rows=20, layers=1, width=32, inner=32))
    letters, accents = torch.randint(0, 9, (3, 5)), torch.randint(0, 11, (3, 5))
    assert torch.allclose(network.train().embedded(letters, accents), network.eval().embedded(letters, accents))
    ones, drop = torch.ones(400, 501), Drop(0.25).train()
    torch.manual_seed(4)
    first = drop(ones)
    assert (first == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert first.mean().item() == pytest.approx(1.0, abs=0.01)
    assert not torch.equal(drop(ones), first)
    torch.manual_seed(4)
    assert torch.equal(drop(ones), first)
    assert drop.eval()(ones) is ones


def test_hidden_words_explain_in_the_original_text(encoder: Encoder) -> None:
    text = "Hôm nay trời đẹp quá! ANH ƠI  ĐỌC MÃ XÁC NHẬN để nhận quà nhé 😂"
    spans = encoder.explain(text, Harm.FRD)
    assert 1 <= len(spans) <= 5
    assert [weight for _, weight in spans] == sorted((weight for _, weight in spans), reverse=True)
    covered = " ".join(span.of(text) for span, _ in spans).lower()
    assert any(word in covered for word in ("mã", "xác", "nhận", "quà"))
    assert "trời đẹp" not in spans[0].span.of(text)


@pytest.mark.parametrize("text", ["", " ", "🔥", "\ud800", "\u202eabc\u202c", "Привет " * 40, "a" * 1_000_000, "ab " * 5_000, "(((" * 500])
def test_every_text_gets_an_answer(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.logits([text])).all()
    assert all(0 <= span.start < span.end <= len(text) for span, _ in encoder.explain(text, Harm.FRD))


def test_a_window_is_bounded(encoder: Encoder) -> None:
    (pieces,) = encoder.vocabulary.encode(["( " * 5_000])
    assert len(pieces.letters) == LONGEST


def test_classes_instead_of_labels(tmp_path: Path) -> None:
    texts, labels = _texts()
    classes = labels @ np.array([1, 2])
    recipe = Recipe(epochs=3, budget=1_000, rate=1e-3)
    made = fine_tune(None, texts, classes, kind="multiclass", names=("none", "fraud", "threat"), recipe=recipe, layers=1)
    export(made, tmp_path, name="classes", notes={}, probe=texts[:5])
    assert (Encoder.load(tmp_path).logits(texts).argmax(axis=1) == classes).mean() > 0.97


def test_the_same_seed_gives_the_same_network() -> None:
    texts, labels = _texts()
    recipe = Recipe(epochs=1, budget=2_000)
    one, other = (
        fine_tune(None, texts, labels, names=("FRD", "HAR"), recipe=recipe, layers=1, seed=5).logits(texts[:50]) for _ in range(2)
    )
    assert np.abs(one - other).max() < 1e-3


@pytest.mark.parametrize("labels", [np.zeros((3, 3)), np.zeros(3)])
def test_labels_of_another_shape_are_refused(labels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="labels have shape"):
        fine_tune(None, ["a", "b", "c"], labels, names=("FRD", "HAR"))


def _copied(folder: Path, to: Path) -> Path:
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "model.json"])
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    (_copied(folder, tmp_path) / name).unlink()
    with pytest.raises(ConfigError, match=name) as problem:
        Encoder.load(tmp_path)
    assert problem.value.hint


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_an_altered_file_is_not_loaded(folder: Path, tmp_path: Path, name: str) -> None:
    path = _copied(folder, tmp_path) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ConfigError, match="hash differs") as problem:
        Encoder.load(tmp_path)
    assert problem.value.place is not None
    assert problem.value.place.file.endswith(name)


@pytest.mark.parametrize(
    ("name", "data"), [("model.onnx", b"no graph"), ("model.onnx", b""), ("tokenizer.json", b'{"bare": {}, "accented": []}')]
)
def test_content_that_is_wrong_under_a_right_hash_is_refused(folder: Path, tmp_path: Path, name: str, data: bytes) -> None:
    path = _copied(folder, tmp_path) / "model.json"
    facts = json.loads(path.read_bytes())
    (tmp_path / name).write_bytes(data)
    path.write_text(json.dumps(facts | {"sha256": facts["sha256"] | {name: sha256_hex(data)}}))
    with pytest.raises(ConfigError, match="not an encoder"):
        Encoder.load(tmp_path)


def test_facts_that_do_not_fit_the_graph_are_refused(folder: Path, tmp_path: Path) -> None:
    path = _copied(folder, tmp_path) / "model.json"
    facts = json.loads(path.read_bytes())
    path.write_text(json.dumps(facts | {"labels": ["FRD"]}))
    with pytest.raises(ConfigError, match="gives 2 scores"):
        Encoder.load(tmp_path)
    path.write_text(json.dumps(facts | {"format": 99}))
    with pytest.raises(ConfigError, match="format"):
        Encoder.load(tmp_path)


def test_serving_never_imports_torch() -> None:
    code = (
        "import sys, classifiers.transformer.encoder; print([name for name in ('torch', 'transformers', 'sklearn') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"
