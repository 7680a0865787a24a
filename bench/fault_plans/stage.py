"""What every process of a plan is given: settings, material, numbers that all of them share, the people, and how the home is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_int, c_longlong
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, cast

from bench.fault_plans.material import Material, Remembered
from classifiers.classifier import Classifier
from flows.runtime import Runtime
from rasoat.cases.states import Role
from rasoat.cases.workflow import Actor
from rasoat.clock import Ids
from rasoat.settings import Settings
from rasoat.store import open_store
from rasoat.store.database import Database
from rasoat.store.dialect_sqlite import Sqlite

PEOPLE: Final = {"an": Role.REVIEWER, "binh": Role.REVIEWER, "chi": Role.REVIEWER, "dung": Role.APPROVER}
PASSWORD: Final = "mot mat khau dai"


@dataclass(frozen=True)
class Shared:
    """Numbers that the harness writes and every process reads. Without locks: a killed process must not keep one."""

    offset: c_longlong  # seconds that the clock is off
    imported: c_int
    assessed: c_int
    decided: c_int  # by the people: the site may close


@dataclass(frozen=True)
class Clock:
    """The machine's, as far as somebody set it back."""

    offset: c_longlong

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset.value)


@dataclass(frozen=True)
class Stage:
    """What every process of a plan is given."""

    settings: Settings
    material: Material
    shared: Shared
    ledger: Path
    actors: dict[str, Actor]
    seed: int
    lag: float
    """Seconds, at most, that a projector sleeps between reading and writing."""
    crawl: bool = False
    """Part of the material is on the web, and a crawler reads it there."""
    port: int = 0
    """Of the review site; 0: the people call the store."""

    @property
    def items(self) -> int:
        """How many come in."""
        return len(self.material.verdicts)

    @property
    def round(self) -> int:
        """Items a round: several rounds even in a small plan, not thousands of them in a big one."""
        return max(20, min(200, self.items // 100))

    @property
    def pause(self) -> float:
        """Seconds before who found nothing to do looks again: in a big plan they would otherwise take the processor from the others."""
        return 0.02 * max(1.0, min(20.0, self.items / 1000))


@contextmanager
def opened(stage: Stage) -> Iterator[Runtime]:
    """The home of the plan, with a classifier that knows all answers already."""
    clock, ids = Clock(stage.shared.offset), Ids()
    with open_store(stage.settings, clock=clock, ids=ids) as store:
        rt = Runtime(stage.settings, store, clock, ids)
        rt.__dict__["classifier"] = cast(Classifier, Remembered(stage.material))
        if stage.material.policy is not None:
            rt.__dict__["policy"] = stage.material.policy
        yield rt


def database_of(settings: Settings) -> Database:
    """The plan's database beside the store."""
    if not settings.database_url:
        return Database(Sqlite(settings.home / "rasoat.sqlite3"))
    from rasoat.store.dialect_postgresql import PostgreSql, address

    return Database(PostgreSql(address(settings.database_url, "")))
