"""Sources: `data/sources/<name>/source.yml` as typed models, with errors that name file, line and hint.

Knows what a person may write there. Knows nothing of how a source is crawled. `data/sources/README.md` documents every key.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from crawlers.cron import check_cron
from crawlers.urls import BadUrl, ascii_host, fetchable, host_port, split
from rasoat.errors import ConfigError
from rasoat.yamlfile import Document, Loc, read_document

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
MAX_FILE = 256 * 1024  # a source file is a page of text; more is a mistake


def _url(value: str) -> str:
    try:
        fetchable(value)
    except BadUrl as error:
        raise ValueError(f"{value!r} is {error}" if "not an" in str(error) else f"{value!r}: {error}") from error
    return value


def _host(value: str) -> str:
    wildcard, bare = ("*.", value[2:]) if value.startswith("*.") else ("", value)
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^/:@?#\s]+)(:\d{1,5})?", bare)
    if match is None:
        raise ValueError(f"{value!r} is no host: write tin.example, *.tin.example or 127.0.0.1:8080, without http:// and path")
    try:
        return wildcard + ascii_host(match[1].strip("[]")) + (match[2] or "")
    except BadUrl as error:
        raise ValueError(str(error)) from error


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error
    return value


def _always(value: object) -> object:
    if value is not True:
        raise ValueError("robots.txt is always obeyed: a source cannot switch that off (docs/charter.md)")
    return value


Url = Annotated[str, AfterValidator(_url)]
HostRule = Annotated[str, AfterValidator(_host)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Cron = Annotated[str, AfterValidator(check_cron)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Scope(_Model):
    """Which addresses belong to the source."""

    hosts: tuple[HostRule, ...] = Field(default=(), description="hosts that belong to the source; empty: those of the seeds, with www.")
    allow: tuple[Pattern, ...] = Field(default=(), description="regular expressions on path and query; empty: everything")
    deny: tuple[Pattern, ...] = Field(default=(), description="regular expressions on path and query; stronger than allow")


class Limits(_Model):
    """Where a run stops."""

    max_pages: int = Field(default=500, ge=1, le=1_000_000, description="pages fetched in one run")
    max_depth: int = Field(default=5, ge=0, le=50, description="links away from a seed, a sitemap or a feed; also ends endless calendars")
    max_bytes: int = Field(default=5_000_000, ge=1_000, le=100_000_000, description="size of one page, also after unpacking")
    max_query_variants: int = Field(default=50, ge=1, description="different queries (?page=…) of one path")
    timeout: float = Field(default=30.0, gt=0, le=600, description="seconds for one page, from asking to its last byte")
    retries: int = Field(default=2, ge=0, le=10, description="further tries after a server error, a time-out or a lost connection")


class Politeness(_Model):
    """How the source is treated. AutoThrottle slows down further when the server does."""

    delay: float = Field(default=1.0, ge=0, le=3600, description="least seconds between two requests to one host")
    concurrency: int = Field(default=2, ge=1, le=32, description="most requests to one host at once")
    obey_robots: Annotated[Literal[True], BeforeValidator(_always)] = Field(
        default=True, description="always true; written out it says so, and false is an error"
    )


class Network(_Model):
    """What the source may reach."""

    allow_private: bool = Field(default=False, description="reach private, loopback and link-local addresses (own test servers only)")
    proxy: Literal["demo"] | None = Field(default=None, description="demo: only hosts under .example, through the bundled demo web")


class Assertions(_Model):
    """Health: a run that yields less fails loudly."""

    min_items: int = Field(default=1, ge=0, description="least items in a run")
    min_share_with_text: float = Field(default=0.5, ge=0, le=1, description="least share of items with text")
    min_share_with_date: float = Field(default=0.0, ge=0, le=1, description="least share of items with a date of publication")


class SourceSpec(_Model):
    """One source. `source.yml` holds these keys and no others."""

    name: str = Field(description="name of the folder: lower-case letters, digits, hyphens")
    title: str = Field(min_length=1, description="what people call it")
    kind: Literal["site"] = Field(default="site", description="site: a web site, read by the generic spider")
    seeds: tuple[Url, ...] = Field(default=(), description="addresses to start from")
    sitemaps: tuple[Url, ...] = Field(default=(), description="sitemaps or sitemap indexes, plain or .gz")
    feeds: tuple[Url, ...] = Field(default=(), description="RSS or Atom feeds")
    discover: bool = Field(default=True, description="also take sitemaps named in robots.txt and feeds named in the seeds' pages")
    scope: Scope = Field(default_factory=Scope, description="which addresses belong to the source")
    limits: Limits = Field(default_factory=Limits, description="where a run stops")
    schedule: Cron | None = Field(default=None, description="cron line of five fields, Vietnam time; absent: only when asked for")
    politeness: Politeness = Field(default_factory=Politeness, description="how the source is treated")
    network: Network = Field(default_factory=Network, description="what the source may reach")
    assertions: Assertions = Field(default_factory=Assertions, description="health: a run that yields less fails loudly")

    @model_validator(mode="after")
    def _consistent(self) -> SourceSpec:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a source: lower-case letters, digits and hyphens, at most 64")
        if not (self.seeds or self.sitemaps or self.feeds):
            raise ValueError("a source needs at least one of seeds, sitemaps, feeds")
        return self

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host rules in force: those of `scope`, or the hosts of the starting addresses, each with and without `www.`."""
        if self.scope.hosts:
            return self.scope.hosts
        return tuple(dict.fromkeys(rule for url in (*self.seeds, *self.sitemaps, *self.feeds) for rule in _rules_of(url)))


