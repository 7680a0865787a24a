"""Retention (docs/retention.md): what is due at a given moment goes. A tombstone in the audit log names the rule, never the words.

Runs daily, by a clock that is handed in; repeating it does no harm, so a restored backup is clean again after one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, insert, or_, select, update

from rasoat.cases.commands import Close, Command, Purge
from rasoat.cases.states import CaseState, EventKind
from rasoat.cases.workflow import SYSTEM, WAIT_DAYS, Staffing
from rasoat.clock import Ids
from rasoat.harms import Harm
from rasoat.store import audit, blobs
from rasoat.store.applying import apply
from rasoat.store.counters import bump
from rasoat.store.database import Database
from rasoat.store.erasing import erase_case
from rasoat.store.holds import held
from rasoat.store.records import PurgeReport
from rasoat.store.sessions import ABSOLUTE, IDLE
from rasoat.store.tables import (
    AuditRow,
    AuditSliceRow,
    CaptureRow,
    CaseReaderRow,
    CaseRow,
    DecisionRow,
    DossierRow,
    DroppedRow,
    EventRow,
    ItemRow,
    RunRow,
    SessionRow,
    TextRow,
    UnmappedRow,
)
from rasoat.store.tables_work import RequestRow

S = CaseState
OOS_KEEP: Final = timedelta(hours=24)
NO_HARM_KEEP: Final = timedelta(days=30)
LETTER_KEEP: Final = timedelta(days=90)
SENT_KEEP: Final = timedelta(days=183 + 30)
"""Six months, the complaint window of DSA Art. 20, and 30 days; counted from the day on which the publisher was told."""
DISTRESS_KEEP: Final = timedelta(days=7)
"""Taken for a promotion of self-harm and found to be none: mostly a person in distress, of whom nothing is kept longer than it must."""
VERDICT_KEEP: Final = timedelta(days=365)
"""Who gave which verdict serves quality for a year; then the skeleton of an erased case says only that somebody did."""
SKELETON_KEEP: Final = timedelta(days=730)
AUDIT_SLICE_KEEP: Final = timedelta(days=90)
ASIDE_KEEP: Final = timedelta(days=30)
"""Unmapped records and quarantined items: long enough for an update that can read them."""
LOG_KEEP: Final = timedelta(days=730)
REQUEST_KEEP: Final = timedelta(days=730)
"""As long as the log that tells of the same answer."""
_SKELETON: Final = (DossierRow, DecisionRow, CaseReaderRow)
_NOBODY: Final = Staffing(0, frozenset())
_BATCH: Final = 200


def purge(database: Database, ids: Ids, now: datetime) -> PurgeReport:
    """Remove what is due from SQL. Every case is one transaction; a crash in between leaves the rest for the next run."""
    done: dict[str, int] = {}

    def count(rule: str, n: int = 1) -> None:
        if n:
            done[rule] = done.get(rule, 0) + n

    for case_id in _due(database, _waited(now)):
        command(database, case_id, Close(reason=f"{WAIT_DAYS} days without the missing information"), ids, now)
        count("wait_info_14d")
    for case_id in _due(database, _unmasked()):
        _mask(database, case_id, now)
        count("cse_at_once")
    for rule, query in _case_rules(now):
        for case_id in _due(database, query.where(~held(now))):
            command(database, case_id, Purge(rule=rule), ids, now)
            count(rule)
    for rule, remove in _row_rules():
        with database.writing() as conn:
            removed = remove(conn, now)
            if removed:
                audit.append(conn, now, "rows.purged", SYSTEM.pseudonym, "table", rule, {"count": removed, "rule": rule})
        count(rule, removed)
    with database.reading() as conn:
        count("overdue_open", conn.execute(_overdue(now)).scalar_one())
    return PurgeReport(now, done, _held_back(database, now))


def _case_rules(now: datetime) -> Iterator[tuple[str, Select[Any]]]:
    sent = exists().where(EventRow.case_id == CaseRow.id, EventRow.kind == EventKind.SENT.value)
    ended = CaseRow.state.in_([S.CLOSED.value, S.REVERSED.value])
    distress = and_(CaseRow.state == S.CLOSED_NONE.value, CaseRow.suggested == Harm.SHM.value)
    yield "distress_7d", _closed(distress, now - DISTRESS_KEEP)
    yield "oos_24h", _closed(CaseRow.state == S.CLOSED_OOS.value, now - OOS_KEEP)
    yield "none_30d", _closed(CaseRow.state == S.CLOSED_NONE.value, now - NO_HARM_KEEP)
    yield "dup_30d", _closed(CaseRow.state == S.CLOSED_DUP.value, now - NO_HARM_KEEP)
    yield "fixed_90d", _closed(CaseRow.state == S.CLOSED_FIXED.value, now - LETTER_KEEP)
    yield "letter_90d", _closed(and_(ended, ~sent), now - LETTER_KEEP)
    yield "sent_6m_30d", select(CaseRow.id).where(ended, sent, _told() <= now - SENT_KEEP)


def _closed(state: ColumnElement[bool], before: datetime) -> Select[Any]:
    return select(CaseRow.id).where(state, CaseRow.since <= before)


def _held_back(database: Database, now: datetime) -> tuple[str, ...]:
    due = [query.where(held(now)) for _, query in _case_rules(now)]
    return tuple(sorted({case_id for query in due for case_id in _due(database, query)}))


def _told() -> ColumnElement[datetime | None]:
    """When the publisher was told; where that was not possible, when the request was sent."""
    sent_at = select(func.max(EventRow.at)).where(EventRow.case_id == CaseRow.id, EventRow.kind == EventKind.SENT.value).scalar_subquery()
    return func.coalesce(CaseRow.informed_at, sent_at)


def _overdue(now: datetime) -> Select[Any]:
    """Requests past their time that nobody has closed: counted, because a machine may not close them."""
    waiting = CaseRow.state.in_([S.SENT.value, S.ANSWERED.value])
    return select(func.count()).select_from(CaseRow).where(waiting, _told() <= now - SENT_KEEP)


def _waited(now: datetime) -> Select[Any]:
    return select(CaseRow.id).where(CaseRow.state == S.WAIT_INFO.value, CaseRow.since <= now - timedelta(days=WAIT_DAYS))


def _unmasked() -> Select[Any]:
    return select(CaseRow.id).where(CaseRow.state == S.ESCALATED_CSE.value, CaseRow.erased.is_(False))


def _due(database: Database, query: Select[Any]) -> list[str]:
    with database.reading() as conn:
        return list(conn.execute(query.order_by(CaseRow.id)).scalars())


def command(database: Database, case_id: str, what: Command, ids: Ids, now: datetime) -> None:
    """One command by the system; a purge leaves its tombstone in the same commit."""
    with database.writing() as conn:
        carry_out(conn, case_id, what, ids, now)


def carry_out(conn: Connection, case_id: str, what: Command, ids: Ids, now: datetime) -> None:
    """The same inside the caller's transaction."""
    after, event = apply(conn, case_id, what, SYSTEM, now, _NOBODY, 30, ids.new())
    if isinstance(what, Purge):
        fields: dict[str, audit.Field] = {"rule": what.rule, "event": event.hash}
        audit.append(conn, now, "case.purged", SYSTEM.pseudonym, "case", after.id, fields)


