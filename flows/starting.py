"""Starts sources beside the site: the same command that a person would type, in a process of its own, so that no page ever waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import structlog

from flows.sources import healths, plans
from rasoat.health import SourceHealth, SourcePlan
from rasoat.settings import Settings
from rasoat.store.measuring import SourceRuns

log = structlog.get_logger(__name__)
PLANS_SECONDS: Final = 60.0
"""A file that was added or changed is seen after so long."""


class Desk:
    """`review_ui.site.SourceDesk`. Remembers only its own children: what was started elsewhere is seen in the diary."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = threading.Lock()
        self._read_at = float("-inf")
        self._plans: tuple[SourcePlan, ...] = ()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def healths(self, runs: Mapping[str, SourceRuns], now: datetime) -> tuple[SourceHealth, ...]:
        """Each source that has a file."""
        with self._turn:
            if time.monotonic() - self._read_at > PLANS_SECONDS:
                self._read_at, self._plans = time.monotonic(), plans(self._settings)
            known = self._plans
        return healths(known, runs, now)

    def start(self, name: str) -> bool:
        """Run `rasoat collect NAME` and return at once; False when a child of ours is at it."""
        with self._turn:
            if self._alive(name):
                return False
            command = [sys.executable, "-m", "flows", "collect", name]
            self._children[name] = child = subprocess.Popen(  # noqa: S603  (our own command; the name is of a source with a file)
                command, env=environment(self._settings), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        log.info("source.started", source=name)
        threading.Thread(target=_reap, args=(name, child), daemon=True).start()
        return True

    def under_way(self) -> frozenset[str]:
        """Children of ours that have not ended."""
        with self._turn:
            return frozenset(name for name in self._children if self._alive(name))

    def _alive(self, name: str) -> bool:
        child = self._children.get(name)
        return child is not None and child.poll() is None


def environment(settings: Settings) -> dict[str, str]:
    """Of a child that works on the same home."""
    own = {"RASOAT_HOME": str(settings.home), "RASOAT_DATA": str(settings.data), "RASOAT_MODELS": str(settings.models)}
    return {**os.environ, **own, "RASOAT_LOG_FORMAT": settings.log_format}


def _reap(name: str, child: subprocess.Popen[bytes]) -> None:
    code = child.wait()
    (log.info if code == 0 else log.warning)("source.ended", source=name, exit_code=code)
