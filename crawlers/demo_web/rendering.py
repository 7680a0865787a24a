"""From sites to answers: pages, front and section pages, robots.txt, sitemaps and feeds, through `data/demo/templates/`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from crawlers.demo_web.sites import Entry, Site, load_sites

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Page:
    """What the server answers."""

    body: bytes
    media_type: str
    modified: str = ""


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
