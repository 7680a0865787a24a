"""SQL to the search index: the outbox is emptied in order, repeated without harm; once, or for as long as nobody says stop."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

import structlog

from flows.runtime import Runtime
from rasoat.errors import RetryLater

log = structlog.get_logger(__name__)
BATCH = 500
SOON: Final = 0.1
"""Seconds until the first look after there was work; the pause doubles while there is none."""
IDLE: Final = 2.0
"""The longest pause while all is well: an item is found so soon after a person or the assessor changed it. A look is one SELECT."""
AWAY: Final = 60.0
"""The longest pause while the index or the database does not answer."""


def project(rt: Runtime) -> int:
    """Carry every waiting change to the index; returns how many."""
    total = 0
    while moved := rt.store.project(BATCH):
        total += moved
    return total


@dataclass(slots=True)
class Stop:
    """Set by the first SIGTERM or Ctrl-C, so that the batch at hand is finished; a second one ends the process as usual."""

    asked: bool = False
    slice: float = field(default=0.1, repr=False)

    def listen(self) -> None:
        """From here on the signals of this process are heard here. In the main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)

    def wait(self, seconds: float) -> None:
        """Sleep, and wake up when it is time to stop."""
        end = time.monotonic() + seconds
        while not self.asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, self.slice))

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def follow(rt: Runtime, stop: Stop) -> int:
    """Carry changes as they come until `stop`; returns how many. What does not answer is asked again, ever more seldom.

    Any number may run, on any number of machines: a lock lets one at a time work, and the others wait for it.

    Raises:
        ConfigError: the index does not let us in or asks for a rebuild: waiting mends nothing.
    """
    total = burst = 0
    idle = away = SOON
    while not stop.asked:
        try:
            moved = rt.store.project(BATCH)
        except RetryLater as error:
            log.warning("project.waits", problem=str(error), seconds=away)
            stop.wait(away)
            away = min(away * 2, AWAY)
            continue
        total, burst, away = total + moved, burst + moved, SOON
        if moved:
            idle = SOON
            continue
        if burst:
            log.info("project.fresh", changes=burst)
            burst = 0
        stop.wait(idle)
        idle = min(idle * 2, IDLE)
    return total
