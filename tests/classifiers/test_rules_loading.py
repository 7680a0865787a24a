"""Rule files are checked like a program: every problem at once, each with its place and a hint. The wording is part of the test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classifiers.rules import RuleFileError, RuleSet, regexes
from rasoat.errors import ConfigError
from rasoat.settings import ROOT

BROKEN = Path(__file__).parent / "broken_rules"


def test_every_problem_is_told_in_one_go(tmp_path: Path) -> None:
    shutil.copytree(BROKEN, tmp_path / "rules", ignore=shutil.ignore_patterns("*.txt"))
    with pytest.raises(RuleFileError) as caught:
        RuleSet.load(tmp_path)
    assert str(caught.value) == (BROKEN / "expected.txt").read_text("utf-8").rstrip("\n")
    assert caught.value.exit_code == 65
    assert caught.value.place == caught.value.problems[0].place


def test_not_yaml_and_not_utf8_say_where(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "frd.yml").write_text("harm: FRD\nrules: [", "utf-8")
    (rules / "gam.yml").write_bytes(b"harm: \xff")
    with pytest.raises(RuleFileError) as caught:
        RuleSet.load(tmp_path)
    assert len(caught.value.problems) == 2
    told = [str(problem) for problem in caught.value.problems]
    assert any("rules/frd.yml:" in text and "not YAML" in text for text in told)
    assert any("rules/gam.yml:1" in text and "not UTF-8" in text for text in told)


def test_no_files_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no rule files"):
        RuleSet.load(tmp_path)


@pytest.mark.parametrize(
    "source", ["a*", "a+b", "a{3,}", "(a{1,90}){1,90}", r"(a)\1", "x?", "[", "a{500}", "(?:(?:a{1,30}b{1,2}){1,30}c){1,3}"]
)
def test_patterns_that_may_run_away_are_refused(source: str) -> None:
    pattern, message, _hint = regexes.check(source)
    assert pattern is None
    assert message


def test_a_bounded_pattern_is_taken() -> None:
    pattern, message, _hint = regexes.check(r"\b\d{2,4}(?:bet|win)\b")
    assert pattern is not None
    assert not message


def test_versions_follow_the_files(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "rules", tmp_path / "rules")
    shutil.copytree(ROOT / "data" / "lexicons", tmp_path / "lexicons")
    first = RuleSet.load(tmp_path)
    assert first.version == RuleSet.load(ROOT / "data").version
    path = tmp_path / "rules" / "frd.yml"
    path.write_text(path.read_text("utf-8") + "\n# a remark\n", "utf-8")
    second = RuleSet.load(tmp_path)
    assert second.version != first.version
    assert second.lexicon_version == first.lexicon_version
