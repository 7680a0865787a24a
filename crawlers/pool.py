"""A few worker processes. A job that hangs or kills its worker fails alone: the worker is replaced, the others never notice.

Knows processes and pipes. Knows nothing of pages.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from crawlers.work import Failed, Job, Reply
from crawlers.worker import receive, send

HARD_SECONDS = 20.0  # after this a worker is killed: it hangs inside C, where `work.SOFT_SECONDS` cannot reach
_ROOT = Path(__file__).resolve().parent.parent


class _Worker:
    """One process, used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "crawlers.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": path},
            )
        return self._process

    def do(self, job: Job, seconds: float) -> Reply:
        process = self.start()
        assert process.stdin
        assert process.stdout
        watch = threading.Timer(seconds, process.kill)
        watch.daemon = True
        watch.start()
        try:
            send(process.stdin, job)
            reply = receive(process.stdout)
        except (EOFError, OSError):
            late = watch.finished.is_set()
            self.stop()
            return Failed(
                "extraction", f"extraction took more than {seconds:g} seconds" if late else "the page ended the extraction process"
            )
        finally:
            watch.cancel()
        assert isinstance(reply, Reply)
        return reply

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.kill()
        process.wait()


class Pool:
    """`size` workers, started at once (they import in the background) and ended by `close`."""

    def __init__(self, size: int, *, hard_seconds: float = HARD_SECONDS) -> None:
        self.size = size
        self._hard_seconds = hard_seconds
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        self._workers = [_Worker() for _ in range(size)]
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="extract")
        for worker in self._workers:
            worker.start()
            self._free.put(worker)

    async def do(self, job: Job) -> Reply:
        """The reply to a job; waits for a free worker."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.do_now, job)

    def do_now(self, job: Job) -> Reply:
        """The same, blocking."""
        worker = self._free.get()
        try:
            return worker.do(job, self._hard_seconds)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End the workers; what they were doing is lost (and done again by a resumed run)."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        stops: list[Callable[[], None]] = [worker.stop for worker in self._workers]
        for stop in stops:
            stop()
