"""The linear model: its hashes, windows, gates, explanations and loading."""

from __future__ import annotations

import json
import shutil
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.linear import LINEAR_HARMS, LinearModel
from classifiers.linear.explain import contributions
from classifiers.linear.features import DUMMY, SALTS, char_grams, encode, word_grams
from classifiers.linear.gate import Gate, GateFile
from classifiers.linear.model import LANES
from classifiers.linear.scoring import packed, score
from classifiers.linear.views import accented, accented_mapped, folded
from classifiers.linear.windows import LONGEST, WINDOW, aggregate, windows
from rasoat.errors import ConfigError
from rasoat.harms import Harm
from rasoat.settings import ROOT

FOLDER = ROOT / "models" / "linear-vi-1"
HATE = "Lũ người Khmer bẩn thỉu, phải giết sạch bọn nó"
THREAT = "Tối nay 7 giờ tao chờ mày ở cổng trường, tao đâm chết mày"
texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=120) | st.text(
    alphabet="aạăâ ấầđĐư0195.,!? \n\t\u200b\u0301😂Σς", max_size=60
)


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return LinearModel.load(FOLDER)


def test_the_hash_is_fixed() -> None:
    """A changed hash makes every stored weight nonsense: this must break before that does."""
    batch = encode(["lừa đảo 0900", "a"])
    rows = [made.tolist() for _, made in char_grams(batch, SALTS["folded"])]
    assert [len(made) for made in rows] == [16, 15, 14, 13]
    assert rows[0][:4] == list(FIRST_PAIRS)
    first, words, last = word_grams(batch, SALTS["word"])
    assert (first.tolist(), last.tolist()) == ([1, 5, 9, 15, 1, 5], [4, 8, 13, 16, 8, 13])
    assert words.tolist()[:2] == list(FIRST_WORDS)


FIRST_PAIRS = (522353, 264657, 185680, 453176)
FIRST_WORDS = (422347, 426980)


def test_n_grams_stay_inside_words_and_texts() -> None:
    batch = encode(["ab c", "d"])
    counted = {size: (rows != DUMMY).astype(int).tolist() for size, rows in char_grams(batch, 1)}
    assert counted[2] == [1, 1, 1, 1, 1, 0, 1, 1]
    assert counted[3] == [1, 1, 0, 1, 0, 0, 1]
    assert counted[4] == [1, 0, 0, 0, 0, 0]


