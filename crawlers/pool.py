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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from crawlers.wire import Message, Ready, receive, send
from crawlers.work import Failed, Job, Reply
from rasoat.errors import RetryLater

HARD_SECONDS = 20.0  # after this a worker is killed: it hangs inside C, where `work.SOFT_SECONDS` cannot reach
START_SECONDS = 120.0  # imports take half a second on a quiet machine
_ROOT = Path(__file__).resolve().parent.parent


class _Worker:
    """One process, used by one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = self._late = False

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
        if self._process is None or not self._ready:
            if not isinstance(self._ask(None, START_SECONDS), Ready):
                raise RetryLater("the extraction process does not start; `rasoat doctor` checks the installation")
            self._ready = True
        reply = self._ask(job, seconds)
        if reply is None:
            late = self._late
            return Failed(
                "extraction", f"extraction took more than {seconds:g} seconds" if late else "the page ended the extraction process"
            )
        assert isinstance(reply, Reply)
        return reply

    def _ask(self, job: Job | None, seconds: float) -> Message | None:
        """The worker's next message; None when it died or had to be killed."""
        process = self.start()
        assert process.stdin
        assert process.stdout
        watch = threading.Timer(seconds, process.kill)
        watch.daemon = True
        watch.start()
        try:
            if job is not None:
                send(process.stdin, job)
            return receive(process.stdout)
        except (EOFError, OSError, ValueError):  # ValueError: closed under our hands, or no message
            self._late = watch.finished.is_set()
            self.stop()
            return None
        finally:
            watch.cancel()

    def kill(self) -> None:
        if (process := self._process) is not None:
            process.kill()

    def stop(self) -> None:
        process, self._process, self._ready = self._process, None, False
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
        for worker in self._workers:
            worker.kill()  # first: a stream cannot be closed while a thread waits on it
        for worker in self._workers:
            worker.stop()
