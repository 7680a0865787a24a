"""Carries one plan out: starts the processes, strikes, starts again what fell, recovers, and hands what is left to `checking`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from ctypes import c_int, c_longlong
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Final

from elasticsearch import NotFoundError

from bench.fault_plans.checking import Verdict, check
from bench.fault_plans.material import Material
from bench.fault_plans.plans import CRAWLER, IMPORTED, Fault, Kind, Plan
from bench.fault_plans.proxy import Mode
from bench.fault_plans.roles import AGAIN, run
from bench.fault_plans.servers import Servers
from bench.fault_plans.stage import PASSWORD, PEOPLE, Shared, Stage, opened
from bench.fault_plans.striking import Striker
from flows.stages.assess import assess
from flows.stages.project import project
from rasoat.cases.workflow import Actor
from rasoat.errors import RasoatError, RetryLater
from rasoat.settings import Settings
from rasoat.store import open_store

_FORK: Final = multiprocessing.get_context("fork")
_LOOK: Final = 0.005
_REST: Final = 0.1  # seconds before a process that ended is started again, as a supervisor would
_TRIES: Final = 50
_UNFORESEEN: Final = 5  # after so many errors that nobody foresaw a plan is given up
_LAG: Final = 0.05
_HELD: Final = {Kind.LOCKED: 0.7, Kind.ES_STOP: 0.5, Kind.ES_HANG: 2.0, Kind.ES_SLOW: 3.0, Kind.ES_BUSY: 2.0, Kind.ES_CUT: 2.0}
"""Seconds that a fault of a server lasts."""
_AT_THE_SERVER: Final = frozenset({Kind.ES_STOP, Kind.ES_HANG, Kind.ES_READONLY, Kind.ES_MAPPING})
_MODES: Final = {Kind.ES_SLOW: Mode.SLOW, Kind.ES_BUSY: Mode.BUSY, Kind.ES_CUT: Mode.CUT}
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a plan went. `struck`: faults that met somebody still at work; `trouble`: what nobody foresaw."""

    verdict: Verdict
    struck: int
    restarts: int
    trouble: tuple[str, ...]


@dataclass
class _Process:
    """One role over all its lives."""

    role: str
    faults: list[Fault]
    ticks: c_longlong = field(default_factory=lambda: RawValue(c_longlong, 0))
    struck: c_longlong = field(default_factory=lambda: RawValue(c_longlong, 0))
    child: ForkProcess | None = None
    done: bool = False
    again_at: float = 0.0
    lives: int = 0

    def start(self, stage: Stage) -> None:
        """A new life, with the next fault that is meant for it."""
        fault = self.faults[self.struck.value] if self.struck.value < len(self.faults) else None
        striker = Striker(self.ticks, self.struck, fault)
        self.lives += 1
        self.child = _FORK.Process(target=run, args=(stage, self.role, striker))
        self.child.start()

    def stop(self) -> None:
        """At the end of a plan that did not end by itself."""
        if self.child is not None and self.child.is_alive():
            self.child.kill()
            self.child.join()


