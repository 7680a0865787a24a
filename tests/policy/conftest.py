"""A copy of the shipped policy that a test may break, and a way to add one ground to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

GROUND = {
    "id": "VN-CPL-99",
    "area": "consumer_protection",
    "instrument": {"vi": "Luật Thử Nghiệm 2024", "en": "Law on Trials 2024"},
    "article": "Điều 4",
    "title": {"vi": "Lừa người mua", "en": "Deceiving buyers"},
    "codes": ["FRD"],
    "territory": "VN",
    "as_of": "2026-11-22",
    "source_state": "M",
}
"""A ground that nobody objects to: each test changes one thing of it."""


@pytest.fixture
def copy(tmp_path: Path, data_dir: Path) -> Path:
    """A data folder with the shipped policy in it."""
    shutil.copytree(data_dir / "policy", tmp_path / "data" / "policy")
    return tmp_path / "data"


@pytest.fixture
def add_ground(copy: Path) -> Callable[..., Path]:
    """Adds the harmless ground, changed, to the copy's allow-list, and returns the copy."""

    def add(**changes: object) -> Path:
        path = copy / "policy" / "legal_grounds.yml"
        ground = {key: value for key, value in {**GROUND, **changes}.items() if value is not None}
        lines = yaml.safe_dump([ground], allow_unicode=True, sort_keys=False)
        path.write_text(path.read_text("utf-8") + "".join(f"  {line}\n" for line in lines.splitlines()), "utf-8")
        return copy

    return add


@pytest.fixture
def edit(copy: Path) -> Callable[[str, str, str], Path]:
    """Replaces words in one file of the copy, once, and returns the copy."""

    def replace(name: str, old: str, new: str) -> Path:
        path = copy / "policy" / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return copy

    return replace
