"""Reviewers with a browser each, as coroutines in one process: they use the forms of the pages, as HTML, and keep a ledger.

The ledger says of each claim from when to when its holder was told that the case is theirs, and which decisions the site said it had saved.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import httpx

PASSWORD: Final = "mat-khau-thu-nghiem"
_CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_QUOTE: Final = re.compile(r'<option value="([0-9a-f]+:\d+:\d+)"')
_CHOSEN: Final = re.compile(r'<span class="chip c-([A-Z]{3})"')
_SECTION: Final = re.compile(r'<option value="([^"]+)" data-codes="([^"]+)"')
_GROUND: Final = re.compile(r'data-codes="([^"]+)"><input type="checkbox" name="legal_grounds" value="([^"]+)"')
_WRONG: Final = re.compile(r'id="wrong-([a-z_]+)"')
_SECOND: Final = "Kết luận độc lập của bạn"
_DIFFERS: Final = 0.15
"""So many decisions are 'no harm': with some of them two readers disagree, as people do."""
_PAUSE: Final = 0.2
"""Before somebody for whom nothing waited asks again."""


@dataclass
class Told:
    """What all people were told, and how long it took."""

    times: dict[str, list[float]] = field(default_factory=lambda: {"next": [], "page": [], "decide": []})
    errors: Counter[str] = field(default_factory=Counter)
    held: list[tuple[str, str, float, float]] = field(default_factory=list)
    """Case, login, since when they know that it is theirs, until when they certainly held it."""
    saved: list[tuple[str, str, str]] = field(default_factory=list)
    """Case, login, and the kind of the event that was told as saved."""
    second: int = 0
    empty: int = 0

    @property
    def decided(self) -> int:
        """How many decisions were told as saved."""
        return len(self.saved)


class Person:
    """One reviewer. Each has connections of their own, as browsers do."""

    def __init__(self, address: str, login: str, told: Told, think: float) -> None:
        self.login, self.told, self.think = login, told, think
        self.rng = random.Random(login)
        self.web = httpx.AsyncClient(base_url=address, timeout=60, limits=httpx.Limits(max_connections=2))
        self.csrf = ""

    async def enter(self) -> None:
        """Through the log-in form."""
        page = await self.web.get("/login")
        fields = {"login": self.login, "password": PASSWORD, "csrf": _found(_CSRF, page.text), "then": "/queue"}
        answer = await self.web.post("/login", data=fields)
        answer = await self.web.get(answer.headers["location"])
        answer.raise_for_status()
        self.csrf = _found(_CSRF, answer.text)

    async def work(self, until: float) -> None:
        """Case after case. An error is noted, and the person goes on."""
        while time.monotonic() < until:
            try:
                await self._one()
            except httpx.HTTPError as error:
                self.told.errors[type(error).__name__] += 1
            except _Unexpected as error:
                self.told.errors[str(error)] += 1
        await self.web.aclose()

    async def _one(self) -> None:
        answer = await self._timed("next", "POST", "/queue/next", 303, {"csrf": self.csrf})
        place = answer.headers["location"]
        since = time.monotonic()
        if not place.startswith("/cases/"):
            self.told.empty += 1
            await asyncio.sleep(_PAUSE)
            return
        case_id = place.removeprefix("/cases/")
        page = (await self._timed("page", "GET", place, 200)).text
        if self.think:
            await asyncio.sleep(self.rng.expovariate(1 / self.think))
        second = _SECOND in page
        before = time.monotonic()  # as long as the decision is not sent, the case is certainly theirs
        self.told.held.append((case_id, self.login, since, before))
        form = _form(page, self.rng)
        answer = await self._timed("decide", "POST", f"{place}/decide", 303, form)
        if answer.headers["location"] != f"{place}?done=decide":
            raise _Unexpected(f"decide leads to {answer.headers['location'].partition('?')[2]}")
        self.told.second += second
        self.told.saved.append((case_id, self.login, "second_read" if second else "coded"))

    async def _timed(
        self, kind: str, method: str, path: str, wanted: int, form: dict[str, str | list[str]] | None = None
    ) -> httpx.Response:
        began = time.monotonic()
        answer = await self.web.request(method, path, data=form)
        self.told.times[kind].append(time.monotonic() - began)
        if answer.status_code != wanted:
            fields = ", ".join(sorted(set(_WRONG.findall(answer.text))))
            raise _Unexpected(f"{kind}: {answer.status_code} {fields}".strip())
        return answer


class _Unexpected(Exception):
    """An answer that no reviewer should see."""


def _found(pattern: re.Pattern[str], page: str) -> str:
    match = pattern.search(page)
    if match is None:
        raise _Unexpected(f"a page without {pattern.pattern[:20]}")
    return match[1]


def _form(page: str, rng: random.Random) -> dict[str, str | list[str]]:
    """The decision form of this page, filled in with what it offers."""
    code = _found(_CHOSEN, page)
    form: dict[str, str | list[str]] = {
        "csrf": _found(_CSRF, page),
        "outcome": "NONE" if rng.random() < _DIFFERS else code,
        "context": "none",
        "reason": "Yêu cầu chuyển tiền trước và xin mã OTP của người đọc.",
        "expression_risk": "low",
    }
    if form["outcome"] == "NONE":
        return form
    if 'name="overrules_scope_warning"' in page:
        form["overrules_scope_warning"] = "yes"
    return form | {
        "quote": _found(_QUOTE, page),
        "innocent_reading": "Có thể người viết chỉ đùa với bạn bè.",
        "measure": "letter" if code == "AGG" else "remove_item",
        "policy_ground": next((section for section, codes in _SECTION.findall(page) if code in codes.split()), ""),
        "legal_grounds": [ground for codes, ground in _GROUND.findall(page) if code in codes.split()][:1],
    }


def work_apart(addresses: list[str], logins: list[str], seconds: float, think: float) -> Told:
    """Let them work in a process of its own, so that their own work does not stop the clock of the site's."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_work, (addresses, logins, seconds, think))


def _work(addresses: list[str], logins: list[str], seconds: float, think: float) -> Told:
    return asyncio.run(_all(addresses, logins, seconds, think))


async def _all(addresses: list[str], logins: list[str], seconds: float, think: float) -> Told:
    told = Told()
    everybody = [Person(addresses[n % len(addresses)], login, told, think) for n, login in enumerate(logins)]
    for person in everybody:
        await person.enter()
    until = time.monotonic() + seconds
    await asyncio.gather(*(person.work(until) for person in everybody))
    return told
