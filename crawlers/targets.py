"""The words of the frontier: what may be asked for, what was handed out, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an address is expected to give."""

    PAGE = "page"
    SITEMAP = "sitemap"
    FEED = "feed"


class State(StrEnum):
    """Where a request stands."""

    QUEUED = "queued"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


PRIORITY = {Kind.SITEMAP: 20, Kind.FEED: 10, Kind.PAGE: 0}


@dataclass(frozen=True, slots=True)
class Target:
    """An address to ask for. `chain` holds the addresses that redirected here, oldest first."""

    url: str
    kind: Kind = Kind.PAGE
    depth: int = 0
    chain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request handed out: the row's id and what to ask for."""

    id: int
    target: Target
    tries: int


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request. `outcome` is an arrival, an error kind or the reason for skipping."""

    state: State
    outcome: str
    bytes: int = 0
    has_text: bool = False
    has_date: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """One group of a run's rows."""

    kind: Kind
    state: State
    outcome: str
    n: int
    bytes: int
    has_text: int
    has_date: int
