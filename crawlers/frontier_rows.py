"""What a target becomes in a frontier of either kind: its fingerprint, its host, its place in the queue. One rule for both."""

from __future__ import annotations

import json
from dataclasses import dataclass

from crawlers.targets import PRIORITY, Kind, Result, State, Target
from crawlers.urls import ascii_host, canonical, fingerprint, split

MAX_TRIES = 20
KEEP_RUNS = 3  # finished runs whose rows stay, for asking what happened


@dataclass(frozen=True, slots=True)
class Row:
    """One request, before it has an id. `path_key` stands for a path whose queries are counted."""

    fingerprint: bytes
    url: str
    kind: Kind
    depth: int
    priority: int
    host: str
    path_key: bytes | None
    chain: str


def row_of(target: Target) -> Row:
    """The row of a target.

    Raises:
        BadUrl: no address that can be asked for.
    """
    address = canonical(target.url)
    parts = split(address)
    return Row(
        fingerprint=fingerprint(address),
        url=target.url,
        kind=target.kind,
        depth=target.depth,
        priority=PRIORITY[target.kind] - target.depth,  # breadth first: what stands near the start is what the site shows first
        host=ascii_host(parts.hostname or ""),
        path_key=fingerprint(f"{parts.netloc}{parts.path}") if parts.query and target.kind is Kind.PAGE else None,
        chain=json.dumps(target.chain),
    )


def counts_as_started(kind: Kind, result: Result) -> bool:
    """Whether a page that ended so was one of the pages of the run. What was never asked for, and the way to a page, was not."""
    return kind is Kind.PAGE and result.state is not State.SKIPPED and result.outcome != "redirect"
