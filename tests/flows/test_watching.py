"""Metrics for a machine without a site, and a source that is started beside it: at once for whoever asks, the same work as by command."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from flows.exporter import serve
from flows.runtime import open_runtime
from flows.starting import Desk
from rasoat.errors import UsageError
from rasoat.settings import Settings
from rasoat.store import open_store
from tests.flows.conftest import Cli, environment

pytestmark = [pytest.mark.serial, pytest.mark.timeout(240)]
TOKEN = "ma-truy-cap-rat-dai-0123456789"


@contextmanager
def exporter(settings: Settings, port: int, **more: str) -> Iterator[str]:
    command = [sys.executable, "-m", "flows", "metrics", "--port", str(port)]
    process = subprocess.Popen(command, env=environment(settings.home, **more), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("Metrics: ")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, 130)
        process.stdout.close()


def test_metrics_are_printed_once_without_a_port(cli: Cli) -> None:
    done = cli("metrics")
    assert done.returncode == 0, done.stderr
    assert "rasoat_store_up 1.0" in done.stdout
    assert 'rasoat_source_health{health="never",source="demo-benxa"} 1.0' in done.stdout


def test_a_worker_serves_its_metrics_to_the_token_and_nothing_else(settings: Settings, free_port: int, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)
    with exporter(settings, free_port, RASOAT_METRICS_TOKEN_FILE=str(file)) as url:
        assert httpx.get(f"{url}/metrics").status_code == 403
        told = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert told.status_code == 200
        assert "rasoat_index_lag_changes 0.0" in told.text
        assert httpx.get(f"{url}/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def test_without_a_token_metrics_are_not_served_to_others(settings: Settings, free_port: int) -> None:
    with open_runtime(settings) as rt, pytest.raises(UsageError, match="RASOAT_METRICS_TOKEN_FILE"):
        serve(rt, "0.0.0.0", free_port, ready=lambda: None)


def test_a_source_that_is_started_is_collected_beside_whoever_asked(settings: Settings, small_data: Path) -> None:
    source = sorted((small_data / "sources").iterdir())[0].name
    with open_store(settings):
        pass
    desk = Desk(settings.model_copy(update={"data": small_data}))
    began = time.monotonic()
    assert desk.start(source)
    assert time.monotonic() - began < 2  # a child was made, nothing was waited for
    assert not desk.start(source)
    assert desk.under_way() == {source}
    while desk.under_way():
        time.sleep(0.2)
    with open_store(settings) as store:
        runs = store.measures.crawls()[source]
        counts = store.counts()
    assert runs.last.state == "finished", runs.last.problem
    assert runs.last.counts["with_text"] > 0
    assert (counts["pending"], counts["unprojected"]) == (0, 0)
    assert counts["assessed"] > 0


def test_collect_assesses_what_came_even_when_the_source_failed(cli: Cli, small_data: Path) -> None:
    source = sorted((small_data / "sources").iterdir())[0]
    file = source / "source.yml"
    file.write_text(file.read_text("utf-8").replace("min_items: ", "min_items: 9"), "utf-8")
    done = cli("collect", source.name, "--json", RASOAT_DATA=str(small_data))
    assert done.returncode == 75
    counts = json.loads(cli("db", "counts", "--json").stdout)
    assert counts["pending"] == 0
    assert counts["assessed"] > 0
    assert cli("collect", "khong-co").returncode == 64
