"""Checkpoints in the shape of PhoBERT, ViSoBERT and BERT, two layers of 32, made here: fine-tuned, exported, served, refused."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForMaskedLM,
    PhobertTokenizer,
    RobertaConfig,
    RobertaForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

from classifiers.checkpoints import Checkpoint, load_scorer, pieces
from classifiers.checkpoints.source import look
from classifiers.checkpoints.tuning import CheckpointFigures, tune_checkpoint
from classifiers.training.datasets import Material
from classifiers.training.examples import Example, Split
from classifiers.transformer.encoder import Encoder
from rasoat.errors import ConfigError
from rasoat.harms import Harm

WHO = ("anh", "chị", "em", "bạn", "cô", "chú")
WHAT = {
    "chuyển tiền đặt cọc để nhận thưởng": Harm.FRD,
    "đọc mã xác nhận để nhận quà": Harm.FRD,
    "tối nay tao tới nhà mày": Harm.HAR,
    "mày liệu hồn với tao": Harm.HAR,
    "hôm nay trời đẹp quá": None,
    "món này nấu với gừng rất thơm": None,
}
TEXTS = [f"{who} ơi {what} {end}".strip() for who, what, end in product(WHO, WHAT, ("nhé", "nha", ""))]
SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.1,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}


def _material() -> Material:
    examples = [
        Example(text, frozenset({harm} if harm else ()), f"c{i}", "own", "test")
        for i, text in enumerate(TEXTS)
        for harm in [next(h for what, h in WHAT.items() if what in text)]
    ]
    splits = [(Split.TRAIN, Split.TRAIN, Split.TRAIN, Split.CALIBRATION, Split.DEV)[i % 5] for i in range(len(examples))]
    return Material(tuple(examples), tuple(splits), {}, {"corpus": "0" * 64})


def _bert(folder: Path) -> None:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=ends, show_progress=False))
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    made.save(str(folder / "tokenizer.json"))
    BertForMaskedLM(BertConfig(vocab_size=made.get_vocab_size(), max_position_embeddings=64, **SMALL)).save_pretrained(folder)


def _field(number: int, data: bytes) -> bytes:
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def _visobert(folder: Path) -> None:
    """A SentencePiece file by hand: `<unk> <s> </s>`, then words and letters with scores, a unigram model."""
    words = sorted({f"▁{word}" for text in TEXTS for word in text.split()} | set("".join(TEXTS).replace(" ", "▁")))
    rows = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), *((word, -float(len(word) == 1) * 5 - 2) for word in words)]
    data = b"".join(_field(1, _field(1, name.encode()) + b"\x15" + struct.pack("<f", score)) for name, score in rows)
    (folder / "sentencepiece.bpe.model").write_bytes(data + _field(2, b"\x18\x01"))
    config = XLMRobertaConfig(vocab_size=len(rows) + 2, max_position_embeddings=66, type_vocab_size=1, pad_token_id=1, **SMALL)
    XLMRobertaForMaskedLM(config).save_pretrained(folder)


def _phobert(folder: Path) -> None:
    merges = ["a n 9", "an h</w> 8", "ơ i</w> 7", "n h 6", "t i 5", "ti ề 4", "tiề n</w> 3", "h ô 2"]
    letters = sorted(set("".join(TEXTS).replace(" ", "") + "_"))
    listed = ["anh", "ơi", "an@@", "nh@@", "tiền", "tiề@@", *(f"{c}@@" for c in letters), *letters]
    (folder / "vocab.txt").write_text("".join(f"{piece} 1\n" for piece in listed), encoding="utf-8")
    (folder / "bpe.codes").write_text("\n".join(merges) + "\n", encoding="utf-8")
    config = RobertaConfig(vocab_size=len(listed) + 5, max_position_embeddings=66, type_vocab_size=1, pad_token_id=1, **SMALL)
    RobertaForMaskedLM(config).save_pretrained(folder)


@pytest.fixture
def bert(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    folder = tmp_path / "tiny-bert"
    folder.mkdir()
    _bert(folder)
    return folder


def _tuned(base: Path, out: Path, epochs: int = 60) -> CheckpointFigures:
    return tune_checkpoint(base, _material(), out, epochs=epochs, rate_=3e-3, budget=200, threads=1, segment=False)


def _ranked(scorer: Encoder | Checkpoint) -> list[int]:
    """Which of three unseen texts scores highest, for fraud and for harassment. Not where zero lies: that differs between processors."""
    scores = scorer.logits(["bà ơi chuyển tiền đặt cọc để nhận thưởng", "bà ơi mày liệu hồn với tao", "bà ơi hôm nay trời đẹp quá"])
    return [int(scores[:, scorer.harms.index(harm)].argmax()) for harm in (Harm.FRD, Harm.HAR)]


@pytest.mark.parametrize("make", [_bert, _visobert, _phobert])
def test_a_checkpoint_takes_the_encoders_place(make: Callable[[Path], None], tmp_path: Path) -> None:
    torch.manual_seed(1)
    base, out = tmp_path / "base", tmp_path / "models" / "tuned"
    base.mkdir()
    make(base)
    figures = _tuned(base, out)
    scorer = load_scorer(out, threads=1)
    assert _ranked(scorer) == [0, 1]
    assert scorer.version == figures.version
    assert figures.apart < 0.3
    assert figures.f1["dev"]["FRD"] > 0.8
    assert set(json.loads((out / "model.json").read_bytes())["notes"]["platt"]) == {"FRD", "HAR"}
    card = (out / "CARD.md").read_text(encoding="utf-8")
    assert figures.version in card
    assert "must not be used for" in card


def test_it_explains_in_the_original_text_and_answers_everything(bert: Path, tmp_path: Path) -> None:
    _tuned(bert, tmp_path / "out")
    scorer = load_scorer(tmp_path / "out", threads=1)
    text = "Hôm nay trời đẹp quá.\nanh ơi chuyển tiền đặt cọc để nhận thưởng nhé"
    spans = scorer.explain(text, Harm.FRD)
    assert 1 <= len(spans) <= 5
    assert spans[0].weight == max(one.weight for one in spans) > 0
    first = spans[0].span
    without = text[: first.start] + text[first.end :]
    fraud = scorer.harms.index(Harm.FRD)
    assert scorer.logits([without])[0, fraud] < scorer.logits([text])[0, fraud]
    for strange in ("", " ", "🔥", "\ud800", "ab " * 3_000, "x" * 30_000):
        assert np.isfinite(scorer.logits([strange])).all()
        scorer.explain(strange, Harm.FRD)
    assert scorer.logits([]).shape == (0, len(scorer.labels))
    alone = np.concatenate([scorer.logits([one]) for one in TEXTS[:10]])
    together = scorer.logits(TEXTS[:10])
    assert np.corrcoef(alone.ravel(), together.ravel())[0, 1] > 0.99  # int8 scales follow the batch: near, not equal


def test_phoberts_pieces_are_those_of_its_own_tokenizer(tmp_path: Path) -> None:
    _phobert(tmp_path)
    theirs = PhobertTokenizer(str(tmp_path / "vocab.txt"), str(tmp_path / "bpe.codes"))
    ours, rows = pieces.tokenizer_of(tmp_path), look(tmp_path).config["vocab_size"]
    for text in [*TEXTS, "anh tiền hôn anhanh"]:
        assert [number if number < rows else 3 for number in ours.encode(text).ids] == theirs(text)["input_ids"]


def test_phobert_wants_words_and_says_so(tmp_path: Path) -> None:
    _phobert(tmp_path)
    source = look(tmp_path)
    assert source.segmented
    assert source.longest == 64
    assert pieces.segmented(["Tôi là sinh viên đại học", ""]) == ["Tôi là sinh_viên đại_học", ""]


def _without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _cut_weights(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:200])


def _config(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))

    return change


def _broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


LABELS = {"architectures": ["BertForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}}


@pytest.mark.parametrize(
    ("spoil", "file", "says"),
    [
        (_without_tokenizer, "tokenizer.json", "no tokenizer"),
        (_broken_tokenizer, "tokenizer.json", "not a tokenizer"),
        (_pickled, "pytorch_model.bin", "no pickle is ever loaded"),
        (_without_weights, "model.safetensors", "no weights"),
        (_cut_weights, "", "cannot load the checkpoint"),
        (_config(**LABELS), "config.json", "classifier of 3 labels, ours has 12"),
        (_config(model_type="whisper"), "config.json", "model_type is 'whisper'"),
        (_config(vocab_size=7), "", "cannot load the checkpoint|the network 7 rows"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_says_why(bert: Path, tmp_path: Path, spoil: Callable[[Path], None], file: str, says: str) -> None:
    spoil(bert)
    with pytest.raises(ConfigError, match=says) as problem:
        _tuned(bert, tmp_path / "out", epochs=1)
    assert problem.value.hint
    assert problem.value.place is not None
    assert problem.value.place.file.startswith(str(bert))
    assert problem.value.place.file.endswith(file)
    assert not (tmp_path / "out").exists()


def test_served_files_are_checked(bert: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not fine-tuned") as problem:
        load_scorer(bert)
    assert "rasoat train --base" in problem.value.hint
    with pytest.raises(ConfigError, match="no such file"):
        load_scorer(tmp_path / "nowhere")
    out = tmp_path / "out"
    _tuned(bert, out, epochs=1)
    facts = json.loads((out / "model.json").read_bytes())
    (out / "model.json").write_text(json.dumps(facts | {"labels": facts["labels"][:4]}))
    with pytest.raises(ConfigError, match=r"gives 12 scores, model\.json names 4"):
        load_scorer(out)
    (out / "model.json").write_text(json.dumps(facts | {"labels": ["POL", *facts["labels"][1:]]}))
    with pytest.raises(ConfigError, match="POL"):
        load_scorer(out)
    (out / "model.json").write_text(json.dumps(facts))
    (out / "model.onnx").write_bytes((out / "model.onnx").read_bytes()[:-1])
    with pytest.raises(ConfigError, match="hash differs"):
        load_scorer(out)
