"""The fictional sites as people write them: `data/demo/sites/<host>/site.yml`, typed, with copies of other sites' pages resolved.

Knows nothing of HTML or HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rasoat.errors import ConfigError, Place
from rasoat.yamlfile import shallow


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
            sites[path.parent.name] = Site.model_validate(yaml.safe_load(shallow(path.read_text("utf-8"))))
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
