"""The demo web: fictional sites under `.example`, rendered from `data/demo/sites/` and served on loopback as a forward proxy.

Answers `GET http://host.example/path` (as proxies are asked) and `GET /path` with a `Host` header. Never opens a connection
of its own: a host that it does not have is a 404. `data/demo/README.md` says how a site is written.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import jinja2
import yaml
from markupsafe import Markup, escape
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rasoat.errors import ConfigError, Place

IDLE_SECONDS = 10.0
"""A kept-alive connection is dropped after this long without a request."""
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(_Model):
    """One page of a site. `copy_of: host/path` takes title, lead and body from another site's page."""

    path: str = Field(pattern=r"^/[\w./-]*$")
    title: str = ""
    section: str = ""
    published: datetime | None = None
    byline: str = ""
    label: str = ""  # "Quảng cáo", "Trào phúng"
    lead: str = ""
    body: str = ""  # paragraphs parted by blank lines; `## ` heads, `> ` quotes, `- ` lists, [text](url) links
    copy_of: str = ""
    before: str = ""  # text put before the copied body
    after: str = ""  # text put behind it: "Nguồn: …"
    html: str = ""  # name of a fragment under the site's folder, put behind the body
    listed: bool = True  # on the front page, in sitemap and feed
    noindex: bool = False


