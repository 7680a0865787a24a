"""What one decision costs in the database: its transaction, statement by statement. One person, nobody waiting.

`python -m bench.decision [--database postgresql|sqlite] [--decisions N]`. On SQLite 1,000 divided by the milliseconds is the most that all
sites together can save in a second; on PostgreSQL decisions on different cases run side by side.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import event

from bench.databases import KINDS, made_home
from bench.pages import fill
from rasoat.cases import commands as c
from rasoat.cases.decisions import ContextBox, Decision, Measure, Quote
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.harms import Harm
from rasoat.policy import Policy
from rasoat.settings import ROOT
from rasoat.store import Store, open_store


class Spent:
    """Times of each statement of a decision, and of the commit."""

    def __init__(self, store: Store) -> None:
        self.statements: dict[str, list[float]] = defaultdict(list)
        self.began, self.seen, self.whole = 0.0, 0.0, list[float]()
        self.deciding = False
        engine = store.cases._db.engine
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)
        event.listen(engine, "commit", self._commit)

    def _before(self, _c: Any, _cursor: Any, _statement: str, *_: Any) -> None:
        self.seen = time.perf_counter()

    def _after(self, _c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        now = time.perf_counter()
        if not self.deciding:
            return
        self.began = self.began or now  # the first statement begins it
        self.statements[" ".join(statement.split())[:70]].append(now - self.seen)

    def _commit(self, _c: Any) -> None:
        self.seen = time.perf_counter()

    def over(self) -> None:
        """The transaction has ended."""
        now = time.perf_counter()
        self.statements["COMMIT (waits for the disk)"].append(now - self.seen)
        self.whole.append(now - self.began)
        self.began, self.deciding = 0.0, False


def decision(item_id: str, harm: Harm) -> Decision:
    """A verdict as a careful reader gives it."""
    return Decision(
        outcome=harm,
        quote=Quote(item_id=item_id, start=0, end=8),
        context=frozenset({ContextBox.NO_BOX}),
        innocent_reading="có thể là thông báo thật",
        reason="yêu cầu mã OTP để chiếm tài khoản",
        measure=Measure.REMOVE_ITEM,
        policy_ground="facebook.fraud",
    )


def measure(store: Store, count: int) -> Spent:
    """Decide `count` cases, as two readers in turn."""
    spent = Spent(store)
    readers = [Actor(f"p-{n}", frozenset({Role.REVIEWER})) for n in range(2)]
    for n in range(count):
        reader = readers[n % 2]
        facts = store.cases.claim_next(reader)
        assert facts is not None, "the cases ran out"
        made = decision(store.cases.view(facts.id).items[0].item.id, facts.suggested)
        spent.deciding = True
        store.cases.apply(facts.id, c.SecondRead(decision=made) if facts.state is CaseState.REVIEW_2 else c.Code(decision=made), reader)
        spent.over()
    return spent


def main(argv: Sequence[str] | None = None) -> int:
    """Make cases, decide them, print where the time goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=KINDS, default="postgresql")
    parser.add_argument("--decisions", type=int, default=300)
    wanted = parser.parse_args(argv)
    with made_home(wanted.database) as settings, open_store(settings) as store:
        fill(store, Policy.load(ROOT / "data"), wanted.decisions * 2)
        spent = measure(store, wanted.decisions)
    whole = sorted(spent.whole)
    mean = sum(whole) / len(whole)
    for statement, times in sorted(spent.statements.items(), key=lambda one: -sum(one[1])):
        print(f"{sum(times) / len(whole) * 1000:7.2f} ms   {len(times) / len(whole):4.1f} x   {statement}")
    inside = sum(map(sum, spent.statements.values())) / len(whole)
    print(f"{(mean - inside) * 1000:7.2f} ms          our own Python between the statements")
    print(
        f"a decision: mean {mean * 1000:.2f} ms, p99 {whole[int(len(whole) * 0.99)] * 1000:.2f} ms; one after the other {1 / mean:,.0f} /s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
