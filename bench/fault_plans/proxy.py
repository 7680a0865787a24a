"""A proxy on loopback before the real Elasticsearch, in a process of its own: slow, busy, or losing requests and answers when told.

What it lets through goes to the real server unchanged.
"""

from __future__ import annotations

import http.client
import json
import random
import ssl
import time
from collections.abc import Callable
from ctypes import c_int
from enum import IntEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bench.fault_plans.web import Server

_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})
_BUSY: Final = json.dumps(
    {"error": {"type": "es_rejected_execution_exception", "reason": "rejected execution: queue capacity reached"}, "status": 429}
).encode()
_SLOW: Final = 0.7  # seconds: well below the client's patience


class Mode(IntEnum):
    """What the proxy does with every request."""

    THROUGH = 0
    SLOW = 1
    BUSY = 2  # bulks are rejected as a server with a full queue rejects them
    CUT = 3  # half of the requests never arrive, half are carried out and the answer never arrives


def serve(server: ThreadingHTTPServer) -> None:
    """The body of the proxy's process."""
    server.serve_forever()


def make(upstream: str, ca: Path, mode: c_int, seed: int) -> ThreadingHTTPServer:
    """A proxy bound to a free port of loopback."""
    address, trusted, rng = urlsplit(upstream), ssl.create_default_context(cafile=str(ca)), random.Random(seed)

    def connect() -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(str(address.hostname), address.port, timeout=60, context=trusted)

    class Bound(_Handler):
        pass

    Bound.connect, Bound.mode, Bound.rng = staticmethod(connect), mode, rng
    return Server(("127.0.0.1", 0), Bound)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connect: Callable[[], http.client.HTTPSConnection]
    mode: c_int
    rng: random.Random

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = self.mode.value
        if mode == Mode.SLOW:
            time.sleep(_SLOW)
        if mode == Mode.BUSY and self.path.partition("?")[0].endswith("_bulk"):
            self._answer(429, [("Content-Type", "application/json"), ("X-Elastic-Product", "Elasticsearch")], _BUSY)
            return
        if mode == Mode.CUT and self.rng.random() < 0.5:
            self.close_connection = True
            return
        try:
            status, headers, answer = self._ask(body)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return
        if mode == Mode.CUT:
            self.close_connection = True
            return
        self._answer(status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        upstream = self.connect()
        try:
            upstream.request(self.command, self.path, body=body or None, headers=headers)
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            upstream.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the harness says what it did."""
