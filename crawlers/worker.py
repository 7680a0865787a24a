"""The worker process: jobs come in on standard input, replies go out on standard output (`crawlers.wire`).

Ends when its input ends, which is also what happens when the crawl dies. Only our own processes speak to it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import resource
import signal
import sys

MEMORY_LIMIT = 2 << 30  # bytes of address space; a page that needs more is given up


def main() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the crawl, which then closes our input
    with contextlib.suppress(ValueError, OSError):  # a system with a lower hard limit keeps its own
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    # Whatever a library prints must not land among the replies.
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)  # trafilatura reports every odd page; odd pages are counted, not logged
    from crawlers.wire import Ready, receive, send
    from crawlers.work import Failed, Job, Reply, work

    with contextlib.suppress(BrokenPipeError), sink:  # the crawl was killed: nobody is left to tell
        send(sink, Ready())
        while True:
            try:
                job = receive(source)
            except EOFError:
                return
            assert isinstance(job, Job)
            try:
                reply: Reply = work(job)
            except Exception as error:  # noqa: BLE001  the run boundary of this process: the page is counted, the crawl goes on
                reply = Failed("extraction", f"extraction failed: {type(error).__name__}: {error}")
            send(sink, reply)


if __name__ == "__main__":
    main()
