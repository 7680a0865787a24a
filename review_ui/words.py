"""Texts, moments and numbers as a reader of this language expects them. Knows the `ui` room of the catalogue and nothing of cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from rasoat.cases.states import Role
from rasoat.harms import Harm
from rasoat.messages import Messages
from rasoat.policy import Policy
from rasoat.store.records import Account
from review_ui.access import LOOKERS, NEXT, READERS, RUNNERS
from review_ui.sources import in_words
from review_ui.views.base import known

VIETNAM: Final = timezone(timedelta(hours=7))
"""Viet Nam keeps UTC+7 all year; the machine-readable attribute beside each moment stays UTC."""


class Words:
    """What templates call: `t('key', slot=…)`, `w.moment(at)`, `w.age(at)`, `w.percent(p)` and a few helpers for addresses."""

    def __init__(self, messages: Messages, now: datetime, policy: Policy, source_titles: Mapping[str, str]) -> None:
        self._messages, self._now, self._policy, self._source_titles = messages, now, policy, source_titles

    def t(self, key: str, /, **slots: object) -> str:
        """The text `ui.<key>`."""
        return self._messages.t(f"ui.{key}", **slots)

    def known(self, key: str) -> bool:
        """Whether there is such a text: for keys that come with a request."""
        return self._messages.has(f"ui.{key}")

    def harm(self, code: str) -> str:
        """Name of a harm; the code itself for anything else."""
        harm = known(Harm, code)
        return self._policy.harm(harm).name.of(self._messages.locale) if harm else code

    def source(self, name: str) -> str:
        """A source as a reader calls it."""
        return in_words(name, self._source_titles, self._messages)

    @staticmethod
    def reads(account: Account) -> bool:
        """Whether this person has a queue."""
        return bool(account.roles & READERS)

    @staticmethod
    def searches(account: Account) -> bool:
        """Whether this person has a search."""
        return bool(account.roles & LOOKERS)

    @staticmethod
    def runs(account: Account) -> bool:
        """Whether this person looks after the machines."""
        return bool(account.roles & RUNNERS)

    @staticmethod
    def takes(account: Account) -> bool:
        """Whether there is a next case for this person: an auditor only looks."""
        return bool(account.roles & (NEXT | {Role.COMPLAINT_PANEL}))

    @staticmethod
    def turn(query: QueryParams, offset: int) -> str:
        """The same page from another row on."""
        return "?" + urlencode([*((k, v) for k, v in query.multi_items() if k != "offset"), ("offset", str(offset))])

    @staticmethod
    def toggle(query: QueryParams, name: str, value: str) -> str:
        """The same search with one facet value more or less, from the top."""
        rest = [(k, v) for k, v in query.multi_items() if k != "offset" and (k, v) != (name, value)]
        return "?" + urlencode(rest if (name, value) in query.multi_items() else [*rest, (name, value)])

    def moment(self, at: datetime) -> str:
        """Day and minute in Vietnamese time."""
        return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")

    def day(self, at: datetime) -> str:
        """The day alone."""
        return at.astimezone(VIETNAM).strftime("%d/%m/%Y")

    def age(self, at: datetime) -> str:
        """How long ago, in one unit."""
        return self.span(self._now - at)

    def until(self, at: datetime) -> str:
        """How long to go, in one unit."""
        return self.span(at - self._now)

    def span(self, length: timedelta) -> str:
        """A length of time in one unit: minutes below an hour, hours below two days, then days."""
        minutes = max(0, int(length.total_seconds() // 60))
        if minutes < 60:
            return self.t("time_minutes", n=minutes)
        if minutes < 48 * 60:
            return self.t("time_hours", n=minutes // 60)
        return self.t("time_days", n=minutes // (24 * 60))

    def percent(self, share: float) -> str:
        """Whole percent; never 100 for what is below one, never 0 for what is above none."""
        whole = round(share * 100)
        return f"{min(whole, 99) if share < 1 else 100}%" if share >= 0.005 or share <= 0 else "<1%"

    def number(self, value: float, digits: int = 0) -> str:
        """With the separators of the language."""
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self._messages.locale == "vi" else text

    def size(self, octets: int) -> str:
        """Bytes for people."""
        if octets < 1024:
            return f"{octets} B"
        return f"{self.number(octets / 1024, 1)} KB" if octets < 1024**2 else f"{self.number(octets / 1024**2, 1)} MB"
