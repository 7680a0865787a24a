"""People who decide: they take a case, read it, say what it is, and keep a ledger of all that they were told is saved.

Two ways lead them to the store: as the site's own threads would call it, or over HTTP to a real review site that may die at any moment.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

import httpx

from bench.fault_plans.stage import PASSWORD, PEOPLE, Stage
from flows.runtime import Runtime
from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision, Measure, Quote
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.errors import Conflict, NotPermitted, RetryLater
from rasoat.harms import Harm, Outcome

_DOWN: Final = 0.1  # seconds before somebody asks again whose page did not come
_PATIENCE: Final = 10.0
_GROUNDS: Final = ("VN-FRAUD",)
Command = c.Code | c.SecondRead | c.Approve


class Desk(Protocol):
    """Where one person works."""

    def take(self) -> tuple[str, CaseState] | None:
        """The next case, held by this person from here on."""

    def item(self, case_id: str) -> str:
        """The item that this person quotes."""

    def give(self, case_id: str, command: Command) -> bool:
        """Whether they were told that it is saved. False: somebody was faster, or no other person is left to read it."""


class StoreDesk:
    """Straight to the store."""

    def __init__(self, rt: Runtime, actor: Actor) -> None:
        self._cases, self._actor = rt.store.cases, actor

    def take(self) -> tuple[str, CaseState] | None:
        """As `Desk`."""
        facts = self._cases.claim_next(self._actor)
        return None if facts is None else (facts.id, facts.state)

    def item(self, case_id: str) -> str:
        """As `Desk`."""
        return self._cases.view(case_id).items[0].item.id

    def give(self, case_id: str, command: Command) -> bool:
        """As `Desk`."""
        with suppress(Conflict, NotPermitted):
            self._cases.apply(case_id, command, self._actor)
            return True
        return False


class Unheard(Exception):
    """No answer, or one that says "later": what was asked may have been done or not. Whoever asked was told nothing."""


class WebDesk:
    """Over HTTP, as the site's own pages do: session, token, one case after the other."""

    def __init__(self, address: str, login: str) -> None:
        self._web = httpx.Client(base_url=address, headers={"Accept": "application/json"}, timeout=_PATIENCE, trust_env=False)
        self._login, self._token = login, ""

    def take(self) -> tuple[str, CaseState] | None:
        """As `Desk`."""
        case_id = self._ask("POST", "/queue/next").json()["case_id"]
        return None if case_id is None else (case_id, CaseState(self._page(case_id)["state"]))

    def item(self, case_id: str) -> str:
        """As `Desk`."""
        found: str = self._page(case_id)["item"]["id"]
        return found

    def give(self, case_id: str, command: Command) -> bool:
        """As `Desk`."""
        answer = self._ask("POST", f"/cases/{case_id}/commands", command.model_dump(mode="json"), refusals=frozenset({403, 409}))
        return answer.status_code == httpx.codes.OK

    def _page(self, case_id: str) -> dict[str, Any]:
        page: dict[str, Any] = self._ask("GET", f"/cases/{case_id}.json").json()
        return page

    def _ask(self, method: str, path: str, body: Any = None, refusals: frozenset[int] = frozenset()) -> httpx.Response:
        """Logs in where nobody is logged in.

        Raises:
            Unheard: nothing was answered.
            RuntimeError: an answer that nobody foresaw.
        """
        try:
            if not self._token:
                self._log_in()
            answer = self._web.request(method, path, json=body, headers={"X-CSRF-Token": self._token})
        except httpx.TransportError as error:
            raise Unheard from error
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = ""
        if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.SERVICE_UNAVAILABLE):
            raise Unheard
        if not answer.is_success and answer.status_code not in refusals:
            raise RuntimeError(f"{method} {path.partition('/cases/')[0] or '/cases/…'}: {answer.status_code} {answer.text[:300]}")
        return answer

    def _log_in(self) -> None:
        page = self._web.get("/login.json")
        if page.is_success:
            said = {"login": self._login, "password": PASSWORD}
            page = self._web.post("/login", json=said, headers={"X-CSRF-Token": page.json()["csrf"]})
        if not page.is_success:
            raise Unheard
        self._token = page.json()["csrf"]


def all_at_once(stage: Stage, desk_of: Callable[[str], Desk]) -> None:
    """Everybody at the same time, a thread each, to the end."""
    failed: list[BaseException] = []

    def work(login: str) -> None:
        try:
            decide_all(stage, desk_of(login), login)
        except BaseException as error:  # noqa: BLE001  (handed to the main thread)
            failed.append(error)

    threads = [threading.Thread(target=work, args=(login,)) for login in stage.actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in sorted(failed, key=lambda one: isinstance(one, RetryLater)):
        raise error


def decide_all(stage: Stage, desk: Desk, login: str) -> None:
    """Verdict after verdict, up to this person's share: half of the cases stay as they were opened."""
    actor = stage.actors[login]
    told = (stage.ledger.read_text("utf-8") if stage.ledger.exists() else "").splitlines()
    given = sum(actor.pseudonym in line and '"claim"' not in line for line in told)
    share = max(2, len(stage.material.known) // 8)
    while PEOPLE[login] is Role.APPROVER or given < share:
        over = bool(stage.shared.assessed.value)
        try:
            taken = desk.take()
            if taken is None:
                if over:
                    return
                time.sleep(stage.pause)
                continue
            case_id, state = taken
            _note(stage, "claim", case_id, actor, state.value)
            command = _command(desk, case_id, state)
            if desk.give(case_id, command):
                _note(stage, command.kind, case_id, actor, state.value)
                given += 1
        except Unheard:
            time.sleep(_DOWN)


def _command(desk: Desk, case_id: str, state: CaseState) -> Command:
    if state is CaseState.APPROVAL:
        return c.Approve(bona_fide=True, capture_verified=True, reason="đã đọc lại bản chụp")
    decision = _decision(desk, case_id)
    return c.SecondRead(decision=decision) if state is CaseState.REVIEW_2 else c.Code(decision=decision)


def _decision(desk: Desk, case_id: str) -> Decision:
    """The same for every reader of one case, so that nothing waits for a policy lead."""
    if int(case_id[0], 16) < 5:
        return Decision(outcome=Outcome.NONE, context=frozenset({ContextBox.NO_BOX}), reason="không vi phạm quy tắc nào")
    return Decision(
        outcome=Harm.FRD,
        quote=Quote(item_id=desk.item(case_id), start=0, end=8),
        context=frozenset({ContextBox.NO_BOX}),
        innocent_reading="có thể là thông báo thật",
        reason="yêu cầu mã OTP để chiếm tài khoản",
        measure=Measure.REMOVE_ITEM,
        legal_grounds=_GROUNDS,
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
