"""`bench.research` on small made-up files of each form: columns, the last line, the files written, the same again, refusals."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest

from bench import research
from bench.recipes.forms import FORMS, Form, read_rows
from bench.recipes.stack import biases, decided, folds, macro_f1

MARKERS = ("trời đẹp quá", "đồ dở hơi", "cút đi cho khuất", "mua ngay kẻo hết")
FILL = ("hôm nay", "ngoài chợ", "bà hàng xóm", "con mèo", "ấm trà", "cái xe đạp", "sáng sớm", "mưa rồi", "nhà bên", "ghế gỗ")


def table(path: Path, form: Form, count: int, seed: int, *, without: str = "") -> None:
    """A file whose labels can be learned: each class has a wording of its own."""
    dice = random.Random(seed)
    rows = []
    for i in range(count):
        k = i % len(form.classes)
        text = " ".join([*dice.sample(FILL, 3), MARKERS[k], *dice.sample(FILL, 2)])
        row = {form.text: text, form.label: form.classes[k]}
        row |= {form.title: "Chuyện phường A"} if form.title else {}
        row |= {name: dice.choice("15") for name in form.categories}
        row |= {form.helper[0]: str(k % len(form.helper[1]))} if form.helper[0] else {}
        rows.append({name: value for name, value in row.items() if name != without})
    with path.open("w", encoding="utf-8", newline="") as lines:
        out = csv.DictWriter(lines, list(rows[0]))
        out.writeheader()
        out.writerows(rows)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    form = FORMS[getattr(request, "param", "vihsd")]
    table(tmp_path / "train.csv", form, 60, 1)
    table(tmp_path / "test.csv", form, 16, 2)
    return tmp_path


def asked(name: str, folder: Path, *more: str, test: str = "test.csv") -> list[str]:
    quick = ("--folds", "2", "--threads", "1")
    return ["--dataset", name, "--train", str(folder), "--test", str(folder / test), "--out", str(folder / "out"), *quick, *more]


@pytest.fixture(autouse=True)
def _no_shipped_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(research, "ROOT", tmp_path)  # the project's own texts are many, and not what is tested here


@pytest.mark.parametrize("folder", sorted(FORMS), indirect=True)
def test_every_form_gives_a_figure_last_and_its_predictions(
    folder: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["folder"]
    assert research.main(asked(name, folder, "--members", "linear")) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    figures = json.loads((folder / "out" / "figures.json").read_text(encoding="utf-8"))
    assert last == f"macro_f1: {figures['test']['ensemble']:.4f}"
    assert figures["test"]["ensemble"] == 1.0  # each class has words of its own
    with (folder / "out" / "predictions.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    truth = read_rows(folder / "test.csv", FORMS[name])
    assert [row["label"] for row in rows] == [FORMS[name].classes[k] for k in truth.labels]
    assert {row["prediction"] for row in rows} <= set(FORMS[name].classes)


def test_the_networks_take_part_and_the_same_seed_gives_the_same_predictions(folder: Path) -> None:
    made = []
    for _ in range(2):
        assert research.main(asked("vihsd", folder, "--members", "convolution")) == 0
        made.append((folder / "out" / "predictions.csv").read_bytes())
    assert made[0] == made[1]
    assert "convolution" in json.loads((folder / "out" / "figures.json").read_text(encoding="utf-8"))["test"]


def test_the_encoder_is_pretrained_on_the_training_texts_and_takes_part(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(folder / "train.csv", FORMS["vihsd"], 180, 1)
    assert research.main(asked("vihsd", folder, "--members", "encoder", "--steps", "1")) == 0
    out = capsys.readouterr().out
    assert "pieces to read" in out
    assert "encoder: fold 2 of 2" in out
    assert "encoder" in json.loads((folder / "out" / "figures.json").read_text(encoding="utf-8"))["test"]


def test_dev_joins_the_training_rows_unless_it_is_the_test_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(folder / "dev.csv", FORMS["vihsd"], 12, 3)
    assert research.main(asked("vihsd", folder, "--members", "linear")) == 0
    assert "train.csv and dev.csv (60 + 12 rows)" in capsys.readouterr().out
    (folder / "copy.csv").write_bytes((folder / "dev.csv").read_bytes())
    assert research.main(asked("vihsd", folder, "--members", "linear", test="copy.csv")) == 0
    assert "dev.csv, which was used for nothing else" in capsys.readouterr().out


def test_without_a_test_file_the_figure_is_cross_validated(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [word for word in asked("vihsd", folder, "--members", "linear") if word not in ("--test", str(folder / "test.csv"))]
    assert research.main(arguments) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[-1].startswith("macro_f1: ")
    assert "cross-validated inside the training rows" in out[-2]
    assert not (folder / "out" / "predictions.csv").exists()


def test_tabs_are_read_and_extra_columns_may_be_missing_from_the_test_file(tmp_path: Path) -> None:
    form = FORMS["victsd"]
    table(tmp_path / "train.csv", form, 60, 1)
    rows = [["Comment", "Toxicity"], ["trời đẹp quá hôm nay", "0"], ["đồ dở hơi con mèo", "1"]] * 1
    (tmp_path / "test.tsv").write_text("\n".join("\t".join(row) for row in rows) + "\n", encoding="utf-8")
    assert research.main(asked("victsd", tmp_path, "--members", "linear", test="test.tsv")) == 0
    figures = json.loads((tmp_path / "out" / "figures.json").read_text(encoding="utf-8"))
    assert figures["test_rows"] == 2


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("text,label\nchào,0\n", "no column free_text, label_id (it has: text, label)"),
        ("free_text,label_id\n", "has no row"),
        ("free_text,label_id\nchào,7\n", "row 1: label_id is '7', not one of 0, 1, 2"),
        ("", "no column"),
    ],
)
def test_a_file_of_another_form_is_refused(folder: Path, capsys: pytest.CaptureFixture[str], content: str, complaint: str) -> None:
    (folder / "bad.csv").write_text(content, encoding="utf-8")
    assert research.main(asked("vihsd", folder, test="bad.csv")) == 2
    assert complaint in capsys.readouterr().err


def test_what_is_not_there_or_no_text_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert research.main(asked("vihsd", folder, test="none.csv")) == 2
    assert "none.csv: cannot be read" in capsys.readouterr().err
    (folder / "bytes.csv").write_bytes(b"\xff\xfe\x00\x01,\x80")
    assert research.main(asked("vihsd", folder, test="bytes.csv")) == 2
    assert "not a table in UTF-8" in capsys.readouterr().err
    assert research.main(asked("vihsd", folder / "nowhere")) == 2
    assert "no such folder" in capsys.readouterr().err
    table(folder / "train.csv", FORMS["vihsd"], 1, 1)
    assert research.main(asked("vihsd", folder)) == 2
    assert "at least two classes" in capsys.readouterr().err


def test_headlines_lose_the_outlet_that_would_tell_their_label(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("title,label\nMưa to - Báo Giấy Dán,clickbait\nĐội A 4-1 Đội B,non-clickbait\n", encoding="utf-8")
    assert read_rows(tmp_path / "a.csv", FORMS["viclickbait"]).texts == ("Mưa to", "Đội A 4-1 Đội B")


def test_biases_find_a_rare_class_that_is_always_outvoted() -> None:
    dice = np.random.default_rng(0)
    labels = (dice.random(400) < 0.1).astype(np.int64)
    rare = np.where(labels == 1, dice.normal(0.35, 0.05, 400), dice.normal(0.15, 0.05, 400)).clip(0.01, 0.49)
    scores = np.stack([1 - rare, rare], axis=1)
    assert macro_f1(labels, decided(scores, np.zeros(2)), 2) < 0.5
    assert macro_f1(labels, decided(scores, biases(scores, labels, 2)), 2) > 0.9


def test_folds_are_fewer_when_a_class_is_rare() -> None:
    assert len(folds(np.array([0] * 20 + [1] * 3), 5, 1)) == 3