def _mask(database: Database, case_id: str, now: datetime) -> None:
    with database.writing() as conn:
        erase_case(conn, case_id, now, purge=False)
        audit.append(conn, now, "case.masked", SYSTEM.pseudonym, "case", case_id, {"rule": "cse_at_once"})


_Removal = Callable[[Connection, datetime], int]


def _row_rules() -> Iterator[tuple[str, _Removal]]:
    yield "verdicts_12m", _verdicts
    yield "skeleton_24m", _skeletons
    yield "audit_slice_90d", _audit_slice
    yield "unmapped_30d", _unmapped
    yield "quarantined_30d", _quarantined
    yield "audit_log_24m", _audit_log
    yield "runs_24m", _runs
    yield "requests_24m", _requests
    yield "sessions", _sessions


def _verdicts(conn: Connection, now: datetime) -> int:
    """Of erased cases: who read and who decided is forgotten, that it was done is counted. A case that lives needs its two people."""
    erased = select(CaseRow.id).where(CaseRow.state == S.PURGED.value)
    old = and_(DecisionRow.at <= now - VERDICT_KEEP, DecisionRow.actor != "", DecisionRow.case_id.in_(erased))
    counted = select(DecisionRow.stage, func.count()).where(old).group_by(DecisionRow.stage)
    bump(conn, **{f"verdicts_{stage}": n for stage, n in conn.execute(counted)})
    forgotten = conn.execute(update(DecisionRow).where(old).values(actor="")).rowcount
    named = exists().where(DecisionRow.case_id == CaseReaderRow.case_id, DecisionRow.actor != "")
    conn.execute(delete(CaseReaderRow).where(CaseReaderRow.case_id.in_(erased), ~named))
    return forgotten


