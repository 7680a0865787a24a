"""The charter, looked at from outside: what no line of this program may do."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rasoat.settings import ROOT

NETWORK_CLIENTS = {
    "smtplib",
    "ftplib",
    "http.client",
    "urllib.request",
    "httpx",
    "requests",
    "aiohttp",
    "websockets",
    "telnetlib",
    "paramiko",
}
MAY_FETCH = {
    "flows/tour.py",  # walks the project's own site on loopback
}
ROOMS = ("rasoat", "classifiers", "review_ui", "flows", "crawlers")


def _sources(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_can_be_sent() -> None:
    """Crawlers fetch through Scrapy, which obeys robots and scope. Nothing else holds a network client at all."""
    offenders = [
        f"{name} imports {module}"
        for name, tree in _sources(*ROOMS)
        if name not in MAY_FETCH
        for module in _imports(tree)
        if module in NETWORK_CLIENTS or module.split(".")[0] in NETWORK_CLIENTS
    ]
    assert not offenders


def test_the_model_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """ONNX Runtime's wheels report to their maker when imported, unless told before: one module tells them, and no other imports them."""
    doors = {"classifiers/ort.py", "classifiers/transformer/export.py"}
    others = [name for name, tree in _sources(*ROOMS) for module in _imports(tree) if module.split(".")[0] == "onnxruntime"]
    assert set(others) <= doors
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    environment |= {"TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    code = "from classifiers.ort import onnxruntime; print(onnxruntime.__version__)"
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, capture_output=True)
    assert list(tmp_path.iterdir()) == [], "its identifier on disk"


def test_services_are_spoken_to_from_the_store_and_the_shared_frontier_alone() -> None:
    """Our own index, database and evidence store: the room that keeps things holds a line to them. Crawlers hold one to their frontier
    in PostgreSQL, which knows addresses and no items."""
    frontier = {"crawlers/frontier_postgresql.py", "crawlers/frontier_schema.py"}
    offenders = [
        f"{name} imports {module}"
        for name, tree in _sources(*ROOMS)
        if not name.startswith("rasoat/store/")
        for module in _imports(tree)
        if module.split(".")[0] in {"elasticsearch", "elastic_transport", "psycopg", "redis", "urllib3", "s3fs", "botocore", "aiobotocore"}
        and not (name in frontier and module.split(".")[0] == "psycopg")
    ]
    assert not offenders


def test_no_pickle_no_shell_no_eval() -> None:
    """Crawled bytes must never become code."""
    offenders = []
    for name, tree in _sources(*ROOMS):
        unsafe = {"pickle", "marshal", "shelve", "dill", "joblib"}
        offenders += [f"{name} imports {module}" for module in _imports(tree) if module in unsafe]
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"}:
                offenders.append(f"{name}:{node.lineno} {node.func.id}")
            if isinstance(node, ast.keyword) and node.arg == "shell" and getattr(node.value, "value", False) is True:
                offenders.append(f"{name}: shell=True")
    assert not offenders


@pytest.mark.parametrize("command", ["Approve", "Code", "SecondRead", "Adjudicate", "MarkSent", "ResolveComplaint"])
def test_no_stage_and_no_schedule_decides(command: str) -> None:
    """The verbs of people occur in the pages, the tour and the domain: never in a pipeline stage or a flow."""
    for name, tree in _sources("flows/stages", "crawlers", "classifiers"):
        assert not any(isinstance(node, ast.Name) and node.id == command for node in ast.walk(tree)), f"{name} uses {command}"
    flows = ast.parse((ROOT / "flows" / "prefect_flows.py").read_text("utf-8"))
    assert not any(isinstance(node, ast.Name | ast.Attribute) and command in ast.dump(node) for node in ast.walk(flows))
