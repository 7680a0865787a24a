"""`rasoat project --follow` as a process of its own: what changes is found soon after, and it ends as it is told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from flows.runtime import open_runtime
from flows.stages import project as stage
from rasoat.cases import commands as c
from rasoat.errors import RetryLater
from rasoat.ports import SearchQuery
from rasoat.settings import Settings
from rasoat.store import Store, open_store
from tests.flows.conftest import Cli, environment
from tests.store.makers import hire, open_case


def _indexed(store: Store, **fields: tuple[str, ...]) -> int:
    return store.search.search(SearchQuery(limit=1, **fields)).total  # type: ignore[arg-type]


def _until(store: Store, wanted: int, **fields: tuple[str, ...]) -> None:
    deadline = time.monotonic() + 60
    while _indexed(store, **fields) != wanted:
        assert time.monotonic() < deadline, "it is not in the index"
        time.sleep(0.05)


@pytest.mark.serial
@pytest.mark.timeout(180)
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_what_changes_is_found_while_it_follows_and_it_stops_when_told(settings: Settings, sign: signal.Signals) -> None:
    command = [sys.executable, "-m", "flows", "project", "--follow"]
    process = subprocess.Popen(command, env=environment(settings.home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("Following")
        with open_store(settings) as store:
            case_id = open_case(store)
            _until(store, 1, states=("triage",))
            store.cases.apply(case_id, c.Claim(), hire(store)["an"])
            _until(store, 0, states=("triage",))
            assert _indexed(store) == 1
        process.send_signal(sign)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert out.strip().endswith("2 changes carried to the index")
    assert '"event": "project.fresh"' in err


def test_once_carries_what_waits(cli: Cli, settings: Settings) -> None:
    with open_store(settings) as store:
        open_case(store)
        done = cli("project")
        assert (done.returncode, done.stdout.strip()) == (0, "1 changes carried to the index")
        assert _indexed(store) == 1


def test_an_index_that_is_away_is_waited_for(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    answers: Iterator[int | RetryLater] = iter([RetryLater("away"), RetryLater("away"), 3, 0, RetryLater("away"), 0, 0])

    class Short(stage.Stop):
        def wait(self, seconds: float) -> None:
            pauses.append(seconds)
            self.asked = len(pauses) == 6

    def answer(_limit: int) -> int:
        given = next(answers)
        if isinstance(given, RetryLater):
            raise given
        return given

    with open_runtime(settings) as rt:
        monkeypatch.setattr(rt.store, "project", answer)
        assert stage.follow(rt, Short()) == 3
    assert pauses == [0.1, 0.2, 0.1, 0.1, 0.2, 0.4]