def _skeletons(conn: Connection, now: datetime) -> int:
    """Which pack, which decision by whom in which part: gone. The chain of events stays, as in the log: codes, pseudonyms and hashes."""
    last = select(func.max(EventRow.at)).where(EventRow.case_id == CaseRow.id, EventRow.kind == EventKind.PURGED.value).scalar_subquery()
    left = or_(*(exists().where(table.case_id == CaseRow.id) for table in _SKELETON))
    old = (
        conn.execute(select(CaseRow.id).where(CaseRow.state == S.PURGED.value, last <= now - SKELETON_KEEP, left).limit(10_000))
        .scalars()
        .all()
    )
    for case_id in old:
        for table in _SKELETON:
            conn.execute(delete(table).where(table.case_id == case_id))
    return len(old)


def _audit_slice(conn: Connection, now: datetime) -> int:
    return conn.execute(delete(AuditSliceRow).where(AuditSliceRow.kept_at <= now - AUDIT_SLICE_KEEP)).rowcount


def _unmapped(conn: Connection, now: datetime) -> int:
    old = UnmappedRow.at <= now - ASIDE_KEEP
    raws = conn.execute(select(UnmappedRow.raw).where(old)).scalars().all()
    blobs.note(conn, ((raw["sha256"], raw["sealed"]) for raw in raws))
    return conn.execute(delete(UnmappedRow).where(old)).rowcount


def _quarantined(conn: Connection, now: datetime) -> int:
    """What could not be assessed is treated like what was not flagged."""
    old = and_(ItemRow.status == "quarantined", ItemRow.first_seen <= now - ASIDE_KEEP)
    rows = conn.execute(select(ItemRow.id, ItemRow.content_hash, ItemRow.url_hash, ItemRow.raw).where(old).limit(_BATCH)).all()
    for row in rows:
        methods = conn.execute(select(CaptureRow.method).where(CaptureRow.item_id == row.id)).scalars().all()
        bump(conn, captures_dropped=len(methods), pages_dropped=methods.count("fetch"))
        blobs.note_captures(conn, row.id)
        if row.raw is not None:
            blobs.note(conn, [(row.raw["sha256"], row.raw["sealed"])])
        conn.execute(delete(TextRow).where(TextRow.item_id == row.id))
        conn.execute(delete(ItemRow).where(ItemRow.id == row.id))
        values = {"id": row.id, "content_hash": row.content_hash, "url_hash": row.url_hash, "dropped_at": now, "sightings": 1}
        conn.execute(insert(DroppedRow), values)
    return len(rows)


def _audit_log(conn: Connection, now: datetime) -> int:
    """To hashes: the chain still verifies. The log says so first, which is what the trigger asks for."""
    old = and_(AuditRow.at <= now - LOG_KEEP, AuditRow.entry.is_not(None))
    due = conn.execute(select(func.count()).select_from(AuditRow).where(old)).scalar_one()
    if due:
        audit.append(conn, now, "log.pruned", SYSTEM.pseudonym, "table", "audit_log", {"count": due})
        conn.execute(update(AuditRow).where(old).values(entry=None))
    return due


def _runs(conn: Connection, now: datetime) -> int:
    return conn.execute(delete(RunRow).where(RunRow.started_at <= now - LOG_KEEP)).rowcount


def _requests(conn: Connection, now: datetime) -> int:
    """Answered ones; what waits for its answer stays, however long."""
    return conn.execute(delete(RequestRow).where(RequestRow.answered_at <= now - REQUEST_KEEP)).rowcount


def _sessions(conn: Connection, now: datetime) -> int:
    dead = or_(SessionRow.seen_at <= now - IDLE, SessionRow.created_at <= now - ABSOLUTE)
    return conn.execute(delete(SessionRow).where(dead)).rowcount