def _rules_of(url: str) -> list[str]:
    host, _ = host_port(url)
    port = f":{split(url).port}" if split(url).port else ""
    bare = host.removeprefix("www.")
    if re.fullmatch(r"[\d.]+|.*:.*", bare):
        return [bare + port]
    return [bare + port, f"www.{bare}{port}"]


def load_sources(data_dir: Path) -> dict[str, SourceSpec]:
    """Every source under `data_dir/sources`, by name.

    Raises:
        ConfigError: the first wrong file, with line and hint.
    """
    folder = data_dir / "sources"
    return {spec.name: spec for spec in (load_source(path) for path in sorted(folder.glob("*/source.yml")))}


def load_source(path: Path) -> SourceSpec:
    """One `source.yml`.

    Raises:
        ConfigError: unreadable, no YAML, an unknown or repeated key, a wrong value, or a name that is not the folder's.
    """
    document = read_document(path, max_bytes=MAX_FILE)
    if not isinstance(document.value, dict):
        raise ConfigError("no keys in it", place=document.place(), hint="start from data/sources/README.md")
    _check_keys(document, document.value, SourceSpec)
    try:
        spec = SourceSpec.model_validate(document.value)
    except ValidationError as error:
        raise _config_error(error, document) from error
    if spec.name != path.parent.name:
        words = f"the name is {spec.name!r}, the folder {path.parent.name!r}"
        raise ConfigError(words, place=document.place("name"), hint="make them the same")
    return spec


def _check_keys(document: Document, value: dict[str, object], model: type[BaseModel], loc: Loc = ()) -> None:
    # Before pydantic looks: it cannot tell which key was meant.
    for key, inner in value.items():
        if key not in model.model_fields:
            near = difflib.get_close_matches(key, model.model_fields, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(model.model_fields)}"
            raise ConfigError(f"unknown key {key!r}", place=document.place(*loc, key), hint=hint)
        kind = model.model_fields[key].annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(inner, dict):
            _check_keys(document, inner, kind, (*loc, key))


def _config_error(error: ValidationError, document: Document) -> ConfigError:
    first = error.errors()[0]
    where = tuple(part for part in first["loc"] if part not in ("function-after", "function-before"))
    named = ".".join(str(part) for part in where)
    message = str(first["msg"]).removeprefix("Value error, ")
    hint = f"see {named or 'the keys'} in data/sources/README.md"
    return ConfigError(f"{named}: {message}" if named else message, place=document.place(*where), hint=hint)
