"""What published labels are allowed to teach: never that an insult at an official, or a label by itself, is a harm."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import yaml

from classifiers.linear.gate import Gate, GateFile
from classifiers.training.labels import FILE, key_of, meaning, read_judgements
from rasoat.errors import ConfigError
from rasoat.harms import Harm
from rasoat.settings import ROOT

TRAINING = ROOT / "data" / "training"
GATE = Gate.of(GateFile(kinds={"group": ("bac ky", "dong tinh")}))


def test_a_label_alone_is_never_a_harm() -> None:
    for text in ("Lũ quan tham mất dạy, cút hết đi", "Đm thằng ngu", "bọn bắc kỳ", "ông chủ tịch xã là đồ bắc kỳ ăn hại"):
        made = meaning(text, offensive=True, hateful=True, gate=GATE)
        assert not made.harms


def test_an_insult_at_officials_stays_a_full_lesson_of_what_is_harmless() -> None:
    made = meaning("Bọn quan chức ăn tiền dân, súc vật", offensive=True, hateful=True, gate=GATE)
    assert made.weights.get(Harm.HAT, 1.0) == 1.0
    assert made.weights.get(Harm.HAR, 1.0) == 1.0


def test_an_unread_row_that_names_a_group_teaches_nothing_about_hate() -> None:
    assert meaning("bắc kỳ đấy", offensive=True, hateful=True, gate=GATE).weights[Harm.HAT] == 0.0


def test_a_reader_decides() -> None:
    text = "bọn đồng tính đáng bị nhốt hết"
    assert meaning(text, offensive=True, hateful=True, gate=GATE, judged={key_of(text): Harm.HAT}).harms == {Harm.HAT}
    denied = meaning(text, offensive=True, hateful=True, gate=GATE, judged={key_of(text): None})
    assert not denied.harms
    assert Harm.HAT not in denied.weights  # full weight


def test_every_judgement_names_a_row_that_is_there() -> None:
    judged = read_judgements(TRAINING / FILE)
    rows = {name: gzip.decompress((TRAINING / f"{name}.jsonl.gz").read_bytes()).splitlines() for name in ("vihos", "safesense")}
    for line in (TRAINING / FILE).read_text(encoding="utf-8").splitlines()[1:]:
        name, row, key, _ = line.split("\t")
        assert key_of(json.loads(rows[name][int(row)])["text"]) == key
    assert {Harm.HAT, Harm.HAR, None} == set(judged.values())


@pytest.mark.parametrize("line", ["vihos 1 abc HAT", "vihos\t1\tabcdef12\tPOLITICS", "vihos\t1\tHAT"])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / FILE
    path.write_text(f"# head\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_judgements(path)
    assert ":2" in str(error.value)


def test_groups_name_no_state_party_or_camp() -> None:
    groups = yaml.safe_load((ROOT / "classifiers" / "training" / "groups.yml").read_text(encoding="utf-8"))
    names = {name for kind in groups.values() for name in kind}
    assert not names & {"cong an", "chinh quyen", "dang vien", "bo do", "ba que", "cong san", "quan chuc", "nha bao"}
