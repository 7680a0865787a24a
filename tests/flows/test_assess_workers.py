"""`rasoat assess --workers`: several processes share one inbox; one that is killed costs nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from flows.runtime import Runtime
from flows.stages.assess import AssessReport
from rasoat.items import ItemKind, Platform, item_id
from rasoat.settings import Settings
from rasoat.store import open_store
from tests.flows.conftest import Cli, environment
from tests.flows.test_cli_kill import PLAIN, SCAM
from tests.store.makers import make_item

MANY = 600


@pytest.fixture
def waiting(settings: Settings) -> None:
    """An inbox as an import leaves it."""
    with open_store(settings) as store:
        pattern = replace(make_item(store), captures=())
        for n in range(MANY):
            text = SCAM.format(n, n * 7) if n % 5 == 0 else PLAIN.format(n)
            locator = f"https://vi-du.example/{n}"
            named = replace(pattern, id=item_id(Platform.FACEBOOK, ItemKind.COMMENT, locator), locator=locator, url=locator)
            store.inbox.put(replace(named, text=text, verbatim=text), run_id="r")


@pytest.mark.serial
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("waiting")
def test_workers_share_the_work_and_what_a_killed_one_held_is_finished(cli: Cli, settings: Settings) -> None:
    command = [sys.executable, "-m", "flows", "assess", "--workers", "2", "--json"]
    parent = subprocess.Popen(command, env=environment(settings.home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with open_store(settings) as store:
        while not (victims := _children(parent.pid)) or store.counts()["assessed"] == 0:
            assert parent.poll() is None, "it was still at work"
            time.sleep(0.1)
        os.kill(victims[0], signal.SIGKILL)
        _out, err = parent.communicate(timeout=380)
        assert parent.returncode == 0, err
        assert "exit code -9" in err
        counts = store.counts()
        assert (counts["items"], counts["assessed"], counts["pending"]) == (MANY, MANY, 0)
        assert counts["flagged"] + counts["dropped"] == MANY
        assert store.check() == []
    assert list(settings.home.glob("worker-*.lock")) == []


@pytest.mark.serial
@pytest.mark.timeout(400)
@pytest.mark.usefixtures("waiting")
def test_the_workers_reports_add_up(cli: Cli, settings: Settings) -> None:
    done = cli("assess", "--limit", "450", "--json", RASOAT_ASSESS_WORKERS="2")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["assessed"] == 450 == report["flagged"] + report["dropped"]
    with open_store(settings) as store:
        counts = store.counts()
        assert (counts["assessed"], counts["flagged"], counts["pending"]) == (450, report["flagged"], MANY - 450)


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def test_a_flow_assesses_in_as_many_processes_as_its_machine_says(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import prefect_shown, prefect_steps
    from flows.stages import assess_workers

    asked: list[int] = []

    def in_workers(_rt: Runtime, workers: int) -> AssessReport:
        asked.append(workers)
        return AssessReport(assessed=3, dropped=3)

    shown: dict[str, dict[str, int]] = {}
    monkeypatch.setattr(assess_workers, "assess_in_workers", in_workers)
    monkeypatch.setattr(prefect_shown, "counts", lambda key, counts: shown.update({key: counts}))
    monkeypatch.setattr(prefect_shown, "opened_cases", lambda *_: None)
    for name, value in environment(settings.home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RASOAT_ASSESS_WORKERS", "3")
    prefect_steps.assess_inbox.fn()
    assert asked == [3]
    assert shown["assessed"]["assessed"] == 3