class Site(_Model):
    """One fictional host. `fixture` is its number in the list of twelve; `note` says what it stands for."""

    fixture: int | None = None
    note: str
    name: str
    tagline: str = ""
    layout: str = "news"
    lang: str = "vi"
    accent: str = "#8a1c1c"
    sections: dict[str, str] = Field(default_factory=dict)  # slug to name
    menu: dict[str, str] = Field(default_factory=dict)  # path to name
    footer: tuple[str, ...] = ()
    json_ld: str = ""  # publisher's name for the article mark-up; empty: no mark-up
    feed: bool = False
    sitemap: bool = True
    disallow: tuple[str, ...] = ()
    top: str = ""  # fragment on every page, under the header
    bottom: str = ""  # fragment on every page, above the footer
    pages: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the server answers."""

    body: bytes
    media_type: str
    modified: str = ""


def load_sites(data_dir: Path) -> dict[str, Site]:
    """Every site under `data/demo/sites`, by host.

    Raises:
        ConfigError: a folder that is no `.example` host, a file that is wrong, or a copy of a page that is not there.
    """
    sites: dict[str, Site] = {}
    for path in sorted((data_dir / "demo" / "sites").glob("*/site.yml")):
        if not path.parent.name.endswith(".example"):
            raise ConfigError("demo hosts end in .example", place=Place(str(path)))
        try:
            sites[path.parent.name] = Site.model_validate(yaml.safe_load(path.read_text("utf-8")))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            raise ConfigError(f"not YAML: {error.problem}", place=Place(str(path), line)) from error
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", place=Place(str(path))) from error
    return {host: site.model_copy(update={"pages": tuple(_resolved(page, sites) for page in site.pages)}) for host, site in sites.items()}


def _resolved(page: Entry, sites: Mapping[str, Site]) -> Entry:
    if not page.copy_of:
        return page
    host, _, path = page.copy_of.partition("/")
    original = next((other for other in sites[host].pages if other.path == f"/{path}"), None) if host in sites else None
    if original is None or original.copy_of:
        raise ConfigError(f"copy_of: there is no original page {page.copy_of}", hint="write host/path of a page that is no copy itself")
    body = "\n\n".join(part.strip() for part in (page.before, original.body, page.after) if part.strip())
    return page.model_copy(update={"title": page.title or original.title, "lead": page.lead or original.lead, "body": body})


def render(data_dir: Path) -> dict[str, dict[str, Page]]:
    """Every answer of the demo web: host to path to page."""
    loader = jinja2.FileSystemLoader(data_dir / "demo" / "templates")
    env = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env.filters["prose"] = prose
    return {host: _Renderer(host, site, data_dir / "demo" / "sites" / host, env).pages() for host, site in load_sites(data_dir).items()}


def prose(text: str) -> Markup:
    """Paragraphs, heads, quotes, lists and links as HTML; everything else is escaped."""
    return Markup("\n").join(_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block.strip())


def _block(block: str) -> Markup:
    lines = [line.strip() for line in block.strip().splitlines()]
    if lines[0].startswith("- "):
        items = Markup("").join(Markup("<li>{}</li>").format(_inline(line.removeprefix("- "))) for line in lines)
        return Markup("<ul>{}</ul>").format(items)
    text = " ".join(lines)
    if text.startswith("## "):
        return Markup("<h2>{}</h2>").format(_inline(text[3:]))
    if text.startswith("> "):
        return Markup("<blockquote><p>{}</p></blockquote>").format(_inline(text[2:]))
    return Markup("<p>{}</p>").format(_inline(text))


def _inline(text: str) -> Markup:
    return Markup(_LINK.sub(lambda m: f'<a href="{m.group(2)}">{m.group(1)}</a>', str(escape(text))))  # noqa: S704  (escaped above)


@dataclass(frozen=True, slots=True)
class _Renderer:
    host: str
    site: Site
    folder: Path
    env: jinja2.Environment

    def pages(self) -> dict[str, Page]:
        """All answers of one host."""
        listed = sorted((page for page in self.site.pages if page.listed), key=_when, reverse=True)
        pages = {page.path: self._page(page, listed) for page in self.site.pages}
        if "/" not in pages:
            pages["/"] = self._list("", self.site.name, listed)
        for slug, name in self.site.sections.items():
            pages[f"/{slug}/"] = self._list(slug, name, [page for page in listed if page.section == slug])
        rules = "".join(f"Disallow: {path}\n" for path in self.site.disallow) or "Disallow:\n"
        sitemap = f"\nSitemap: http://{self.host}/sitemap.xml\n" if self.site.sitemap else ""
        pages["/robots.txt"] = Page(f"User-agent: *\n{rules}{sitemap}".encode(), "text/plain; charset=utf-8")
        if self.site.sitemap:
            pages["/sitemap.xml"] = self._xml("sitemap.xml.j2", listed)
        if self.site.feed:
            pages["/feed.xml"] = self._xml("feed.xml.j2", listed)
        return pages

    def _page(self, page: Entry, listed: Sequence[Entry]) -> Page:
        related = [other for other in listed if other.path != page.path and not other.noindex][:4]
        html = self._html(page=page, related=related, fragment=self._fragment(page.html))
        return Page(html, "text/html; charset=utf-8", format_datetime(page.published) if page.published else "")

    def _list(self, slug: str, title: str, entries: Sequence[Entry]) -> Page:
        page = Entry(path=f"/{slug}/" if slug else "/", title=title, listed=False)
        return Page(self._html(page=page, entries=entries, fragment=""), "text/html; charset=utf-8")

    def _html(self, **values: Any) -> bytes:
        fragments = {"top": self._fragment(self.site.top), "bottom": self._fragment(self.site.bottom)}
        template = self.env.get_template(f"{self.site.layout}.html.j2")
        return template.render(host=self.host, site=self.site, **fragments, **{"related": [], "entries": [], **values}).encode()

    def _xml(self, template: str, entries: Sequence[Entry]) -> Page:
        text = self.env.get_template(template).render(host=self.host, site=self.site, entries=entries, rfc822=format_datetime)
        return Page(text.encode(), "application/xml; charset=utf-8")

    def _fragment(self, name: str) -> Markup:
        return Markup((self.folder / name).read_text("utf-8")) if name else Markup("")  # noqa: S704  (our own file, meant as HTML)


def _when(page: Entry) -> float:
    return page.published.timestamp() if page.published else 0.0


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
