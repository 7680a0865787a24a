"""The review site as a process: uvicorn around `review_ui`, with what the site may not import: sealing, and starting sources."""

from __future__ import annotations

import contextlib
import errno
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from flows.runtime import Runtime
from flows.stages.dossiers import seal
from flows.starting import Desk
from rasoat.errors import UsageError
from rasoat.settings import Settings
from review_ui.app import create_app


def app_for(rt: Runtime) -> FastAPI:
    """The site over this home."""
    return create_app(
        rt.settings,
        rt.store,
        rt.policy,
        rt.classifier,
        seal=lambda case_id, actor: seal(rt, case_id, actor),
        clock=rt.clock,
        desk=Desk(rt.settings),
    )


def free_or_raise(settings: Settings) -> None:
    """Say at once, and not after the demo is prepared, that the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"port {settings.port} on {settings.host}"
            if error.errno == errno.EADDRINUSE:
                raise UsageError(f"{where} is taken; set RASOAT_PORT to another one") from error
            raise UsageError(f"cannot serve on {where}: {error.strerror}; set RASOAT_HOST and RASOAT_PORT") from error


def serve(rt: Runtime) -> None:
    """Serve in the foreground; prints the address once it answers; returns after Ctrl-C."""
    server = _server(rt, rt.settings.port)
    url = f"http://{rt.settings.host}:{rt.settings.port}"
    threading.Thread(target=_announce, args=(server, f"Review site: {url}"), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


def _announce(server: uvicorn.Server, line: str) -> None:
    while not server.started and not server.should_exit:
        time.sleep(0.05)
    if server.started:
        print(line, flush=True)


@contextlib.contextmanager
def serving(rt: Runtime) -> Iterator[str]:
    """Serve in the background on a free loopback port; yields the address. For the tour and for tests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = _server(rt, port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise UsageError(f"the review site did not start on port {port}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def _server(rt: Runtime, port: int) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(app_for(rt), host=rt.settings.host, port=port, log_level="warning", log_config=None, access_log=False)
    )
