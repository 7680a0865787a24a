"""The server of the demo web: a forward proxy on loopback that answers from memory and never opens a connection of its own.

Answers `GET http://host.example/path`, as proxies are asked, and `GET /path` with a `Host` header; a host that it does not have
is a 404.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from crawlers.demo_web.rendering import Page, render
from rasoat.errors import ConfigError

IDLE_SECONDS = 10.0
"""A kept-alive connection is dropped after this long without a request."""


@dataclass(slots=True)
class DemoWeb:
    """Serves while the `with` block runs. `url` is the proxy's address; `requests` lists what was asked, for tests."""

    data_dir: Path
    port: int = 0
    requests: list[tuple[str, str]] = field(default_factory=list, init=False)
    _pages: dict[str, dict[str, Page]] = field(default_factory=dict, init=False, repr=False)
    _server: ThreadingHTTPServer | None = field(default=None, init=False, repr=False)
    _thread: threading.Thread | None = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that it has."""
        return tuple(self._pages)

    def answer(self, host: str, path: str) -> Page | None:
        """The page at an address, or None."""
        self.requests.append((host, path))
        return self._pages.get(host, {}).get(path)

    def __enter__(self) -> Self:
        self._pages = render(self.data_dir)
        try:
            self._server = _Server(("127.0.0.1", self.port), self)
        except OSError as error:
            raise ConfigError(f"the demo web cannot use port {self.port}: {error}", hint="set RASOAT_DEMO_PORT=0") from error
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-web", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, address: tuple[str, int], web: DemoWeb) -> None:
        self.web = web
        self.open_connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_close(self) -> None:
        """End kept-alive connections first: their threads would wait for a next request."""
        for connection in list(self.open_connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in mid-answer is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "RaSoatDemo"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = -1  # one write an answer: head and body apart wait 40 ms for each other (Nagle and delayed acknowledgement)
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.open_connections.add(self.connection)

    def finish(self) -> None:
        self.server.open_connections.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        """Answer from memory."""
        parts = urlsplit(self.path)
        host = (parts.hostname or urlsplit(f"//{self.headers.get('Host', '')}").hostname or "").lower()
        page = self.server.web.answer(host.removeprefix("www."), unquote(parts.path) or "/")
        if page is None:
            self._send(404, Page("Không có trang này trên web mẫu.\n".encode(), "text/plain; charset=utf-8"))
        else:
            self._send(200, page)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Forms lead nowhere: nothing that is typed here is read or kept."""
        self.close_connection = True
        self._send(405, Page("Web mẫu không nhận dữ liệu.\n".encode(), "text/plain; charset=utf-8"))

    do_CONNECT = do_PUT = do_DELETE = do_POST

    def _send(self, status: int, page: Page) -> None:
        self.send_response(status)
        self.send_header("Content-Type", page.media_type)
        self.send_header("Content-Length", str(len(page.body)))
        if page.modified:
            self.send_header("Last-Modified", page.modified)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `DemoWeb.requests` holds what was asked."""
