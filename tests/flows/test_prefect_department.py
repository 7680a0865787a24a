"""A department's Prefect: a real server, deployments made by one command, a worker, a webhook; cancelled, gone on with, told of."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from crawlers.frontier import Frontier
from rasoat.settings import ROOT
from tests.flows.conftest import environment, running_prefect

pytestmark = [pytest.mark.serial, pytest.mark.timeout(400)]
SLOW, BROKEN = "demo-thaomocdieuky", "demo-benxa"
SITE = "https://doc.rasoat.example"
QUICK = {  # of the server: a run is late after a second, nothing starts by itself in a test
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
}


@dataclass
class Department:
    url: str
    folder: Path
    deployed: str
    told: list[dict[str, Any]]
    types: list[str]
    env: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """A server whose database is busy says 503, "try again later"; Prefect's own client does, and so does this."""
        for left in range(9, -1, -1):
            answer = httpx.request(method, f"{self.url}/{path}", json=body or None, timeout=20)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or not left:
                break
            time.sleep(1)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def start(self, deployment: str) -> str:
        found = self.ask("GET", f"deployments/name/{deployment}")
        run: str = self.ask("POST", f"deployments/{found['id']}/create_flow_run", state={"type": "SCHEDULED"})["id"]
        return run

    def set_state(self, run: str, **state: str) -> None:
        self.ask("POST", f"flow_runs/{run}/set_state", state=state, force=False)

    def ends(self, run: str, seconds: float = 180) -> str:
        def state() -> str:
            found: str = self.ask("GET", f"flow_runs/{run}")["state_type"]
            return found if found in {"COMPLETED", "FAILED", "CANCELLED", "CRASHED"} else ""

        return str(until(state, f"run {run} to end", seconds))

    def rewrite(self, source: str, **changes: Any) -> None:
        file = self.folder / "data" / "sources" / source / "source.yml"
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text("utf-8")), **changes}, allow_unicode=True), "utf-8")

    def frontier(self, query: str) -> list[Any]:
        path = self.folder / "home" / "crawl" / f"{SLOW}.sqlite3"
        if not path.exists():
            return []
        with sqlite3.connect(path, timeout=10) as db:
            try:
                return db.execute(query).fetchall()
            except sqlite3.OperationalError:  # not made yet
                return []


