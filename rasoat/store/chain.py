"""The two hash chains: one per case over its events, one over the audit log. Anybody with the rows can check them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from rasoat.canonical import GENESIS, canonical_json, chain_hash
from rasoat.cases.states import CaseState, EventKind, Role
from rasoat.store.records import EventRecord
from rasoat.store.tables import CaseRow, EventRow

Payload = dict[str, str | int | bool | list[str] | None]
_INSERT = insert(EventRow)
_LAST = (
    select(EventRow.seq, EventRow.hash, EventRow.to_state)
    .where(EventRow.case_id == bindparam("case"))
    .order_by(EventRow.seq.desc())
    .limit(1)
)


def broken_links(events: Iterable[EventRecord]) -> list[str]:
    """Every problem of one case's chain, in order; empty when it holds."""
    problems, prev, state, expected = [], GENESIS, None, 1
    for event in events:
        where = f"event {event.seq}"
        if event.seq != expected:
            problems.append(f"{where}: event {expected} is missing")
        if event.prev_hash != prev:
            problems.append(f"{where}: does not follow the event before it")
        if event.from_state != state:
            problems.append(f"{where}: starts in another state than the event before it ended in")
        if chain_hash(event.entry(), event.prev_hash) != event.hash:
            problems.append(f"{where}: was changed after it was written")
        prev, state, expected = event.hash, event.to_state, event.seq + 1
    return problems


def append(
    conn: Connection, case_id: str, kind: EventKind, to_state: CaseState, actor: str, role: Role, at: datetime, payload: Payload
) -> EventRecord:
    """Add one link. The triggers check it again and move the case."""
    last = conn.execute(_LAST, {"case": case_id}).first()
    seq, prev = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    before = None if last is None else CaseState(last.to_state)
    bare = EventRecord(seq, case_id, at, actor, role, kind, before, to_state, payload, prev, "")
    digest = chain_hash(bare.entry(), prev)
    conn.execute(
        _INSERT,
        {
            "case_id": case_id,
            "seq": seq,
            "at": at,
            "actor": actor,
            "role": role.value,
            "kind": kind.value,
            "from_state": None if before is None else before.value,
            "to_state": to_state.value,
            "payload": canonical_json(payload).decode(),
            "prev_hash": prev,
            "hash": digest,
        },
    )
    return EventRecord(seq, case_id, at, actor, role, kind, before, to_state, payload, prev, digest)


def load(conn: Connection, case_id: str) -> list[EventRecord]:
    """All events of a case, first to last.

    Raises:
        ValueError: a row holds a word that the state machine does not know, or a payload that is not JSON: it was tampered with.
    """
    query = select(EventRow.__table__).where(EventRow.case_id == case_id).order_by(EventRow.seq)
    return [_record(row) for row in conn.execute(query)]


def _record(row: Any) -> EventRecord:
    return EventRecord(
        seq=row.seq,
        case_id=row.case_id,
        at=row.at,
        actor=row.actor,
        role=Role(row.role),
        kind=EventKind(row.kind),
        from_state=None if row.from_state is None else CaseState(row.from_state),
        to_state=CaseState(row.to_state),
        payload=json.loads(row.payload),
        prev_hash=row.prev_hash,
        hash=row.hash,
    )


def verify(conn: Connection, case_id: str) -> list[str]:
    """Problems of a case's chain and of its end: the row must stand where the last event left it."""
    try:
        events = load(conn, case_id)
    except ValueError as error:
        return [f"an event cannot be read: {error}"]
    state = conn.execute(select(CaseRow.state).where(CaseRow.id == case_id)).scalar()
    problems = broken_links(events)
    if not events:
        problems.append("the case has no events")
    elif state != events[-1].to_state:
        problems.append("the case stands in another state than its last event says")
    return problems
