"""The processes of a pipeline, each forked from the harness: the same stages that the command line runs, over and over until done.

A process that meets an error which passes ends with 75, as the command would, and is started again by `running`.
"""

from __future__ import annotations

import json
import logging
import os
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from ctypes import c_int, c_longlong
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import structlog

from bench.fault_plans.material import Material, Remembered
from bench.fault_plans.striking import Striker, Ticking
from classifiers.classifier import Classifier
from flows.runtime import Runtime
from flows.stages.assess import assess
from flows.stages.importing import import_files
from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision, Measure, Quote
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.clock import Ids
from rasoat.errors import Conflict, NotPermitted, RetryLater
from rasoat.harms import Harm, Outcome
from rasoat.settings import Settings
from rasoat.store import open_store
from rasoat.store.database import Database
from rasoat.store.dialect_sqlite import Sqlite
from rasoat.store.projecting import Backoff, Projector

AGAIN: Final = 75
_SOME: Final = 20  # items a round: several rounds even in a small plan
_PAUSE: Final = 0.02
PEOPLE: Final = {"an": Role.REVIEWER, "binh": Role.REVIEWER, "chi": Role.REVIEWER, "dung": Role.APPROVER}


@dataclass(frozen=True)
class Shared:
    """Numbers that the harness writes and every process reads. Without locks: a killed process must not keep one."""

    offset: c_longlong  # seconds that the clock is off
    imported: c_int
    assessed: c_int
    decided: c_int


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
        traceback.print_exc()
        code = 70
    os._exit(code)


@contextmanager
def opened(stage: Stage) -> Iterator[Runtime]:
    """The home of the plan, with a classifier that knows all answers already."""
    clock, ids = Clock(stage.shared.offset), Ids()
    with open_store(stage.settings, clock=clock, ids=ids) as store:
        rt = Runtime(stage.settings, store, clock, ids)
        rt.__dict__["classifier"] = cast(Classifier, Remembered(stage.material.verdicts))
        yield rt


def database_of(settings: Settings) -> Database:
    """The plan's database beside the store."""
    if not settings.database_url:
        return Database(Sqlite(settings.home / "rasoat.sqlite3"))
    from rasoat.store.dialect_postgresql import PostgreSql, address

    return Database(PostgreSql(address(settings.database_url, "")))


def _importer(stage: Stage, rt: Runtime, _striker: Striker) -> None:
    (report,) = import_files(rt, [stage.material.path])
    if report.failed:
        raise RetryLater("the import failed")


def _assessor(stage: Stage, rt: Runtime, _striker: Striker) -> None:
    while True:
        over = bool(stage.shared.imported.value)  # looked at before: what comes in between is seen in the next round
        if not assess(rt, limit=_SOME).assessed:
            if over and not rt.store.inbox.count_pending():
                return
            time.sleep(_PAUSE)


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
        if not projector.step(_SOME):
            if over:
                return
            time.sleep(_PAUSE)


def _second_projector(stage: Stage, rt: Runtime, striker: Striker) -> None:
    _projector(stage, rt, striker, lock="elsewhere")


def _site(stage: Stage, rt: Runtime, _striker: Striker) -> None:
    """People who decide at the same time, one thread each, as the site's own threads would for them."""
    failed: list[BaseException] = []

    def work(login: str) -> None:
        try:
            _decide_all(stage, rt, login)
        except BaseException as error:  # noqa: BLE001  (handed to the main thread)
            failed.append(error)

    threads = [threading.Thread(target=work, args=(login,)) for login in stage.actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in sorted(failed, key=lambda one: isinstance(one, RetryLater)):
        raise error


def _decide_all(stage: Stage, rt: Runtime, login: str) -> None:
    """Verdict after verdict, up to this person's share: half of the cases stay as they were opened."""
    actor, cases = stage.actors[login], rt.store.cases
    told = (stage.ledger.read_text("utf-8") if stage.ledger.exists() else "").splitlines()
    given = sum(actor.pseudonym in line and '"claim"' not in line for line in told)
    share = max(2, len(stage.material.known) // 8)
    while PEOPLE[login] is Role.APPROVER or given < share:
        over = bool(stage.shared.assessed.value)
        facts = cases.claim_next(actor)
        if facts is None:
            if over:
                return
            time.sleep(_PAUSE)
            continue
        _note(stage, "claim", facts.id, actor, facts.state.value)
        command = _command(rt, facts.id, facts.state)
        with suppress(Conflict, NotPermitted):  # somebody was faster, or no other person is left to read it
            cases.apply(facts.id, command, actor)
            _note(stage, command.kind, facts.id, actor, facts.state.value)
            given += 1


def _command(rt: Runtime, case_id: str, state: CaseState) -> c.Code | c.SecondRead | c.Approve:
    if state is CaseState.APPROVAL:
        return c.Approve(bona_fide=True, capture_verified=True, reason="đã đọc lại bản chụp")
    decision = _decision(rt, case_id)
    return c.SecondRead(decision=decision) if state is CaseState.REVIEW_2 else c.Code(decision=decision)


def _decision(rt: Runtime, case_id: str) -> Decision:
    """The same for every reader of one case, so that nothing waits for a policy lead."""
    if int(case_id[0], 16) < 5:
        return Decision(outcome=Outcome.NONE, context=frozenset({ContextBox.NO_BOX}), reason="không vi phạm quy tắc nào")
    return Decision(
        outcome=Harm.FRD,
        quote=Quote(item_id=rt.store.cases.view(case_id).items[0].item.id, start=0, end=8),
        context=frozenset({ContextBox.NO_BOX}),
        innocent_reading="có thể là thông báo thật",
        reason="yêu cầu mã OTP để chiếm tài khoản",
        measure=Measure.REMOVE_ITEM,
        policy_ground="facebook.fraud",
    )


def _note(stage: Stage, what: str, case_id: str, actor: Actor, state: str) -> None:
    """What somebody was told is saved: one line, written whole."""
    line = json.dumps({"what": what, "case": case_id, "actor": actor.pseudonym, "state": state}) + "\n"
    with suppress(OSError):  # the disk is full for this file too
        fd = os.open(stage.ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(fd, line.encode())
        finally:
            os.close(fd)


_BODIES: Final[dict[str, Callable[[Stage, Runtime, Striker], None]]] = {
    "importer": _importer,
    "assessor": _assessor,
    "worker": _assessor,
    "projector": _projector,
    "projector-2": _second_projector,
    "site": _site,
}
