"""After the work: the ledger against itself, and SQL against the ledger. Whoever was told something must find it there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sqlalchemy import select

from bench.reviewing.people import Told
from rasoat.cases.states import EventKind
from rasoat.store import Store
from rasoat.store.tables import EventRow

_VERDICTS: Final = (EventKind.CODED.value, EventKind.SECOND_READ.value)
_ENDS: Final = (*_VERDICTS, EventKind.RELEASED.value, EventKind.ADJUDICATED.value)


@dataclass(frozen=True)
class Verdict:
    """One line for each thing that must not be."""

    twice: tuple[str, ...]
    lost: tuple[str, ...]
    broken: tuple[str, ...]
    told: int
    known: int

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.twice or self.lost or self.broken)


def judge(store: Store, told: Told, logins: Mapping[str, str]) -> Verdict:
    """`logins` gives the pseudonym of each."""
    query = select(EventRow.case_id, EventRow.kind, EventRow.actor).order_by(EventRow.case_id, EventRow.seq)
    with store.cases._db.reading() as conn:
        events = [(row.case_id, row.kind, row.actor) for row in conn.execute(query)]
    known = Counter(event for event in events if event[1] in _VERDICTS)
    said = Counter((case_id, kind, logins[login]) for case_id, login, kind in told.saved)
    lost = (said - known).items()
    touched = sorted({case_id for case_id, _, _ in said})
    return Verdict(
        twice=(*_overlaps(told.held), *_taken_over(events)),
        lost=tuple(f"told as saved, and unknown to SQL: {kind} of {case_id}" for (case_id, kind, _), count in lost for _ in range(count)),
        broken=tuple(problem for case_id in touched for problem in store.cases.verify_chain(case_id)),
        told=sum(said.values()),
        known=sum(known.values()),
    )


def _overlaps(held: Iterable[tuple[str, str, float, float]]) -> Iterable[str]:
    """Two people who both knew a case to be theirs at one moment."""
    of_case: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for case_id, login, since, until in held:
        of_case[case_id].append((since, until, login))
    for case_id, spans in of_case.items():
        spans.sort()
        for (_, until, first), (since, _, second) in pairwise(spans):
            if since < until and first != second:
                yield f"given twice at one moment: {case_id} to {first} and {second}"


def _taken_over(events: Iterable[tuple[str, str, str]]) -> Iterable[str]:
    """A claim that follows another person's without an end between them. Claims last half an hour: none runs out while this is measured."""
    holder: dict[str, str] = {}
    for case_id, kind, actor in events:
        if kind == EventKind.CLAIMED.value:
            if holder.get(case_id, actor) != actor:
                yield f"claimed by two in SQL: {case_id}"
            holder[case_id] = actor
        elif kind in _ENDS:
            holder.pop(case_id, None)
