"""A web site on loopback for tests: routes, counted hits, and every misbehaviour that a crawler meets."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What a route gives.

    `length` lies about the size (-1: says nothing of it); `pause` waits before the body; `drip` sends it byte by byte.
    """

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    pause: float = 0.0
    drip: float = 0.0


Route = Answer | str | Callable[["Site", str], "Answer | str"]


def html(title: str, text: str, *links: str, head: str = "") -> str:
    """A page with a paragraph and links."""
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body><article><h1>{title}</h1>'
        f"<p>{text}</p></article><ul>{anchors}</ul></body></html>"
    )


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"Location": to})


LONG = "Chợ quê họp từ sáng sớm, người bán rau, người bán cá, ai cũng quen mặt nhau. " * 6


class Site:
    """Routes by path with query. A route may be a function of the site and the path. Unknown paths are 404."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {"/robots.txt": Answer(status=404)}
        self.fallback: Route | None = None
        self.hits: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.cookies: list[str] = []
        self.closing = threading.Event()
        self.on_hit: Callable[[str], None] = lambda path: None
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.serve(self)

            def log_message(self, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = False
            block_on_close = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # clients that hang up are part of the tests

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.server.server_port}"

    def url(self, path: str) -> str:
        return self.base + path

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        handler.connection.settimeout(0.5)  # idle keep-alive connections end soon, so that the server can be closed
        path = handler.path
        self.hits[path] += 1
        self.agents.add(handler.headers.get("User-Agent", ""))
        if handler.headers.get("Cookie"):
            self.cookies.append(handler.headers["Cookie"])
        self.on_hit(path)
        route = self.routes.get(path, self.fallback)
        if callable(route):
            route = route(self, path)
        answer = route if isinstance(route, Answer) else Answer(route.encode()) if isinstance(route, str) else Answer(status=404)
        with contextlib.suppress(ConnectionError, TimeoutError):
            self._send(handler, answer)

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.type)
        if answer.length is None or answer.length >= 0:
            handler.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if answer.pause:
            self.closing.wait(answer.pause)
        if answer.drip:
            for byte in answer.body:
                handler.wfile.write(bytes([byte]))
                handler.wfile.flush()
                if self.closing.wait(answer.drip):
                    break
        else:
            handler.wfile.write(answer.body)
        if answer.length is not None and answer.length != len(answer.body):
            handler.close_connection = True


@contextlib.contextmanager
def running_site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    site = Site(tls)
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        site.server.shutdown()
        thread.join()
        site.server.server_close()
