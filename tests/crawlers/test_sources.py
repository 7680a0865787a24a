"""Source files: what may be written in them, and what the errors say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from crawlers.scope import ScopeFilter
from crawlers.sources import SourceSpec, load_source, load_sources
from rasoat.errors import ConfigError
from rasoat.settings import ROOT

GOOD = """\
name: tin-vi-du
title: Tin Ví Dụ
seeds:
  - https://www.tin.example/
schedule: "30 */6 * * mon-fri"
limits:
  max_pages: 10
"""


def write(folder: Path, text: str, name: str = "tin-vi-du") -> Path:
    path = folder / "sources" / name / "source.yml"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (spec,) = load_sources(tmp_path).values()
    assert (spec.name, spec.limits.max_pages, spec.schedule) == ("tin-vi-du", 10, "30 */6 * * mon-fri")
    assert spec.hosts == ("tin.example", "www.tin.example")
    assert spec.politeness.obey_robots is True
    assert not spec.network.allow_private


@pytest.mark.parametrize(
    ("change", "line", "message", "hint"),
    [
        (("limits:", "limit:"), 6, "unknown key 'limit'", "did you mean limits?"),
        (("max_pages", "max_page"), 7, "unknown key 'max_page'", "did you mean max_pages?"),
        (("title: Tin Ví Dụ", "zzzz: 1"), 2, "unknown key 'zzzz'", "known keys: name, title"),
        (("max_pages: 10", "max_pages: 0"), 7, "limits.max_pages: Input should be greater than or equal to 1", "limits.max_pages"),
        (("max_pages: 10", "max_pages: nhiều"), 7, "limits.max_pages: Input should be a valid integer", "README.md"),
        (("https://www.tin.example/", "ftp://tin.example/"), 4, "seeds.0: 'ftp://tin.example/' is not an http or https address", "seeds"),
        (('"30 */6 * * mon-fri"', '"30 25 * * *"'), 5, "schedule: '25' is out of range for hour: 0 to 23", "schedule"),
        (('"30 */6 * * mon-fri"', "hourly"), 5, "five fields", "schedule"),
        (("name: tin-vi-du", "name: tin"), 1, "the name is 'tin', the folder 'tin-vi-du'", "same"),
        (("name: tin-vi-du", "name: Tin Ví Dụ"), 1, "is no name of a source", "README"),
        (("title: Tin Ví Dụ\n", ""), 1, "title: Field required", "title"),
        (("  max_pages: 10", "  max_pages: 10\n  max_pages: 11"), 8, "'max_pages' stands here twice", "remove one"),
        (("limits:\n  max_pages: 10", "limits: [1"), 7, "not YAML", "indent"),
        (("seeds:\n  - https://www.tin.example/\n", ""), 1, "at least one of seeds, sitemaps, feeds", "README"),
        (("limits:", "politeness: {obey_robots: false}\nlimits:"), 6, "robots.txt is always obeyed", "obey_robots"),
        (("limits:", "scope: {allow: ['(']}\nlimits:"), 6, "is no regular expression", "scope"),
        (("limits:", "scope: {hosts: ['http://tin.example/']}\nlimits:"), 6, "is no host", "scope"),
        (("limits:", "network: {proxy: 'http://10.0.0.1'}\nlimits:"), 6, "network.proxy", "network.proxy"),
    ],
)
def test_a_wrong_file_says_where_what_and_how(tmp_path: Path, change: tuple[str, str], line: int, message: str, hint: str) -> None:
    assert change[0] in GOOD
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(ConfigError) as caught:
        load_source(path)
    error = caught.value
    assert error.place is not None
    assert (error.place.file, error.place.line) == (str(path), line)
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize("content", ["", "- a\n", "just text", "\x00\x01"])
def test_files_that_are_no_source(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigError):
        load_source(write(tmp_path, content))


def test_a_file_in_another_encoding_or_of_another_size(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_source(path)
    path.write_text("# " + "x" * 300_000, encoding="utf-8")
    with pytest.raises(ConfigError, match="larger than"):
        load_source(path)


def keys_of(model: type[BaseModel], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= keys_of(inner, f"{name}.")
        else:
            found.add(prefix + name)
    return found


def test_the_readme_documents_every_key_with_its_default() -> None:
    text = (ROOT / "data" / "sources" / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \|.*\| ([^|]+) \|$", text, re.MULTILINE))
    assert set(rows) == keys_of(SourceSpec)
    spec = SourceSpec(name="a", title="a", seeds=("http://a.example/",))
    for key, written in rows.items():
        outer, _, inner = key.partition(".")
        value = getattr(getattr(spec, outer), inner) if inner else getattr(spec, outer)
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert float(written) == value, key
        elif isinstance(value, bool):
            assert written == f"`{str(value).lower()}`", key


def test_every_shipped_source_can_be_read() -> None:
    for name, spec in load_sources(ROOT / "data").items():
        assert spec.network.proxy == "demo" or not spec.network.allow_private, name


@pytest.mark.parametrize(
    ("hosts", "url", "inside"),
    [
        (["tin.example"], "http://tin.example/a", True),
        (["tin.example"], "https://TIN.example:443/a", True),
        (["tin.example"], "http://tin.example:8080/a", True),
        (["tin.example"], "http://a.tin.example/", False),
        (["tin.example"], "http://xtin.example/", False),
        (["*.tin.example"], "http://a.b.tin.example/", True),
        (["*.tin.example"], "http://tin.example/", False),
        (["127.0.0.1:81"], "http://127.0.0.1:81/", True),
        (["127.0.0.1:81"], "http://127.0.0.1:82/", False),
        (["ví-dụ.example"], "http://xn--v-d-rma6749a.example/", True),
        (["[::1]:81"], "http://[::1]:81/", True),
        (["tin.example"], "http://tin.example@evil.example/", False),
        (["tin.example"], "not an address", False),
    ],
)
def test_hosts_of_a_scope(hosts: list[str], url: str, inside: bool) -> None:
    spec = SourceSpec.model_validate({"name": "a", "title": "a", "seeds": ["http://z.example/"], "scope": {"hosts": hosts}})
    assert ScopeFilter(spec).has(url) is inside
