"""Assessment by several processes on one machine: each is `rasoat assess`, and the leases in the database keep them apart.

The model is loaded once a process and calculates on one thread, so that as many workers as cores use the whole machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from flows.runtime import Runtime
from flows.stages.assess import AssessReport, assess

LOOK_EVERY: Final = 0.5
"""Seconds between two looks at how far the workers are."""


def assess_in_workers(
    rt: Runtime, workers: int, *, limit: int | None = None, progress: Callable[[int], None] | None = None
) -> AssessReport:
    """Assess what waits with so many processes. What a worker that died left is finished here; the report counts what was reported.

    Raises:
        RetryLater: the store cannot be used now; what was written stays.
    """
    shares = [None if limit is None else limit // workers + (n < limit % workers) for n in range(workers)]
    with ExitStack() as stack:
        children = [_start(rt, share, stack) for share in shares if share != 0]
        _watch(rt, [child.process for child in children], progress)
        reports = [child.report() for child in children]
    total = sum((report for report in reports if report is not None), AssessReport())
    left = None if limit is None else limit - total.assessed
    if None not in reports or left == 0:
        return total
    return total + assess(rt, limit=left, progress=progress)


@dataclass(frozen=True, slots=True)
class _Child:
    process: subprocess.Popen[str]
    said: IO[str]

    def report(self) -> AssessReport | None:
        """What it did; None when it failed, and then what it said is shown: it did nothing wrong that the next cannot finish."""
        out, _ = self.process.communicate()
        if self.process.returncode == 0:
            counts = json.loads(out)
            return AssessReport(**{name: counts[name] for name in AssessReport.__slots__})
        self.said.seek(0)
        sys.stderr.write(f"a worker ended with exit code {self.process.returncode}; its batch is taken over\n{self.said.read()[-2000:]}")
        return None

    def stop(self) -> None:
        """Ctrl-C, or a fault here: nobody is left behind."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate()


def _start(rt: Runtime, limit: int | None, stack: ExitStack) -> _Child:
    command = [sys.executable, "-m", "flows", "assess", "--workers", "1", "--json"]
    command += [] if limit is None else ["--limit", str(limit)]
    command += [] if rt.model is None else ["--model", str(rt.model)]
    homes: dict[str, Path] = {"RASOAT_HOME": rt.settings.home, "RASOAT_DATA": rt.settings.data, "RASOAT_MODELS": rt.settings.models}
    environment = {**os.environ, **{name: str(path) for name, path in homes.items()}}
    said = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115  (the stack closes it)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said, text=True)  # noqa: S603  (our own command)
    child = _Child(process, said)
    stack.callback(child.stop)
    return child


def _watch(rt: Runtime, children: list[subprocess.Popen[str]], progress: Callable[[int], None] | None) -> None:
    waiting = rt.store.inbox.count_pending()
    while any(child.poll() is None for child in children):
        time.sleep(LOOK_EVERY)
        left = rt.store.inbox.count_pending()
        if progress and left < waiting:
            progress(waiting - left)
        waiting = left
