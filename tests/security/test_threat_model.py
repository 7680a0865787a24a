"""The threat model names its proofs: every test and every file that it points at is there."""

from __future__ import annotations

import ast
import re

import pytest

from rasoat.settings import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
TESTS = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
FILES = re.compile(r"`((?:rasoat|crawlers|review_ui|flows|requirements|scripts)/[\w/.-]+)`")


@pytest.mark.parametrize(("file", "name"), sorted(set(TESTS.findall(TEXT))))
def test_every_proof_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    assert tests
    assert not name or name in tests


def test_every_control_stands_where_the_page_says() -> None:
    assert [file for file in FILES.findall(TEXT) if not (ROOT / file).exists()] == []


def test_every_line_of_a_table_of_threats_has_a_proof() -> None:
    """A control without a test is a hope."""
    tables = re.findall(r"^\| threat .*\n\|[-|]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    assert len(rows) > 15
    assert [row for row in rows if not TESTS.search(row)] == []
