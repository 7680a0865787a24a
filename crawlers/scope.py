"""Which addresses belong to a source: its hosts and its path patterns. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawlers.sources import SourceSpec
from crawlers.urls import BadUrl, host_port, split


class ScopeFilter:
    """A source's scope, compiled. A host rule without port fits every port; `*.tin.example` fits every host below `tin.example`."""

    def __init__(self, spec: SourceSpec) -> None:
        self._hosts = frozenset(rule for rule in spec.hosts if not rule.startswith("*."))
        self._below = tuple(rule[1:] for rule in spec.hosts if rule.startswith("*."))
        self._allow = tuple(re.compile(pattern) for pattern in spec.scope.allow)
        self._deny = tuple(re.compile(pattern) for pattern in spec.scope.deny)
        self._starts = frozenset((*spec.seeds, *spec.sitemaps, *spec.feeds))

    def has(self, url: str) -> bool:
        """Whether the address belongs to the source. The starting addresses always do: a person wrote them."""
        return url in self._starts or (self.has_host(url) and self._has_path(url))

    def has_host(self, url: str) -> bool:
        """Whether the host does, whatever the path: for sitemaps and feeds."""
        try:
            host, port = host_port(url)
            named = split(url).port is not None
        except BadUrl:
            return False
        with_port = f"{host}:{port}"
        if with_port in self._hosts or (host in self._hosts):
            return True
        return any(host.endswith(rule) or (named and with_port.endswith(rule)) for rule in self._below)

    def _has_path(self, url: str) -> bool:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if any(pattern.search(path) for pattern in self._deny):
            return False
        return not self._allow or any(pattern.search(path) for pattern in self._allow)
