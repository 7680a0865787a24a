"""The flows on a real Prefect server: runs, states per step and retries as its page shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.flows.conftest import Cli

pytestmark = [pytest.mark.serial, pytest.mark.timeout(300)]


def _all(url: str, what: str) -> list[dict[str, Any]]:
    answer = httpx.post(f"{url}/{what}/filter", json={}, timeout=20)
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_day_of_flows_shows_in_prefect_and_repeats_nothing(cli: Cli, small_data: Path, prefect_server: str, tmp_path: Path) -> None:
    names = {"RASOAT_DATA": str(small_data), "PREFECT_API_URL": prefect_server, "PREFECT_HOME": str(tmp_path / "client")}
    done = cli("schedule", "--once", timeout=240, **names)
    assert done.returncode == 0, done.stdout + done.stderr
    runs = _all(prefect_server, "flow_runs")
    assert {run["state_type"] for run in runs} == {"COMPLETED"}
    sources = {path.name for path in (small_data / "sources").iterdir()}
    assert {f"collect {source}" for source in sources} <= {run["name"] for run in runs}
    steps = {run["name"].split("-")[0] for run in _all(prefect_server, "task_runs")}
    assert {"assess inbox", "project to index", "purge by retention", "build dossiers", "check dossiers"} <= steps
    assert {"assessed", "indexed", "built", "purged"} <= {artifact["key"] for artifact in _all(prefect_server, "artifacts")}
    counts = json.loads(cli("db", "counts", "--json", **names).stdout)
    assert counts["pages"] > 0
    assert counts["pending"] == 0
    assert counts["items"] == counts["flagged"] + counts["dropped"]


def test_a_source_that_yields_too_little_is_tried_again_and_fails_loudly(
    cli: Cli, small_data: Path, prefect_server: str, tmp_path: Path
) -> None:
    one, other = sorted((small_data / "sources").iterdir())
    for path in other.iterdir():
        path.unlink()
    other.rmdir()
    file = one / "source.yml"
    spec = yaml.safe_load(file.read_text("utf-8"))
    spec.setdefault("assertions", {})["min_items"] = 5000
    file.write_text(yaml.safe_dump(spec, allow_unicode=True), "utf-8")
    names = {
        "RASOAT_DATA": str(small_data),
        "RASOAT_RETRY_SECONDS": "0",
        "PREFECT_API_URL": prefect_server,
        "PREFECT_HOME": str(tmp_path / "client"),
    }
    done = cli("schedule", "--once", timeout=240, **names)
    assert done.returncode != 0
    crawl = next(run for run in _all(prefect_server, "task_runs") if run["name"].startswith("crawl"))
    assert crawl["state_type"] == "FAILED"
    assert crawl["run_count"] == 3
    assert "5000" in done.stdout + done.stderr
