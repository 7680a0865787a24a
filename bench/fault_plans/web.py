"""A small web on loopback, in a process of its own: the pages that a plan's crawler reads. It outlives every crawl that is killed.

Knows its pages and nothing of what they are worth.
"""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from crawlers.sources import Assertions, Limits, Network, Politeness, SourceSpec

_FORK: Final = multiprocessing.get_context("fork")
_A_LIST: Final = 25
"""Addresses in one sitemap: a crawl reads several, and finds pages while it reads others."""


def source(address: str, pages: int) -> SourceSpec:
    """What `data/sources` would say of it. No assertion on the number of pages: a crawl that says that it is done must have been right."""
    return SourceSpec(
        name="web-thu",
        title="Web thử",
        sitemaps=(f"{address}/sitemap.xml",),
        politeness=Politeness(delay=0.0, concurrency=4),
        network=Network(allow_private=True),
        limits=Limits(max_pages=pages + 10),
        assertions=Assertions(min_share_with_text=0),
    )


class Server(ThreadingHTTPServer):
    """Whose clients are killed in the middle of a request: that is what happens here, and no news."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(texts: Sequence[str]) -> Iterator[str]:
    """Each text a page; yields the address."""

    class Bound(_Handler):
        pages = tuple(_page(number, text) for number, text in enumerate(texts))

    server = Server(("127.0.0.1", 0), Bound)
    process = _FORK.Process(target=server.serve_forever, daemon=True)
    process.start()
    server.server_close()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        process.kill()
        process.join()


def _page(number: int, text: str) -> bytes:
    head = f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Bài {number}</title></head>'
    return f"{head}<body><article><p>{escape(text, quote=False)}</p></article></body></html>".encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    pages: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        """A page, a list of pages, or the list of lists."""
        name, _, number = self.path.strip("/").partition("/")
        if self.path == "/sitemap.xml":
            lists = range(0, len(self.pages), _A_LIST)
            self._send("text/xml", f"<sitemapindex>{self._rows('sitemap', 'muc', lists)}</sitemapindex>".encode())
        elif name == "muc":
            some = range(int(number), min(int(number) + _A_LIST, len(self.pages)))
            self._send("text/xml", f"<urlset>{self._rows('url', 'bai', some)}</urlset>".encode())
        elif name == "bai":
            self._send("text/html", self.pages[int(number)])
        else:
            self.send_error(404)

    def _rows(self, row: str, folder: str, numbers: range) -> str:
        return "".join(f"<{row}><loc>http://{self.headers['Host']}/{folder}/{n}</loc></{row}>" for n in numbers)

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the harness says what it did."""
