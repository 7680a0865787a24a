"""What every test shares: a home of its own, a clock that stands still, and no network but loopback."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from rasoat.clock import FixedClock, Ids
from rasoat.settings import ROOT, Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a fresh home."""
    return Settings(home=tmp_path / "home")


@pytest.fixture
def clock() -> FixedClock:
    """1 January 2026, until told otherwise."""
    return FixedClock()


@pytest.fixture
def ids() -> Ids:
    """A repeatable series of UUIDs."""
    return Ids(seed=1)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The shipped data."""
    return ROOT / "data"


@pytest.fixture
def free_port() -> int:
    """A loopback port that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network is wrong: connecting to anything but loopback fails at once."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
