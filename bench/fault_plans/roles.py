"""The processes of a pipeline, each forked from the harness: the same stages that the command line runs, over and over until done.

A process that meets an error which passes ends with 75, as the command would, and is started again by `running`.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any, Final

import structlog
import uvicorn

from bench.fault_plans import people, web
from bench.fault_plans.plans import Kind
from bench.fault_plans.stage import Stage, database_of, opened
from bench.fault_plans.striking import Striker, Ticking
from flows.runtime import Runtime
from flows.site import app_for
from flows.stages.assess import assess
from flows.stages.crawl import crawl_sources
from flows.stages.importing import import_files
from rasoat.errors import RetryLater
from rasoat.store.database import Database
from rasoat.store.projecting import Backoff, Projector

AGAIN: Final = 75
_STUCK: Final = 1.0
"""Seconds that a site with a full disk runs on before somebody makes room and starts it again."""


def run(stage: Stage, role: str, striker: Striker) -> None:
    """The body of a child process; its exit code says how it went."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    striker.listen()
    code = AGAIN
    try:
        with opened(stage) as rt:
            _BODIES[role](stage, rt, striker)
        code = 0
    except RetryLater:
        pass
    except BaseException:  # noqa: BLE001  (the boundary of a process: what nobody foresaw is shown, and fails the plan)
        code = 70
        with suppress(OSError):  # the disk is full for what is told, too
            traceback.print_exc()
    os._exit(code)


def _crawler(stage: Stage, rt: Runtime, striker: Striker) -> None:
    striker.listen_to_frontier(stage.settings.crawl_dir)
    (report,) = crawl_sources(rt, [web.source(stage.material.web, len(stage.material.pages))])
    if not report.ok:
        raise RetryLater("the crawl failed")


def _importer(stage: Stage, rt: Runtime, _striker: Striker) -> None:
    (report,) = import_files(rt, [stage.material.rest if stage.crawl else stage.material.path])
    if report.failed:
        raise RetryLater("the import failed")


def _assessor(stage: Stage, rt: Runtime, _striker: Striker) -> None:
    while True:
        over = bool(stage.shared.imported.value)  # looked at before: what comes in between is seen in the next round
        if not assess(rt, limit=stage.round).assessed:
            if over and not rt.store.inbox.count_pending():
                return
            time.sleep(stage.pause)


class _Unlocked:
    """The same database to a projector whose lock was lost: as after a restart of the server, when another one holds it."""

    def __init__(self, database: Database, name: str) -> None:
        self.reading, self.writing, self._db, self._name = database.reading, database.writing, database, name

    def alone(self, job: str) -> AbstractContextManager[None]:
        """Another lock."""
        return self._db.alone(f"{job}-{self._name}")


def _projector(stage: Stage, rt: Runtime, striker: Striker, lock: str = "") -> None:
    rng = random.Random(f"{stage.seed}{lock}")
    database: Any = database_of(stage.settings)
    database = _Unlocked(database, lock) if lock else database
    index = Ticking(rt.store.search, striker, lambda: time.sleep(rng.uniform(0, stage.lag)))
    projector = Projector(database, index, rt.clock, Backoff(tries=3, rng=rng))
    striker.only_at_work = True
    while True:
        over = bool(stage.shared.assessed.value and stage.shared.decided.value)
        striker.at_work = False
        if not projector.step(stage.round):
            if over:
                return
            time.sleep(stage.pause)


def _second_projector(stage: Stage, rt: Runtime, striker: Striker) -> None:
    _projector(stage, rt, striker, lock="elsewhere")


def _site(stage: Stage, rt: Runtime, striker: Striker) -> None:
    """People at work, or the review site itself, which stays open until they are done."""
    if not stage.port:
        people.all_at_once(stage, lambda login: people.StoreDesk(rt, stage.actors[login]))
        return
    config = uvicorn.Config(app_for(rt), host="127.0.0.1", port=stage.port, log_level="critical", log_config=None, access_log=False)
    server, fault = uvicorn.Server(config), striker.fault

    def watch() -> None:
        while not stage.shared.decided.value:
            time.sleep(stage.pause)
            if fault is not None and fault.kind is Kind.DISK_FULL and striker.fault is None:
                time.sleep(_STUCK)
                os._exit(AGAIN)
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    server.run()


def _people(stage: Stage, _rt: Runtime, _striker: Striker) -> None:
    people.all_at_once(stage, lambda login: people.WebDesk(f"http://127.0.0.1:{stage.port}", login))


_BODIES: Final[dict[str, Callable[[Stage, Runtime, Striker], None]]] = {
    "crawler": _crawler,
    "importer": _importer,
    "assessor": _assessor,
    "worker": _assessor,
    "projector": _projector,
    "projector-2": _second_projector,
    "site": _site,
    "people": _people,
}
