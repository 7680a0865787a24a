"""`/metrics` without the review site: a small server of the standard library that answers one address and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from flows.runtime import Runtime
from flows.sources import healths, plans
from rasoat.errors import UsageError
from rasoat.metrics import CONTENT_TYPE, PROXY_HEADERS, Meters, StoreCollector, Watch, is_loopback, may_read


def meters(rt: Runtime) -> Meters:
    """The registry of this process over this home."""
    known = plans(rt.settings)
    return Meters(StoreCollector(Watch(rt.store.measures.read), lambda read: healths(known, read.crawls, read.at)))


def serve(rt: Runtime, host: str, port: int, ready: Callable[[], None]) -> None:
    """Until Ctrl-C.

    Raises:
        UsageError: the port is taken, or others could reach the address and no token is configured.
    """
    token = rt.settings.metrics_secret
    if not token and not is_loopback("127.0.0.1" if host == "localhost" else host):
        raise UsageError(f"{host} can be reached from outside: set RASOAT_METRICS_TOKEN_FILE, or serve on 127.0.0.1")
    try:
        server = ThreadingHTTPServer((host, port), _handler(meters(rt), token))
    except OSError as error:
        raise UsageError(f"cannot serve on port {port} of {host}: {error.strerror}") from error
    server.daemon_threads = True
    with server, contextlib.suppress(KeyboardInterrupt):
        ready()
        server.serve_forever()


def _handler(served: Meters, token: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """One address."""
            if urlsplit(self.path).path != "/metrics":
                self._answer(404, b"")
                return
            authorization, peer = self.headers.get("authorization", ""), str(self.client_address[0])
            forwarded = any(name in self.headers for name in PROXY_HEADERS)
            if not may_read(token, authorization=authorization, peer=peer, forwarded=forwarded):
                self._answer(403, b"")
                return
            self._answer(200, served.text())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Not every scrape is news."""

    return Handler
