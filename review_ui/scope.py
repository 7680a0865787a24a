"""Whether a case is likely out of scope (TAXONOMY §2.1), remembered, so that the queue can hide what the item page hides.

The queue holds only the beginning of a text; the answer for a longer one takes the whole case, and is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from classifiers.rules import RuleSet
from rasoat.errors import UsageError
from rasoat.missing import given
from rasoat.store import Store
from rasoat.store.records import CaseView, QueueRow

MAX_REMEMBERED: Final = 50_000
"""Answers kept; then the memory starts anew."""
WHOLE: Final = 150
"""Code points below which the queue's beginning of a text is surely the whole text."""


class ScopeCheck:
    """Asks the rules for protected subjects. Shared by threads: a lost answer is worked out again."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._known: dict[tuple[str, str, str], bool] = {}

    def of(self, view: CaseView) -> bool:
        """The banner of a case: that of the item that opened it."""
        lead = view.items[0].item
        return self._asks(given(lead.title, ""), lead.text)

    def among(self, rows: Iterable[QueueRow], store: Store) -> frozenset[str]:
        """Those of the rows whose case has the banner."""
        return frozenset(row.case_id for row in rows if self._row(row, store))

    def _row(self, row: QueueRow, store: Store) -> bool:
        key = (row.case_id, row.title, row.snippet)
        if key not in self._known:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            self._known[key] = self._asks(row.title, row.snippet) or (len(row.snippet) >= WHOLE and self._whole(row.case_id, store))
        return self._known.get(key, True)

    def _whole(self, case_id: str, store: Store) -> bool:
        try:
            view = store.cases.view(case_id)
        except UsageError:  # gone since the queue was read
            return True
        return not view.items or self.of(view)

    def _asks(self, title: str, text: str) -> bool:
        """The subject is government, officials, protest, religion as doctrine, history, courts, police, journalism."""
        return bool(self._rules.protected_subject(f"{title}\n{text}"))