@given(st.lists(texts, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_batch_scores_like_its_texts_alone(batch: list[str]) -> None:
    model = LinearModel.load(FOLDER)
    alone = np.concatenate([model.raw([text]) for text in batch])
    assert np.array_equal(model.raw(batch), alone)
    assert np.isfinite(alone).all()


@given(texts)
@settings(max_examples=200, deadline=None)
def test_the_accented_view_maps_back(text: str) -> None:
    mapped = accented_mapped(text)
    if mapped is not None:
        assert mapped.text == accented(text)
        assert len(mapped.starts) == len(mapped.text)
        assert all(0 <= start < end <= len(text) for start, end in zip(mapped.starts, mapped.ends, strict=True))
        assert list(mapped.starts) == sorted(mapped.starts)


@given(texts)
@settings(max_examples=60, deadline=None)
def test_spans_lie_inside_the_original(text: str) -> None:
    model = LinearModel.load(FOLDER)
    for lane in (0, 5, 10):
        for one in contributions(model.table, 1.0, lane, text):
            assert 0 <= one.span.start < one.span.end <= len(text)
            assert one.weight > 0


def test_spans_point_at_the_words_in_nfd_too(model: LinearModel) -> None:
    text = unicodedata.normalize("NFD", f"Chào buổi sáng. {HATE}")
    found = contributions(model.table, 1.0, LINEAR_HARMS.index(Harm.HAT), text)
    assert 1 <= len(found) <= 5
    assert any(
        "sạch" in unicodedata.normalize("NFC", one.span.of(text)) or "bẩn" in unicodedata.normalize("NFC", one.span.of(text))
        for one in found
    )


def test_both_writings_are_understood(model: LinearModel) -> None:
    plain = "".join(c for c in unicodedata.normalize("NFD", THREAT) if not unicodedata.combining(c)).replace("đ", "d")
    assert min(model.gated([THREAT, plain, unicodedata.normalize("NFD", THREAT)])[:, LINEAR_HARMS.index(Harm.HAR)]) > 0


def test_a_closed_gate_holds_a_harm_down(model: LinearModel) -> None:
    lane = LINEAR_HARMS.index(Harm.HAT)
    gate = Gate.of(GateFile(kinds={"group": ("khmer",)}))
    gated = LinearModel(model.table, model.scale, model.bias, {Harm.HAT: gate}, "gated")
    open_, closed = gated.gated([HATE, HATE.replace("người Khmer", "người Chăm")])[:, lane]
    assert open_ > 0
    assert closed <= -3


def test_packed_lanes_add_up_like_lanes() -> None:
    rng = np.random.default_rng(5)
    table = rng.integers(-127, 128, (DUMMY + 1, LANES)).astype(np.int8)
    table[DUMMY] = 0
    text = "đường làng quê tôi " * 100
    totals, grams = score(packed(table), {"folded": [folded(text), ""], "accented": [accented(text), ""]})
    batch = encode([accented(text)])
    rows = np.concatenate(
        [r for _, r in char_grams(encode([folded(text)]), SALTS["folded"])] + [r for _, r in char_grams(batch, SALTS["accented"])]
    )
    rows = np.concatenate([rows, word_grams(batch, SALTS["word"])[1]])
    assert totals[0].tolist() == table[rows].astype(np.int64).sum(axis=0).tolist()
    assert grams[0] == (rows != DUMMY).sum()
    assert totals[1].tolist() == [0] * LANES


def test_windows_cover_the_text() -> None:
    assert windows("ngắn") == [(0, 4)]
    text = "một hai ba " * 400
    ranges = windows(text)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == len(text)
    assert all(a[1] > b[0] for a, b in pairwise(ranges))
    assert all(end - start <= WINDOW + 30 for start, end in ranges)
    assert windows("x" * (3 * LONGEST))[-1][1] == LONGEST


def test_a_few_windows_do_not_carry_a_long_text_and_most_of_them_do() -> None:
    calm = np.full((12, 3), -6.0)
    quoted, page = calm.copy(), calm.copy()
    quoted[3:5] = 9.0  # one quoted script lies in two windows
    page[2:] = 3.0
    made = aggregate(np.concatenate([calm, quoted, page]), [12, 12, 12])
    assert (made[1] < 0).all()
    assert (made[2] >= 3).all()
    assert (made[0] <= -6).all()


def test_long_and_odd_texts_are_scored(model: LinearModel) -> None:
    odd = ["", " ", "\u200b\u0301", "a" * 20_000, "đ " * 10_000, "\ud800", "0" * 5000, "😂" * 3000]
    made = model.gated(odd)
    assert made.shape == (len(odd), LANES)
    assert np.isfinite(made).all()


def test_score_counts_what_training_counts() -> None:
    from classifiers.training.fit import matrix

    sentences = ["Bán sim số đẹp, gọi 0900 000 001 nha!", "đm kẹt xe", "aa aa aa"]
    table = np.zeros((DUMMY + 1, LANES), dtype=np.int8)
    table[:DUMMY] = np.random.default_rng(1).integers(-100, 100, (DUMMY, LANES))
    totals, grams = score(packed(table), {"folded": [folded(s) for s in sentences], "accented": [accented(s) for s in sentences]})
    assert np.allclose(totals / np.sqrt(grams)[:, None], matrix(sentences) @ table[:DUMMY].astype(float), atol=1e-3)


@pytest.mark.parametrize("break_", ["model.json", "weights.npz", "format", "digest"])
def test_a_broken_model_says_which_file_and_what_to_do(tmp_path: Path, break_: str) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "model")
    if break_ in {"model.json", "weights.npz"}:
        (folder / break_).unlink()
    elif break_ == "digest":
        (folder / "weights.npz").write_bytes((folder / "weights.npz").read_bytes()[:-1])
    else:
        facts = json.loads((folder / "model.json").read_text())
        (folder / "model.json").write_text(json.dumps(facts | {"format": 99}))
    with pytest.raises(ConfigError, match="rasoat train") as caught:
        LinearModel.load(folder)
    assert caught.value.place is not None
    assert str(folder) in caught.value.place.file
