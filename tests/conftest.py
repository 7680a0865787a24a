"""What every test shares: a home of its own, a clock that stands still, and no network but loopback."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rasoat.clock import FixedClock, Ids
from rasoat.settings import ROOT, Settings
from tests.services import copied_database, made_database


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--database postgresql` runs what uses a store on the server of `make services`."""
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="which database the stores of the tests use")


def pytest_configure() -> None:
    """Started in the background by a script, a run ignores Ctrl-C, and so would every process that the tests interrupt."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests in the words of one database run on that one: said by their mark, left out of the other's run as a whole."""
    other = "sqlite_only" if config.getoption("--database") == "postgresql" else "postgresql_only"
    left = [item for item in items if item.get_closest_marker(other)]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker(other)]


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Settings with a fresh home, and with `--database postgresql` a fresh database."""
    home = tmp_path / "home"
    if request.config.getoption("--database") == "sqlite":
        yield Settings(home=home)
        return
    template = request.getfixturevalue("migrated_database")
    with copied_database(template) as url:
        yield Settings(home=home, database_url=url)


@pytest.fixture(scope="session")
def migrated_database() -> Iterator[str]:
    """A database with the schema of today, to be copied."""
    with made_database() as name:
        yield name


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
