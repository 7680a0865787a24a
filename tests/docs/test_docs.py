"""Documentation is tested: reference pages are current, links resolve, commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from flows.cli import app
from rasoat.settings import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "data").rglob("README.md")])
LINK = re.compile(r"\]\(([^)#]+?)(?:#[^)]*)?\)")
COMMAND = re.compile(r"(?:^|`|bin/)rasoat ((?:[a-z-]+ ?){1,2})", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_resolve(page: Path) -> None:
    prose = re.sub(r"`[^`]*`", "", page.read_text("utf-8"))
    targets = [target for target in LINK.findall(prose) if "://" not in target and not target.startswith("mailto:")]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_exist(page: Path) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for words in COMMAND.findall(page.read_text("utf-8")):
        name, *rest = words.split()
        assert name in known, f"rasoat {name}"
        inner = getattr(known[name], "commands", None)
        if inner is not None and rest:
            assert rest[0] in inner, f"rasoat {name} {rest[0]}"


def test_reference_pages_are_current() -> None:
    done = subprocess.run([sys.executable, str(ROOT / "scripts" / "docs.py"), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_both_readmes_have_the_same_sections() -> None:
    english, vietnamese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.vi.md"))
    assert len(re.findall(r"^## ", english, re.MULTILINE)) == len(re.findall(r"^## ", vietnamese, re.MULTILINE))
