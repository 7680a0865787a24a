"""The verdict on a plan after recovery: what is lost, what is doubled, which chains are broken. Reads SQL, index and evidence itself."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from bench.fault_plans.stage import Stage, database_of, opened
from rasoat.cases.states import EventKind
from rasoat.ports import SearchDoc, SearchIndex, SearchQuery
from rasoat.store import Store, outbox
from rasoat.store.tables import CaseItemRow, CaseRow, DroppedRow, EventRow, ItemRow, TextRow

_TOLD = {"claim": EventKind.CLAIMED, "code": EventKind.CODED, "second_read": EventKind.SECOND_READ, "approve": EventKind.APPROVED}
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """Each is a list of sentences; all empty is well."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    cases: int = 0
    decisions: int = 0


def check(stage: Stage) -> Verdict:
    """Look at everything that a plan left."""
    lost: list[str] = []
    doubled: list[str] = []
    with opened(stage) as rt:
        database = database_of(stage.settings)
        with database.reading() as conn:
            _items(conn, stage.material.known, lost, doubled)
            wanted = {doc.id: doc for doc in outbox.documents(conn)}
            cases = conn.execute(select(func.count()).select_from(CaseRow)).scalar_one()
            decisions = _told(conn, stage.ledger, lost, doubled)
        database.close()
        _index(rt.store.search, wanted, lost, doubled)
        _counters(rt.store, stage, lost, doubled)
        problems = rt.store.check(deep=True)
    broken = [line for line in problems if line.startswith(("case ", "the audit"))]
    lost += [line for line in problems if line not in broken]
    return Verdict(tuple(lost), tuple(doubled), tuple(broken), cases, decisions)


def _items(conn: Connection, known: frozenset[str], lost: list[str], doubled: list[str]) -> None:
    """Every harmful text is in a case once; no other text is anywhere."""
    kept = Counter(conn.execute(select(TextRow.text)).scalars())
    flagged = select(TextRow.text).join(ItemRow, ItemRow.id == TextRow.item_id).where(ItemRow.status == "flagged")
    in_case = Counter(conn.execute(flagged.join(CaseItemRow, CaseItemRow.item_id == ItemRow.id)).scalars())
    lost += [f"not in a case: {text[:40]}" for text in sorted(known - in_case.keys())]
    doubled += [f"in {n} cases: {text[:40]}" for text, n in in_case.items() if n > 1]
    doubled += [f"kept {n} times: {text[:40]}" for text, n in kept.items() if n > 1]
    doubled += [f"kept and not flagged: {text[:40]}" for text in sorted(kept.keys() - known)]
    both = select(ItemRow.id).join(DroppedRow, DroppedRow.id == ItemRow.id)
    doubled += [f"kept and dropped: {item_id[:12]}" for item_id in conn.execute(both).scalars()]


def _index(index: SearchIndex, wanted: dict[str, SearchDoc], lost: list[str], doubled: list[str]) -> None:
    """The index shows each item once, as SQL has it."""
    shown: dict[str, SearchDoc] = {}
    for doc in _documents(index):
        if doc.id in shown:
            doubled.append(f"twice in the index: {doc.id[:12]}")
        shown[doc.id] = doc
    lost += [f"not in the index: {item_id[:12]}" for item_id in sorted(wanted.keys() - shown.keys())]
    doubled += [f"in the index and not in SQL: {item_id[:12]}" for item_id in sorted(shown.keys() - wanted.keys())]
    lost += [f"an old version in the index: {key[:12]}" for key in sorted(wanted.keys() & shown.keys()) if wanted[key] != shown[key]]


def _documents(index: SearchIndex) -> Iterator[SearchDoc]:
    offset = 0
    while hits := index.search(SearchQuery(limit=_PAGE, offset=offset)).hits:
        yield from (hit.doc for hit in hits)
        offset += len(hits)


def _counters(store: Store, stage: Stage, lost: list[str], doubled: list[str]) -> None:
    """What `rasoat db counts` says adds up to what went in."""
    counts, items, known = store.counts(), len(stage.material.verdicts), len(stage.material.known)
    wanted = {"items": items, "assessed": items, "flagged": known, "dropped": items - known, "indexed": known, "audit": 0}
    wanted |= {"pending": 0, "quarantined": 0, "unmapped": 0, "unprojected": 0, "dead_letters": 0, "blobs_to_remove": 0}
    for name, right in wanted.items():
        if counts[name] != right:
            (lost if counts[name] < right or right == 0 else doubled).append(f"counter {name} is {counts[name]}, not {right}")


def _told(conn: Connection, ledger: Path, lost: list[str], doubled: list[str]) -> int:
    """What people were told is saved is there, once; no claim was given to two of them. Returns how many verdicts there are."""
    events = conn.execute(
        select(EventRow.case_id, EventRow.kind, EventRow.actor, EventRow.from_state).order_by(EventRow.case_id, EventRow.seq)
    )
    happened: Counter[tuple[str, str, str]] = Counter()
    claims: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for event in events:
        happened[event.case_id, event.kind, event.actor] += 1
    verdicts = {EventKind.CODED, EventKind.SECOND_READ, EventKind.APPROVED}
    for (case_id, kind, actor), n in happened.items():
        if kind in verdicts and n > 1:
            doubled.append(f"case {case_id[:8]} was {kind} {n} times by {actor[:8]}")
    for line in _lines(ledger):
        if not happened[line["case"], _TOLD[line["what"]], line["actor"]]:
            lost.append(f"case {line['case'][:8]}: {line['actor'][:8]} was told that {line['what']} is saved")
        if line["what"] == "claim":
            claims[line["case"], line["state"]].add(line["actor"])
    doubled += [
        f"case {case_id[:8]} was claimed in {state} by {len(who)} people" for (case_id, state), who in claims.items() if len(who) > 1
    ]
    return sum(n for (_, kind, _), n in happened.items() if kind in verdicts)


def _lines(ledger: Path) -> Iterator[dict[str, Any]]:
    if ledger.exists():
        for line in ledger.read_text("utf-8").splitlines():
            told: dict[str, Any] = json.loads(line[line.rindex("{") :])  # before it, what was left of one that did not fit on the disk
            yield told
