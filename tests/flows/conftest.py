"""Homes, the command line as a user calls it, and a real Prefect server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rasoat.settings import ROOT, Settings

Cli = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a child: this one, another home, nothing of ours left over."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RASOAT_", "PREFECT_", "COV_"))}
    return {**clean, "RASOAT_HOME": str(home), "PYTHONUNBUFFERED": "1", "COLUMNS": "160", **more}


@pytest.fixture
def cli(settings: Settings) -> Cli:
    """`cli("crawl", …)` runs `rasoat crawl …` in the test's own home."""

    def call(*arguments: str, timeout: float = 110, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "flows.cli", *arguments],
            env=environment(settings.home, **more),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    return call


@pytest.fixture
def small_data(tmp_path: Path) -> Path:
    """The shipped data with two demo sources instead of all, so that a day of flows is short."""
    data = tmp_path / "data"
    data.mkdir()
    for child in (ROOT / "data").iterdir():
        if child.name != "sources":
            (data / child.name).symlink_to(child)
    sources = sorted((ROOT / "data" / "sources").glob("demo-*"))
    for source in sources[:2]:
        shutil.copytree(source, data / "sources" / source.name)
    return data


@pytest.fixture
def prefect_server(tmp_path: Path, free_port: int) -> Iterator[str]:
    """A real Prefect server on loopback; yields its API address."""
    with running_prefect(tmp_path, free_port) as url:
        yield url


@contextmanager
def running_prefect(folder: Path, port: int, **more: str) -> Iterator[str]:
    """A real Prefect server with its files in `folder`."""
    url = f"http://127.0.0.1:{port}/api"
    own = {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
    log = (folder / "prefect.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env=environment(folder / "unused", **own, **more),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + 150
        while True:
            try:
                if httpx.get(f"{url}/health", timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the Prefect server did not start:\n" + (folder / "prefect.log").read_text())
            time.sleep(0.3)
        yield url
    finally:
        server.terminate()
        server.wait(30)
        log.close()
