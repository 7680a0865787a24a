"""The guide is a test: it leaves a pack that verifies, in an empty home, and changes by one byte are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.conftest import Cli


@pytest.mark.serial
@pytest.mark.timeout(180)
def test_the_tour_leaves_a_pack_that_verifies(cli: Cli, tmp_path: Path) -> None:
    done = cli("tour", "--out", str(tmp_path / "tour"), timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    for told in ("claims", "blind", "refuses", "approves", "publisher", "sealed"):
        assert told in done.stdout
    [pack] = (tmp_path / "tour").glob("*.zip")
    assert cli("verify", str(pack)).returncode == 0
    assert cli("cases", "--check", "--limit", "500").returncode == 0
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 1
    pack.write_bytes(raw)
    assert cli("verify", str(pack)).returncode in (1, 2)
