"""What `make run` runs, as a newcomer and a script see it: the address, the health page, a taken port, Ctrl-C, a second start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from rasoat.settings import Settings
from rasoat.store import open_store
from tests.flows.conftest import Cli, environment

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]


class _Run:
    """`rasoat review --demo` in a process group of its own, as a terminal starts it."""

    def __init__(self, settings: Settings, port: int, log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows", "review", "--demo"],
                env=environment(settings.home, RASOAT_PORT=str(port)),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def told(self) -> str:
        return self.log.read_text("utf-8")

    def wait_for(self, words: str, seconds: float = 100) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.told():
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.05)

    def ctrl_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(20)


def _counts(settings: Settings) -> dict[str, int]:
    with open_store(settings) as store:
        return store.counts()


def test_the_site_starts_serves_stops_and_starts_again_without_repeating(
    settings: Settings, free_port: int, tmp_path: Path, cli: Cli
) -> None:
    early = _Run(settings, free_port, tmp_path / "early.log")
    early.wait_for("Demo web:")
    time.sleep(0.3)
    assert early.ctrl_c() in (130, -signal.SIGINT)
    assert "Traceback" not in early.told()

    first = _Run(settings, free_port, tmp_path / "first.log")
    try:
        first.wait_for(f"Review site: http://127.0.0.1:{free_port}\n")
        health = httpx.get(f"http://127.0.0.1:{free_port}/healthz").json()
        assert health["status"] == "ok"
        assert "password" in first.told()
        assert '"event"' not in first.told().partition("Review site:")[0]  # preparing tells people, and logs when asked to
        taken = cli("review", RASOAT_PORT=str(free_port))
        assert taken.returncode == 64
        assert "taken" in taken.stderr
        assert "RASOAT_PORT" in taken.stderr
        counts = _counts(settings)
    finally:
        assert first.ctrl_c() in (0, 130, -signal.SIGINT)
    assert "Traceback" not in first.told()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{free_port}/healthz")

    second = _Run(settings, free_port, tmp_path / "second.log")
    second.wait_for("Review site:")
    second.ctrl_c()
    assert _counts(settings) == counts
    assert "import bundled posts" not in second.told()


def test_a_log_in_form_under_load_lets_people_in_and_the_site_goes_on(settings: Settings, free_port: int, tmp_path: Path) -> None:
    run = _Run(settings, free_port, tmp_path / "run.log")
    site = f"http://127.0.0.1:{free_port}"
    stop = threading.Event()
    answers: list[int] = []

    def flood(n: int) -> None:
        with httpx.Client(base_url=site, timeout=60) as web:
            while not stop.is_set():
                token = web.get("/login.json").json()["csrf"]
                form = {"login": f"nobody{n}", "password": "khong-phai-mat-khau", "csrf": token}
                answers.append(web.post("/login", data=form).status_code)

    try:
        run.wait_for("Review site:")
        threads = [threading.Thread(target=flood, args=(n,), daemon=True) for n in range(12)]
        for thread in threads:
            thread.start()
        slowest = 0.0
        for _ in range(20):
            began = time.monotonic()
            assert httpx.get(f"{site}/healthz", timeout=10).status_code == 200
            slowest = max(slowest, time.monotonic() - began)
        stop.set()
        for thread in threads:
            thread.join(60)
        assert slowest < 5
        assert set(answers) <= {401, 429}
        assert len(answers) > 12
        assert httpx.get(f"{site}/healthz").json()["status"] == "ok"
    finally:
        stop.set()
        run.ctrl_c()
    assert "Traceback" not in run.told()
