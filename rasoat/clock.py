"""Time, ids and randomness are passed in, so that a test or a replay can fix them."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time (UTC, aware)."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """A clock that stands still until it is told to move."""

    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment that was set."""
        return self.at

    def advance(self, **delta: float) -> None:
        """Move on by `timedelta(**delta)`."""
        self.at += timedelta(**delta)


@dataclass(slots=True)
class Ids:
    """Makes UUIDs: random ones by default, a repeatable series when seeded."""

    seed: int | None = None
    _rng: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed) if self.seed is not None else random.SystemRandom()  # noqa: S311  (seeded: repeatable ids, not secrets)

    def new(self) -> str:
        """A new UUID in its text form."""
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))


def rfc3339(moment: datetime) -> str:
    """UTC with whole microseconds and a Z: `2026-01-01T00:00:00.000000Z`. One form everywhere, so that hashes agree."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
