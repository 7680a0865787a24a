"""The frontier of one machine: its lock, its file, and pages that kill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.frontier import Frontier
from crawlers.targets import State, Target
from rasoat.errors import RetryLater, UsageError
from rasoat.settings import ROOT

START = Target("http://tin.example/")


def test_a_page_that_kills_every_time_is_given_up(tmp_path: Path) -> None:
    for number in range(20):
        with Frontier(tmp_path, "tin") as frontier:
            frontier.open_run(str(number), [START])
            assert frontier.claim() is not None
    with Frontier(tmp_path, "tin") as frontier:
        frontier.open_run("last", [START])
        assert frontier.claim() is None
        assert [(tally.state, tally.outcome) for tally in frontier.tallies()] == [(State.FAILED, "crash")]


def test_two_processes_on_one_source(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from crawlers.frontier import Frontier\n"
        f"with Frontier(Path({str(tmp_path)!r}), 'tin'): print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout
        assert other.stdout.readline() == "in\n"
        with pytest.raises(UsageError, match=f"'tin' is being crawled by another process .pid {other.pid}"), Frontier(tmp_path, "tin"):
            pass
        with Frontier(tmp_path, "khac"):
            pass
        other.kill()
    with Frontier(tmp_path, "tin") as frontier:
        assert frontier.open_run("a", []) is False


def test_a_frontier_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tin.sqlite3").write_bytes(b"this is no database, it only has its name" * 100)
    with pytest.raises(RetryLater, match="delete the file to start afresh"), Frontier(tmp_path, "tin"):
        pass
    (tmp_path / "tin.sqlite3").unlink()
    with Frontier(tmp_path, "tin"):
        pass


def test_the_lock_file_names_its_holder(tmp_path: Path) -> None:
    with Frontier(tmp_path, "tin"):
        assert (tmp_path / "tin.lock").read_text() == f"pid {os.getpid()}"
