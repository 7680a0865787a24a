"""The training entry and the base: what is written, that it is checked, and that pre-training teaches what its loss says."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

from classifiers.training.datasets import Material
from classifiers.training.examples import Example, Split
from classifiers.transformer import base as bases
from classifiers.transformer import training
from classifiers.transformer.encoder import Encoder
from classifiers.transformer.finetuning import Recipe
from classifiers.transformer.pretraining import BARE_WINDOWS, WINDOW, lesson, pack
from classifiers.transformer.sampling import mistyped
from classifiers.transformer.tokens import MASK
from classifiers.transformer.vocabulary import learn
from classifiers.transformer.wiki import chosen, paragraphs
from rasoat.errors import ConfigError
from rasoat.harms import Harm

SENTENCES = [
    f"Con sông {name} chảy qua {place} rồi đổ ra biển, mang theo nhiều phù sa cho đồng ruộng hai bên bờ."
    for name in "ABCDEFGH"
    for place in ("làng", "phố", "rừng", "chợ")
]
SCAMS = [f"{who} chuyển tiền đặt cọc {end} để nhận thưởng" for who in ("anh", "chị", "em", "cô") for end in ("ngay", "luôn", "liền")]
PLAIN = [f"{who} ơi món này nấu với gừng {end} thơm lắm" for who in ("anh", "chị", "em", "cô") for end in ("rất", "thì", "là")]


def _data(folder: Path) -> Path:
    (folder / "training").mkdir(parents=True)
    rows = "".join(json.dumps({"title": str(n), "text": text}) + "\n" for n, text in enumerate(SENTENCES))
    (folder / "training" / "wiki.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    return folder


def _material() -> Material:
    harmful = [Example(text, frozenset({Harm.FRD}), f"s{n}", "own", "scam") for n, text in enumerate(SCAMS)]
    plain = [Example(text, frozenset(), f"p{n}", "own", "plain") for n, text in enumerate(PLAIN)]
    examples = tuple((harmful + plain) * 3)
    splits = tuple(Split.DEV if n % 6 == 5 else Split.TRAIN for n in range(len(examples)))
    return Material(examples, splits, {}, {"corpus": "0" * 64})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `data`, `base` and `encoder`, trained for a few steps."""
    folder = tmp_path_factory.mktemp("training")
    data = _data(folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "STEPS", 2)
        figures = training.train_encoder(
            _material(),
            data,
            folder / "encoder",
            threads=1,
            keep=folder / "base",
            recipe=Recipe(epochs=6, budget=300, held=0.2, most=2),
        )
    assert figures.pretraining_loss < 6
    return folder


def test_one_command_leaves_an_encoder_with_figures_and_a_card(made: Path) -> None:
    encoder = Encoder.load(made / "encoder")
    assert encoder.harms == training.HARMS
    assert Harm.CSE not in encoder.harms
    scores = encoder.logits(["bà chuyển tiền đặt cọc ngay để nhận thưởng", "bà ơi món này nấu với gừng thì thơm lắm"])[:, 0]
    assert scores[0] > scores[1] + 1
    figures = json.loads((made / "encoder" / "metrics.json").read_bytes())
    assert figures["version"] == encoder.version
    assert set(figures["f1"]) == {"dev"}
    assert figures["parity"]["agreement"] > 0.95
    card = (made / "encoder" / "CARD.md").read_text(encoding="utf-8")
    assert encoder.version in card
    assert "wiki-ATTRIBUTION" in card
    assert sorted(path.name for path in made.iterdir()) == ["base", "data", "encoder"]


def test_a_base_teaches_again_and_is_checked(made: Path, tmp_path: Path) -> None:
    base = bases.load(made / "base")
    assert not math.isnan(bases.facts_of(made / "base")["loss"])
    network = base.network(0.0)
    assert network.shape.rows == base.vocabulary.rows
    for path in (made / "base").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    data = bytearray((tmp_path / "base.safetensors").read_bytes())
    data[-1] ^= 1
    (tmp_path / "base.safetensors").write_bytes(data)
    with pytest.raises(ConfigError, match="hash differs"):
        bases.load(tmp_path)
    with pytest.raises(ConfigError, match="no such file"):
        bases.load(made / "encoder")


@pytest.mark.parametrize("content", [None, b"no gzip", gzip.compress(b"[1]\n")], ids=["gone", "no gzip", "no row"])
def test_wikipedia_that_is_missing_or_malformed_is_named(tmp_path: Path, content: bytes | None) -> None:
    (tmp_path / "training").mkdir()
    if content is not None:
        (tmp_path / "training" / "wiki.jsonl.gz").write_bytes(content)
    with pytest.raises(ConfigError, match=r"wiki\.jsonl\.gz") as problem:
        training.train_encoder(_material(), tmp_path, tmp_path / "out")
    assert problem.value.hint


def test_a_lesson_asks_for_what_it_hides() -> None:
    vocabulary = learn(SENTENCES)
    source = pack(vocabulary, SENTENCES, 1.0)
    made = lesson([source], vocabulary.size, np.random.default_rng(1), batch=400)
    assert made.letters.shape == made.accents.shape == (400, WINDOW)
    shown = made.letters.ravel()[made.places]
    assert 0.6 < (shown == MASK).mean() < 0.9
    assert not made.accents.ravel()[made.places][shown == MASK].any()
    bare = (made.accents == 0).all(axis=1).mean()
    assert abs(bare - BARE_WINDOWS) < 0.1
    kept = shown != MASK
    accented = made.answers[kept] >= vocabulary.size
    assert accented.any()  # the accent that was taken away is asked for
    assert (made.answers[kept][~accented] == shown[kept][~accented]).all()


def test_typing_mistakes_are_small_and_repeatable() -> None:
    text = " ".join(SENTENCES[:4])
    one, other = (mistyped(text, np.random.default_rng(3)) for _ in range(2))
    assert one == other != text
    assert abs(len(one) - len(text)) < 0.1 * len(text)
    assert mistyped("", np.random.default_rng(1)) == ""


def test_only_running_text_of_an_article_is_taken() -> None:
    first, second = " ".join(SENTENCES[:2]), " ".join(SENTENCES[2:4])
    article = f"{first}\n== Nguồn gốc ==\nNgắn.\n{second}\n== Tham khảo ==\n{first}"
    lines = paragraphs(article)
    assert lines == [first, second]
    assert chosen(lines, "sông") == "\n".join(lines)
    assert len(chosen([*lines] * 60, "sông")) < 6_200
