"""A file of ours that is nested without end: every reader says where. The parser alone would end the process without a word."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from classifiers.rules.problems import Problems
from classifiers.rules.reader import Reader
from crawlers.demo_web.sites import load_sites
from crawlers.sources import load_sources
from rasoat.errors import ConfigError
from rasoat.messages import Messages
from rasoat.yamlfile import MAX_DEPTH, read_document
from review_ui.sources import titles

DEPTH = 100_000
DEEP = {
    "brackets": "a:\n  b: " + "[" * DEPTH,
    "closed brackets": "a:\n  b: " + "[" * DEPTH + "]" * DEPTH,
    "braces": "a:\n  b: " + "{a: " * DEPTH,
    "dashes": "a:\n  b:\n    " + "- " * DEPTH + "x",
    "indents": "a:\n" + "\n".join(" " * n + "b:" for n in range(1, 1200)),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=list(DEEP))
def test_a_deep_file_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deep.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=f"nested more than {MAX_DEPTH} deep") as raised:
        read_document(path)
    assert raised.value.place is not None
    assert raised.value.place.line is not None
    assert raised.value.place.line >= 2


def _source(folder: Path) -> object:
    return load_sources(folder)


def _site(folder: Path) -> object:
    return load_sites(folder)


def _words(folder: Path) -> object:
    return Messages.load(folder, "vi")


@pytest.mark.parametrize(
    ("read", "where"),
    [(_source, "sources/a/source.yml"), (_site, "demo/sites/a.example/site.yml"), (_words, "messages/vi/ui.yml")],
)
def test_every_reader_of_settings_says_so(tmp_path: Path, read: Callable[[Path], object], where: str) -> None:
    path = tmp_path / where
    path.parent.mkdir(parents=True)
    path.write_text(DEEP["brackets"], "utf-8")
    with pytest.raises(ConfigError, match="nested more than"):
        read(tmp_path)


def test_rules_and_titles_live_on(tmp_path: Path) -> None:
    """A rule file is one problem among those that are collected; a source without a title is called by its name."""
    path = tmp_path / "frd.yml"
    path.write_text(DEEP["dashes"], "utf-8")
    problems = Problems(tmp_path)
    assert Reader(problems, {}).rules(path) == []
    assert "nested more than" in str(problems.found[0])
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "source.yml").write_text(DEEP["braces"], "utf-8")
    assert titles(tmp_path) == {}


def test_the_command_ends_with_one_line_and_not_with_a_signal(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "sources" / "a"
    folder.mkdir(parents=True)
    (folder / "source.yml").write_text(DEEP["brackets"], "utf-8")
    names = {"RASOAT_HOME": str(tmp_path / "home"), "RASOAT_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-m", "flows", "crawl", "a"]
    done = subprocess.run(command, env=names, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 65, done.stderr
    assert "source.yml:2" in done.stderr.replace("line ", "")
    assert "Traceback" not in done.stderr
