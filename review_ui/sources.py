"""The names of sources in words, and which sources there are. A source of its own folder has a title; an imported file has its name."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from rasoat.messages import Messages
from rasoat.ports import SearchQuery
from rasoat.store import Store
from rasoat.yamlfile import shallow

SECONDS: Final = 30.0
"""How long the list of sources is good for: it changes when a run brings the first flagged item of a new source."""


def titles(folder: Path) -> dict[str, str]:
    """`title` of every `source.yml`. A file that cannot be read is passed over: the crawl is the one that complains."""
    found = {}
    for path in sorted(folder.glob("*/source.yml")):
        try:
            spec = yaml.safe_load(shallow(path.read_text("utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            continue
        if isinstance(spec, dict) and isinstance(spec.get("name"), str) and isinstance(spec.get("title"), str):
            found[spec["name"]] = spec["title"]
    return found


def in_words(source: str, named: Mapping[str, str], words: Messages) -> str:
    """What a reader calls it."""
    if source in named:
        return named[source]  # with its address: a clone has the name of the paper that it imitates
    if source.startswith("import:"):
        stem = source.removeprefix("import:").rpartition(".")[0] or source.removeprefix("import:")
        return words.t("ui.source_import", file=" ".join(stem.replace("_", "-").split("-")))
    return source


class KnownSources:
    """The sources of all flagged items, as the search index counts them. Shared by threads."""

    def __init__(self) -> None:
        self._asked = float("-inf")
        self._names: tuple[str, ...] = ()

    def names(self, store: Store) -> tuple[str, ...]:
        """In alphabetical order."""
        if time.monotonic() - self._asked > SECONDS:
            self._names = tuple(sorted(store.search.search(SearchQuery(limit=1)).facets.get("sources", {})))
            self._asked = time.monotonic()
        return self._names