class Pipeline:
    """One plan under way."""

    def __init__(self, plan: Plan, stage: Stage, servers: Servers | None) -> None:
        self._plan, self._stage, self._servers = plan, stage, servers
        self._processes = {role: _Process(role, plan.of(role)) for role in plan.roles}
        if plan.http:
            self._processes["people"] = _Process("people", [])
        self._waiting = plan.at_large
        self._ending: list[tuple[float, Kind, Callable[[], None]]] = []
        self.struck, self.trouble = 0, list[str]()

    def carry_out(self, seconds: float) -> None:
        """Until every process has done its work, or the time is up."""
        limit = time.monotonic() + seconds
        try:
            self._strike(before=True)
            while not all(process.done for process in self._processes.values()) and len(self.trouble) < _UNFORESEEN:
                for process in list(self._processes.values()):
                    self._look_after(process)
                self._flags()
                self._strike()
                self._end(time.monotonic())
                if time.monotonic() > limit:
                    left = ", ".join(role for role, process in self._processes.items() if not process.done)
                    self.trouble.append(f"not done after {seconds:.0f} s: {left}")
                    return
                time.sleep(_LOOK)
        finally:
            for process in self._processes.values():
                process.stop()
            self._end(float("inf"))
            self.struck += sum(process.struck.value for process in self._processes.values())

    @property
    def restarts(self) -> int:
        """How often a process was started again."""
        return sum(process.lives - 1 for process in self._processes.values())

    def _look_after(self, process: _Process) -> None:
        if process.done:
            return
        if process.child is None:
            if time.monotonic() >= process.again_at:
                process.start(self._stage)
            return
        code = process.child.exitcode
        if code is None:
            return
        process.child.join()
        process.child, process.done = None, code == 0
        process.again_at = time.monotonic() + _REST
        if code not in (0, AGAIN, -signal.SIGKILL):
            self.trouble.append(f"{process.role} ended with {code}")

    def _flags(self) -> None:
        shared, done = self._stage.shared, {role for role, process in self._processes.items() if process.done}
        sources = {"importer", CRAWLER} & self._processes.keys()
        shared.imported.value = sources <= done
        shared.assessed.value = {*sources, "assessor", "worker"} <= done
        shared.decided.value = ("people" if self._plan.http else "site") in done

    def _strike(self, *, before: bool = False) -> None:
        ticks = -1 if before else sum(process.ticks.value for process in self._processes.values())
        for fault in list(self._waiting):
            now = self._stage.shared.imported.value if fault.at == IMPORTED else fault.at <= max(ticks, 0)
            if now and (not before or fault.kind is Kind.ES_MAPPING) and self._begin(fault.kind):
                self._waiting.remove(fault)
                self.struck += 1

    def _begin(self, kind: Kind) -> bool:
        """False where there is nothing yet that it could strike."""
        if kind is Kind.CLOCK_BACK:
            self._stage.shared.offset.value -= _HOUR
        elif kind is Kind.TWO_PROJECTORS:
            self._processes["projector-2"] = _Process("projector-2", [])
        elif kind is Kind.LOCKED:
            path = self._stage.settings.home / "rasoat.sqlite3"
            _FORK.Process(target=_hold_lock, args=(path, _HELD[kind])).start()
        else:
            assert self._servers is not None
            return self._begin_on(self._servers, kind)
        return True

    def _begin_on(self, servers: Servers, kind: Kind) -> bool:
        if kind in _AT_THE_SERVER and any(held in _AT_THE_SERVER for _, held, _ in self._ending):
            return False  # it is down, hangs or refuses already: nobody could do the next thing to it now
        undo: Callable[[], None] | None = None
        alias = self._stage.settings.search_index
        if kind is Kind.PG_RESTART:
            servers.restart_postgresql(signal.SIGINT)
        elif kind is Kind.PG_CRASH:
            servers.restart_postgresql(signal.SIGQUIT)
        elif kind is Kind.ES_STOP:
            servers.stop_elasticsearch()
            undo = servers.start_elasticsearch
        elif kind is Kind.ES_HANG:
            servers.hang_elasticsearch(hung=True)
            undo = lambda: servers.hang_elasticsearch(hung=False)  # noqa: E731
        elif kind is Kind.ES_MAPPING:
            servers.conflicting_mapping(alias)
        elif kind is Kind.ES_READONLY:
            try:
                servers.read_only(alias, on=True)
            except NotFoundError:
                return False
            undo = lambda: servers.read_only(alias, on=False)  # noqa: E731
        else:
            servers.mode.value = _MODES[kind]
            undo = lambda: setattr(servers.mode, "value", Mode.THROUGH)  # noqa: E731
        if undo:
            self._ending.append((time.monotonic() + _HELD.get(kind, 1.0), kind, undo))
        return True

    def _end(self, now: float) -> None:
        for ending in list(self._ending):
            until, _, undo = ending
            if until <= now:
                self._ending.remove(ending)
                undo()


def _hold_lock(path: Path, seconds: float) -> None:
    conn = sqlite3.connect(path, isolation_level=None, timeout=30)
    conn.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    os._exit(0)


def carry_out(plan: Plan, material: Material, folder: Path, servers: Servers | None) -> Outcome:
    """Run, hurt, recover, check. Leaves nothing running."""
    home = folder / f"plan-{plan.number}"
    settings = servers.settings(home, plan.number) if servers else Settings(home=home, audit_share=0)
    shared = Shared(RawValue(c_longlong, 0), RawValue(c_int, 0), RawValue(c_int, 0), RawValue(c_int, 0))
    lag = _LAG if any(fault.kind is Kind.TWO_PROJECTORS for fault in plan.faults) else 0.0
    stage = Stage(
        settings,
        material,
        shared,
        folder / f"plan-{plan.number}.told",
        _hired(settings),
        plan.seed,
        lag,
        plan.crawl,
        _free_port() if plan.http else 0,
    )
    pipeline = Pipeline(plan, stage, servers)
    pipeline.carry_out(120 + len(material.verdicts) / 10)
    verdict = Verdict()
    try:
        _recover(stage, plan)
        verdict = check(stage)
    except RasoatError as error:
        pipeline.trouble.append(f"after recovery: {type(error).__name__}: {error}")
    if servers:
        servers.forget(settings, plan.number)
    return Outcome(verdict, pipeline.struck, pipeline.restarts, tuple(pipeline.trouble))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _hired(settings: Settings) -> dict[str, Actor]:
    """People who will decide."""
    with open_store(settings) as store:
        made = {login: store.accounts.add(login, PASSWORD, login.title(), (role,)) for login, role in PEOPLE.items()}
    return {login: Actor(account.pseudonym, account.roles) for login, account in made.items()}


def _recover(stage: Stage, plan: Plan) -> None:
    """What an operator does: run again until nothing is left; after a conflicting mapping, rebuild the index. Imports nothing anew.

    Raises:
        RetryLater: it does not come to an end.
    """
    with opened(stage) as rt:
        rt.store.leases.reconcile()
        for left in range(_TRIES, 0, -1):
            try:
                assess(rt)
                if any(fault.kind is Kind.ES_MAPPING for fault in plan.faults):
                    rt.store.rebuild_index()
                project(rt)
                return
            except RetryLater:
                if left == 1:
                    raise
                time.sleep(_REST)