def until(look: Callable[[], Any], what: str, seconds: float = 90) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    folder = tmp_path_factory.mktemp("department")
    (folder / "data" / "sources").mkdir(parents=True)
    for child in (ROOT / "data").iterdir():
        if child.name != "sources":
            (folder / "data" / child.name).symlink_to(child)
    for name in (SLOW, BROKEN):
        shutil.copytree(ROOT / "data" / "sources" / name, folder / "data" / "sources" / name)
    told: list[dict[str, Any]] = []
    types: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            types.append(self.headers["Content-Type"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    webhook = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=webhook.serve_forever, daemon=True).start()
    (folder / "notify").write_text(f"http://127.0.0.1:{webhook.server_port}/ma-bi-mat\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running_prefect(folder, port, **QUICK) as url:
        env = environment(
            folder / "home",
            RASOAT_DATA=str(folder / "data"),
            RASOAT_RETRY_SECONDS="0",
            RASOAT_NOTIFY_URL_FILE=str(folder / "notify"),
            RASOAT_SITE_URL=SITE,
            PREFECT_API_URL=url,
            PREFECT_HOME=str(folder / "client"),
            PREFECT_WORKER_QUERY_SECONDS="1",
            PREFECT_RUNNER_POLL_FREQUENCY="1",
        )
        made = Department(url, folder, "", told, types, env)
        made.rewrite(SLOW, politeness={"delay": 0.7, "concurrency": 1})
        made.rewrite(BROKEN, schedule=None)
        done = subprocess.run(
            [sys.executable, "-m", "flows", "schedule", "--deploy"], env=env, capture_output=True, text=True, check=False, timeout=110
        )
        assert done.returncode == 0, done.stdout + done.stderr
        made.deployed = done.stdout
        yield made
    webhook.shutdown()
    webhook.server_close()


@pytest.fixture(scope="module")
def worker(department: Department) -> Iterator[subprocess.Popen[bytes]]:
    log = (department.folder / "worker.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "flows", "worker"], env=department.env, cwd=department.folder, stdout=log, stderr=subprocess.STDOUT
    )
    yield process
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    log.close()
    print((department.folder / "worker.log").read_text()[-6000:])  # shown where a test failed


def test_one_command_sets_everything_up_in_vietnamese_time(department: Department) -> None:
    found = {one["name"]: one for one in department.ask("POST", "deployments/filter")}
    assert set(found) == {SLOW, BROKEN, "assess", "project", "dossiers", "purge", "report"}
    for name in set(found) - {BROKEN}:
        (schedule,) = found[name]["schedules"]
        assert schedule["schedule"]["timezone"] == "Asia/Ho_Chi_Minh", name
    assert found[SLOW]["schedules"][0]["schedule"]["cron"] == "24 */2 * * *"
    assert found[BROKEN]["schedules"] == []  # no cron line in its file: run from the page
    assert {one["global_concurrency_limit"]["limit"] for one in found.values()} == {1}
    limits = {one["name"]: one for one in department.ask("POST", "v2/concurrency_limits/filter", limit=100)}
    assert limits["host:thaomocdieuky.example"]["limit"] == limits["host:benxa.example"]["limit"] == 1
    assert limits["platform:youtube"]["slot_decay_per_second"] * 86_400 + limits["platform:youtube"]["limit"] == pytest.approx(10_000)
    named = {one["name"] for one in department.ask("POST", "automations/filter")}
    assert named == {"rasoat: a run failed", "rasoat: a run is late", "rasoat: a worker died"}
    assert "ma-bi-mat" not in department.deployed + json.dumps(department.ask("POST", "block_documents/filter"))


def test_a_late_run_is_told_to_the_webhook_and_nothing_but_its_name_and_state(department: Department) -> None:
    department.ask("PATCH", "work_pools/rasoat", is_paused=True)
    try:
        run = department.start("project/project")
        told = until(lambda: [one for one in department.told if one["run_id"] == run], "the webhook", 60)
    finally:
        department.ask("PATCH", "work_pools/rasoat", is_paused=False)
        department.ask("DELETE", f"flow_runs/{run}")
    assert told == [{"run_id": run, "flow": "project", "state": "Late"}]
    assert set(department.types) == {"application/json"}


@pytest.mark.usefixtures("worker")
def test_a_cancelled_crawl_goes_on_from_the_page_and_doubles_nothing(department: Department) -> None:
    run = department.start(f"collect/{SLOW}")
    done = "SELECT fingerprint FROM requests WHERE state = 'done'"
    until(lambda: len(department.frontier(done)) >= 2, "two pages")
    department.set_state(run, type="CANCELLING")
    assert department.ends(run) == "CANCELLED"
    assert not Frontier(department.folder / "home" / "crawl", SLOW).held()
    before = {row[0] for row in department.frontier(done)}
    assert department.frontier("SELECT count(*) FROM requests WHERE state IN ('queued', 'in_flight')")[0][0] > 0
    department.rewrite(SLOW, politeness={"delay": 0, "concurrency": 4})
    department.set_state(run, type="SCHEDULED", name="AwaitingRetry")
    assert department.ends(run) == "COMPLETED"
    assert department.frontier("SELECT count(*) FROM runs") == [(1,)]
    assert {row[0] for row in department.frontier(f"{done} AND tries = 1")} >= before  # fetched once, before the pause
    shown = {one["key"]: one for one in department.ask("POST", "artifacts/filter", artifacts={"flow_run_id": {"any_": [run]}})}
    assert {"reconciled", "crawled", "assessed", "indexed"} <= set(shown)
    counts = _counts(department)
    assert counts["items"] == counts["flagged"] + counts["dropped"]
    pages = department.frontier("SELECT count(*) FROM requests WHERE kind = 'page' AND state = 'done'")[0][0]
    assert 0 < counts["items"] <= pages
    assert counts["cases"] > 0
    assert f"({SITE}/cases/" in shown["cases"]["data"]
    assert "thaomocdieuky" not in shown["cases"]["data"]


@pytest.mark.usefixtures("worker")
def test_a_failed_run_is_told_and_what_a_dead_worker_left_is_marked(department: Department) -> None:
    ghost = department.start(f"collect/{BROKEN}")
    department.ask("POST", f"flow_runs/{ghost}/set_state", state={"type": "RUNNING"}, force=True)  # as if its worker had died since
    shutil.rmtree(department.folder / "data" / "sources" / BROKEN)
    run = department.start(f"collect/{BROKEN}")
    assert department.ends(run) == "FAILED"
    assert department.ends(ghost) == "CRASHED"
    until(lambda: {run, ghost} <= {one["run_id"] for one in department.told}, "both messages")
    told = {one["run_id"]: one for one in department.told}
    assert told[run] == {"run_id": run, "flow": "collect", "state": "Failed"}
    assert told[ghost]["state"] == "Crashed"
    assert len([one for one in department.told if one["run_id"] == run]) == 1


def test_a_machine_that_dies_is_noticed_by_its_silence_and_told(department: Department, worker: subprocess.Popen[bytes]) -> None:
    """Last: it takes the worker away. The only change to what was deployed is that ten seconds are silence enough here, not ninety."""
    (silent,) = [one for one in department.ask("POST", "automations/filter") if one["name"] == "rasoat: a worker died"]
    kept = {name: silent[name] for name in ("name", "description", "enabled", "actions", "actions_on_trigger", "actions_on_resolve")}
    department.ask("PUT", f"automations/{silent['id']}", **kept, trigger={**silent["trigger"], "within": 10})
    department.rewrite(SLOW, politeness={"delay": 20, "concurrency": 1})
    run = department.start(f"collect/{SLOW}")
    beats = {"event": {"name": ["prefect.flow-run.heartbeat"]}, "any_resource": {"id": [f"prefect.flow-run.{run}"]}}
    until(lambda: department.ask("POST", "events/filter", filter=beats)["total"], "a sign of life")
    for pid in _with_children(worker.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert department.ends(run) == "CRASHED"
    until(lambda: run in {one["run_id"] for one in department.told}, "the webhook")
    assert [one for one in department.told if one["run_id"] == run] == [{"run_id": run, "flow": "collect", "state": "Crashed"}]


def _with_children(pid: int) -> list[int]:
    lists = (path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [pid, *(found for children in lists for child in children for found in _with_children(int(child)))]


def _counts(department: Department) -> dict[str, int]:
    command = [sys.executable, "-m", "flows", "db", "counts", "--json"]
    done = subprocess.run(command, env=department.env, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, int] = json.loads(done.stdout)
    return found
