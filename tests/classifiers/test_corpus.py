"""Our own corpus: what may not be in it, what may not meet, and that errors in a grammar say where they are."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from classifiers.training.corpus import Corpus, load_corpus
from classifiers.training.corpus.corpus import cluster_of, plain_key, split_templates
from classifiers.training.corpus.likeness import runs_of, shared_runs, texts_of
from classifiers.training.corpus.renderings import KINDS
from classifiers.training.corpus.templates import draw, parse
from classifiers.training.examples import Example, Split
from rasoat.errors import ConfigError
from rasoat.harms import Harm
from rasoat.settings import ROOT

FOLDER = ROOT / "data" / "training" / "corpus"
HOST = re.compile(
    r"\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|net|org|vn|info|xyz|top|vip|cc|club|icu|cfd|shop|online|site|live)\b(?![.-]\w)",
    re.IGNORECASE,
)
PHONE = re.compile(r"(?<![\d.,])(?:\+?84|0)[ .-]?[35789]\d(?:[ .-]?\d){7}(?!\d)")
FAKE = re.compile(r"(?:84|0)900\d{6}")  # the prefix 0900 was never given to a network
MINIMAL = """
scheme: {name}
harm: FRD
stance: script
about: a test
register: sms
each: 10
slots:
  thing: [xe, nhà, vàng, sách]
templates:
  - "Chuyển {{thing}} cho [tôi|mình] [ngay|liền] {{money}}"
"""


@lru_cache(maxsize=1)
def corpus() -> Corpus:
    return load_corpus(FOLDER)


@lru_cache(maxsize=1)
def some() -> tuple[Example, ...]:
    """A small share of the texts: every template, few texts each."""
    return tuple(corpus().generate(seed=3, share=0.05))


def test_every_harm_of_text_is_trained_and_tested_on_schemes_never_seen() -> None:
    kept = {harm for example in some() if example.split is Split.HELDOUT_SCHEMES for harm in example.harms}
    trained = {harm for example in some() if example.split is Split.TRAIN for harm in example.harms}
    assert trained == kept == {Harm(code) for code in ("FRD", "GAM", "SPM", "CFM", "ADV", "HAT", "HAR", "SEX", "PII", "SHM", "IMP")}
    assert any(not example.harms for example in some() if example.split is Split.HELDOUT_SCHEMES)


def test_held_out_schemes_and_their_twins_are_nowhere_else() -> None:
    for example in some():
        assert (example.scheme in corpus().held_out) == (example.split is Split.HELDOUT_SCHEMES)
    for scheme in corpus().schemes:
        if scheme.twin_of in corpus().held_out:
            assert scheme.scheme in corpus().held_out


def test_words_for_training_and_for_testing_never_meet() -> None:
    for scheme in corpus().schemes:
        train, test = corpus().words(scheme)
        for name in train:
            both = {word for word in set(train[name]) & set(test[name]) if re.search(r"\w", re.sub(r"\{\w+\}", "", word))}
            assert not both, (scheme.scheme, name, both)


def test_a_template_belongs_to_one_part_whatever_the_seed() -> None:
    where: dict[str, Split] = {}
    few = replace(corpus(), schemes=corpus().schemes[::8])
    for seed in (1, 2):
        for example in few.generate(seed=seed, share=0.05):
            if example.split in (Split.TRAIN, Split.CALIBRATION, Split.DEV) and example.register != "page":
                assert where.setdefault(example.cluster, example.split) is example.split
    assert set(where.values()) == {Split.TRAIN, Split.CALIBRATION, Split.DEV}


def test_no_text_is_written_twice() -> None:
    assert len({plain_key(example.text) for example in some()}) == len(some())


def test_links_and_numbers_belong_to_nobody() -> None:
    for example in some():
        assert not HOST.search(example.text), example.text[:200]
        for found in PHONE.findall(example.text):
            assert FAKE.search(re.sub(r"\D", "", found)), (example.scheme, found)


def test_nothing_of_the_expression_suite() -> None:
    files = sorted((ROOT / "data" / "expression").glob("*.yml"))
    own = runs_of(corpus(), draws=2)
    for path in files:
        assert shared_runs(own, texts_of(path)) == [], path.name
    assert not [path for path in FOLDER.rglob("*.yml") if "RASOAT-EXPR" in path.read_text(encoding="utf-8")]


def test_half_of_it_is_harmless_and_pages_are_long() -> None:
    assert sum(not example.harms for example in some()) >= 0.45 * len(some())
    pages = [len(example.text) for example in some() if example.register == "page"]
    assert min(pages) >= 1500
    assert 12_000 < max(pages) <= 20_500


def test_the_same_seed_gives_the_same_texts(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(MINIMAL.format(name="a"), encoding="utf-8")
    one, again, other = ([example.text for example in load_corpus(tmp_path).generate(seed=seed)] for seed in (1, 1, 2))
    assert one == again != other


def test_another_template_leaves_the_texts_of_the_first_alone() -> None:
    first = ["a {x}", "b {x}", "c"]
    assert cluster_of("s", "b {x}") in {cluster_of("s", text) for text in first}
    assert set(split_templates(first).values()) >= {Split.TRAIN}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("harm: CSE", "CSE"),
        ("harm: NONE", "stance"),
        ("colour: red", "colour"),
        ("register: leaflet", "register"),
        ('templates: ["[a|b"]', "closed"),
        ('templates: ["{nobody}"]', "nobody"),
        ("slots: {thing: {train: [a], test: [a]}}", "train and in test"),
        ("twin_of: ghost", "ghost"),
    ],
)
def test_an_error_names_file_and_what_is_wrong(tmp_path: Path, wrong: str, message: str) -> None:
    lines = [line for line in MINIMAL.format(name="a").strip().split("\n") if not line.startswith(wrong.partition(":")[0] + ":")]
    if wrong.startswith("slots"):
        lines = [line for line in lines if not line.startswith("  thing")]
    if wrong.startswith("templates"):
        lines = [line for line in lines if not line.startswith("  -")]
    (tmp_path / "bad.yml").write_text("\n".join([*lines, wrong]) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as found:
        load_corpus(tmp_path)
    assert message in str(found.value)
    assert "bad.yml" in str(found.value)


def test_brackets_without_a_bar_are_text_and_alternatives_nest() -> None:
    texts = {draw(parse("[QC] [a [b|c]|d] [x|]"), lambda name: name, random.Random(seed)) for seed in range(60)}
    assert texts == {"[QC] a b x", "[QC] a c x", "[QC] d x", "[QC] a b", "[QC] a c", "[QC] d"}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"upper"}))
def test_links_and_numbers_survive_typing(kind: str) -> None:
    for seed in range(30):
        made = KINDS[kind]("Bấm vào https://uudai.example/vn gọi 0900000123, chuyển 500.000đ", random.Random(seed))
        assert "https://uudai.example/vn" in made
        assert "0900000123" in made
