"""`kill -9` in the middle of `import` and `assess`, then the same command again; and two processes on one store."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rasoat.settings import Settings
from rasoat.store import open_store
from tests.flows.conftest import Cli, environment

MANY = 1000
SCAM = "Tài khoản ngân hàng số {} của bạn đã bị khóa. Truy cập http://xac-minh-tk.example và nhập mã OTP để mở lại trong {} giờ."
PLAIN = "Hôm nay trời đẹp, cả nhà mình đi dạo quanh hồ số {} rồi ăn kem."


@pytest.fixture
def posts(tmp_path: Path) -> str:
    path = tmp_path / "posts.jsonl"
    texts = (SCAM.format(n, n * 7) if n % 5 == 0 else PLAIN.format(n) for n in range(MANY))
    path.write_text("".join(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)), "utf-8")
    return str(path)


def _start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flows", *arguments]
    env = environment(settings.home, RASOAT_AUDIT_SHARE="0")
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _counts(settings: Settings) -> dict[str, int]:
    with open_store(settings) as store:
        return store.counts()


def _killed_after(settings: Settings, what: str, more: int, *arguments: str) -> int:
    """Kill the command once `what` has grown by `more`; returns how far it came."""
    process, before = _start(settings, *arguments), _counts(settings)[what]
    with open_store(settings) as store:
        while process.poll() is None and store.counts()[what] < before + more:
            time.sleep(0.02)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was still at work"
    return _counts(settings)[what]


@pytest.mark.timeout(180)
def test_killed_imports_and_assessments_lose_and_double_nothing(cli: Cli, settings: Settings, posts: str) -> None:
    for more in (1, 200):
        assert 0 < _killed_after(settings, "items", more, "import", posts) < MANY
    assert cli("import", posts).returncode == 0
    assert 0 < _killed_after(settings, "assessed", 1, "assess") < MANY
    done = cli("assess", RASOAT_AUDIT_SHARE="0")
    assert done.returncode == 0, done.stderr
    whole = settings.model_copy(update={"home": settings.home.parent / "undisturbed"})
    for arguments in (("import", posts), ("assess",)):
        assert cli(*arguments, RASOAT_HOME=str(whole.home), RASOAT_AUDIT_SHARE="0").returncode == 0
    assert _counts(settings) == _counts(whole)
    assert cli("db", "check").returncode == 0


@pytest.mark.timeout(180)
def test_two_processes_on_one_store_share_the_work(cli: Cli, settings: Settings, posts: str) -> None:
    for arguments, key in ((("import", posts, "--json"), "new"), (("assess", "--json"), "assessed")):
        both = [_start(settings, *arguments) for _ in range(2)]
        told = [process.communicate() for process in both]
        assert [process.returncode for process in both] == [0, 0], [err for _, err in told]
        reports = [json.loads(out) for out, _ in told]
        done = [report[0]["arrivals"].get(key, 0) if isinstance(report, list) else report[key] for report in reports]
        assert sum(done) == MANY, f"what the two say of {arguments[0]} adds up"
    counts = _counts(settings)
    assert (counts["items"], counts["captures"], counts["assessed"]) == (MANY, MANY, MANY)
    assert counts["flagged"] + counts["dropped"] == MANY
    assert counts["indexed"] == counts["flagged"]
    assert cli("db", "check").returncode == 0
