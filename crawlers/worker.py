"""The worker process: jobs come in on standard input, replies go out on standard output, each as length and pickle.

Ends when its input ends, which is also what happens when the crawl dies. Only our own processes speak to it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import resource
import signal
import struct
import sys
from typing import IO

READY = "ready"
MEMORY_LIMIT = 2 << 30  # bytes of address space; a page that needs more is given up
_LENGTH = struct.Struct(">Q")


def send(stream: IO[bytes], message: object) -> None:
    """Write one message."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> object:
    """Read one message.

    Raises:
        EOFError: the other side is gone.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    size = _LENGTH.unpack(head)[0]
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)  # noqa: S301  (our own process at the other end of a private pipe)


def main() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the crawl, which then closes our input
    with contextlib.suppress(ValueError, OSError):  # a system with a lower hard limit keeps its own
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    # Whatever a library prints must not land among the replies.
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)  # trafilatura reports every odd page; odd pages are counted, not logged
    from crawlers.work import Failed, Job, work

    with sink:
        send(sink, READY)
        while True:
            try:
                job = receive(source)
            except EOFError:
                return
            assert isinstance(job, Job)
            try:
                reply: object = work(job)
            except Exception as error:  # noqa: BLE001  the run boundary of this process: the page is counted, the crawl goes on
                reply = Failed("extraction", f"extraction failed: {type(error).__name__}: {error}")
            try:
                send(sink, reply)
            except BrokenPipeError:
                return


if __name__ == "__main__":
    main()
