"""Seeded plans: which faults strike whom, and when. Knows no process and no server.

A moment is counted in statements to the database, not in seconds, so that a slow machine is hurt in the same places as a fast one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ROLES: Final = ("importer", "assessor", "worker", "projector", "site")
"""The processes of a pipeline: `worker` is a second assessor beside the first, `site` the people who decide, or the site they work on."""
CRAWLER: Final = "crawler"
"""One more process, beside the importer, in every third plan: part of the items are pages of a small web."""
_CRAWL_EVERY, _HTTP_EVERY = 3, 4
"""Every fourth plan has a real review site, and people who work on it over HTTP."""
SERVICES_EVERY: Final = 5
"""One plan in so many runs on PostgreSQL and Elasticsearch unless all are asked for."""


class Kind(StrEnum):
    """What may be done to a pipeline."""

    KILL = "kill"  # kill -9, before or inside a statement
    DISK_FULL = "disk-full"
    CLOCK_BACK = "clock-back"
    TWO_PROJECTORS = "two-projectors"
    LOCKED = "locked"  # another process holds the embedded database's write lock
    PG_RESTART = "pg-restart"
    PG_CRASH = "pg-crash"
    PG_CUT = "pg-cut"  # the connection ends inside a transaction
    PG_SERIALIZATION = "pg-serialization"
    ES_STOP = "es-stop"
    ES_HANG = "es-hang"
    ES_SLOW = "es-slow"
    ES_BUSY = "es-429"
    ES_CUT = "es-cut"  # half of the requests are lost on the way, half of the answers on the way back
    ES_READONLY = "es-readonly"
    ES_MAPPING = "es-mapping"


AIMED: Final = frozenset({Kind.KILL, Kind.DISK_FULL, Kind.PG_CUT, Kind.PG_SERIALIZATION})
"""Strike one process at one of its own statements; the others strike the whole at a moment of the whole."""
EMBEDDED: Final = (*[Kind.KILL] * 4, Kind.DISK_FULL, Kind.DISK_FULL, Kind.CLOCK_BACK, Kind.TWO_PROJECTORS, Kind.LOCKED)
SHARED: Final = (
    Kind.ES_STOP,
    Kind.PG_RESTART,
    Kind.ES_MAPPING,
    Kind.PG_CUT,
    Kind.ES_BUSY,
    Kind.KILL,
    Kind.ES_READONLY,
    Kind.PG_CRASH,
    Kind.ES_CUT,
    Kind.PG_SERIALIZATION,
    Kind.TWO_PROJECTORS,
    Kind.ES_SLOW,
    Kind.DISK_FULL,
    Kind.ES_HANG,
    Kind.CLOCK_BACK,
)
IMPORTED: Final = -1
"""A moment: as soon as the importer has said that it is done."""
_SHARE: Final = {"crawler": 6.0, "importer": 10.0, "assessor": 5.0, "worker": 4.0, "projector": 0.8, "site": 2.0}
"""Statements of each process for one item, about, in an undisturbed run: moments are drawn from that many."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One strike. `at`: statements of the role where one is aimed at, of all roles together otherwise."""

    kind: Kind
    at: int
    role: str = ""

    def __str__(self) -> str:
        return f"{self.kind}{':' + self.role if self.role else ''}@{'imported' if self.at == IMPORTED else self.at}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done in one run. `seed` alone makes it again."""

    number: int
    seed: int
    services: bool
    faults: tuple[Fault, ...]
    crawl: bool = False
    http: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """Its processes."""
        return (CRAWLER, *ROLES) if self.crawl else ROLES

    def of(self, role: str) -> list[Fault]:
        """What strikes this process, the earliest first; each life takes one and counts from its own beginning."""
        return sorted((fault for fault in self.faults if fault.role == role), key=lambda fault: fault.at)

    @property
    def at_large(self) -> list[Fault]:
        """What strikes the whole, in order."""
        return sorted((fault for fault in self.faults if not fault.role), key=lambda fault: fault.at)


def draw(seed: int, number: int, items: int, *, services: bool | None = None) -> Plan:
    """The plan of this number. Its first fault goes round the kinds, so that any run of plans meets them all; the others are drawn."""
    rng = random.Random(f"{seed}/{number}")
    shared = number % SERVICES_EVERY == SERVICES_EVERY - 1 if services is None else services
    kinds = SHARED if shared else EMBEDDED
    turn = number // SERVICES_EVERY if shared and services is None else number
    picked = [kinds[(turn + seed) % len(kinds)], *rng.choices(kinds, k=rng.randrange(1, 4))]
    whole = {kind for kind in picked if kind not in AIMED}  # the whole is struck once by each kind, a process by any number
    aimed = [kind for kind in picked if kind in AIMED]
    crawl, http = number % _CRAWL_EVERY == 1, number % _HTTP_EVERY == 1
    roles = (CRAWLER, *ROLES) if crawl else ROLES
    faults = tuple(_fault(kind, roles, items, rng) for kind in [*sorted(whole), *aimed])
    return Plan(number, seed, shared, faults, crawl, http)


def _fault(kind: Kind, roles: Sequence[str], items: int, rng: random.Random) -> Fault:
    if kind in AIMED:
        role = rng.choice(roles)
        return Fault(kind, 1 + int(_SHARE[role] * items * rng.random() ** 2), role)
    if kind is Kind.ES_MAPPING:
        return Fault(kind, 0)
    if kind is Kind.PG_CRASH and rng.random() < 0.5:
        return Fault(kind, IMPORTED)
    return Fault(kind, int(sum(_SHARE.values()) * items * 0.8 * rng.random()))
