"""The queue: who may take what, in the order of `rasoat.cases.priority`, worked out inside SQL: 100,000 open cases are one scan.

The static factors of the priority lie in `cases.weight`; age is multiplied in here, at read time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, exists, func, literal, or_, select, type_coerce, union_all

from rasoat.cases.priority import AGE_DOUBLES_HOURS, MAX_AGE_FACTOR
from rasoat.cases.states import CaseState, Role
from rasoat.cases.workflow import Actor
from rasoat.harms import Harm
from rasoat.store.case_rows import CASE, priority_of
from rasoat.store.columns import to_micros
from rasoat.store.encoding import flags_of, harms_of
from rasoat.store.records import QueuePage, QueueQuery, QueueRow
from rasoat.store.tables import AccountRow, CaseItemRow, CaseReaderRow, TextRow

S = CaseState
SNIPPET: Final = 200
MAX_LIMIT: Final = 500
_DOUBLES_MICROS: Final = AGE_DOUBLES_HOURS * 3600 * 1_000_000
_SATURATED_MICROS: Final = int((MAX_AGE_FACTOR - 1) * _DOUBLES_MICROS)
_ROUNDING: Final = 0.999999
_BESIDE: Final = 200
"""So many may be taking a case in the same moment, and each must find one that nobody has locked."""
_QUEUED: Final = (S.TRIAGE, S.REVIEW_1, S.WAIT_INFO, S.REVIEW_2, S.ADJUDICATION, S.APPROVAL)
_FIRST_READING: Final = (S.TRIAGE, S.REVIEW_1, S.WAIT_INFO)
_UNREADABLE: Final = (S.PURGED.value, S.ESCALATED_CSE.value)


def page(conn: Connection, query: QueueQuery, actor: Actor, now: datetime) -> QueuePage:
    """One page of the queue and how many cases it has in all."""
    where = _where(query, actor)
    total = conn.execute(select(func.count()).select_from(CASE).where(where)).scalar_one()
    limit, offset = max(0, min(query.limit, MAX_LIMIT)), max(0, query.offset)
    ids = _ranked(conn, where, now, limit, offset) if limit and offset < total else []
    found = {row.id: row for row in conn.execute(_rows(ids))} if ids else {}
    return QueuePage(tuple(_queue_row(found[case_id], now) for case_id in ids), total)


def next_for(conn: Connection, actor: Actor, now: datetime) -> str | None:
    """The most urgent case that this person may take and nobody else holds; the one that they hold already comes first."""
    return held_by(conn, actor, now) or next(iter(_ranked(conn, _free(actor, now), now, 1, 0)), None)


def held_by(conn: Connection, actor: Actor, now: datetime) -> str | None:
    """The case that this person holds and may go on with."""
    mine = select(CASE.c.id).where(CASE.c.claimed_by == actor.pseudonym, CASE.c.claimed_until > now, CASE.c.state.in_(_takeable(actor)))
    found: str | None = conn.execute(mine.limit(1)).scalar()
    return found


def one_at_a_time(conn: Connection, actor: Actor) -> None:
    """A person who asks twice in the same moment is served one after the other: a double click takes one case and not two."""
    conn.execute(select(AccountRow.login).where(AccountRow.pseudonym == actor.pseudonym).with_for_update(key_share=True))


def lock_next(conn: Connection, actor: Actor, now: datetime, but: str) -> str | None:
    """The most urgent case that is free, its row locked until the transaction ends. One that somebody else is taking is passed over.

    `but` is passed over, too.
    """
    # The row is looked at once more when it is locked: only what stands in the row itself is seen then.
    unclaimed = or_(CASE.c.claimed_until.is_(None), CASE.c.claimed_until <= now)
    return next(iter(_ranked(conn, and_(_free(actor, now), unclaimed, CASE.c.id != but), now, 1, 0, lock=True)), None)


def _free(actor: Actor, now: datetime) -> ColumnElement[bool]:
    held = select(CASE.c.id).where(CASE.c.claimed_until > now)  # few: an index of its own, and the scan stays off the table
    # Waiting for information is not work: it comes back when the information does.
    return and_(_where(QueueQuery(), actor), CASE.c.state != S.WAIT_INFO.value, CASE.c.id.not_in(held))


def _takeable(actor: Actor) -> list[str]:
    states: list[CaseState] = []
    if Role.REVIEWER in actor.roles:
        states += [*_FIRST_READING, S.REVIEW_2]
    if Role.POLICY_LEAD in actor.roles:
        states.append(S.ADJUDICATION)
    if Role.APPROVER in actor.roles:
        states.append(S.APPROVAL)
    return [state.value for state in states]


def _where(query: QueueQuery, actor: Actor) -> ColumnElement[bool]:
    """`workflow.readable_by` as SQL (a test compares the two), and the filters of the page."""
    parts: list[ColumnElement[bool]] = []
    if query.readable_only:
        read = exists().where(CaseReaderRow.case_id == CASE.c.id, CaseReaderRow.pseudonym == actor.pseudonym)
        parts.append(CASE.c.state.in_(_takeable(actor)))
        parts.append(or_(CASE.c.state != S.REVIEW_2.value, CASE.c.first_reader.is_(None), CASE.c.first_reader != actor.pseudonym))
        parts.append(or_(CASE.c.state.not_in([S.ADJUDICATION.value, S.APPROVAL.value]), ~read))
    elif not query.states:
        parts.append(CASE.c.state.not_in(_UNREADABLE))
    if query.states:
        parts.append(CASE.c.state.in_([state.value for state in query.states]))
    if query.harms:
        parts.append(CASE.c.flags.op("&")(flags_of(query.harms)) != 0)
    if query.sources:
        parts.append(CASE.c.source.in_(query.sources))
    if query.platforms:
        parts.append(CASE.c.platform.in_(query.platforms))
    return and_(*parts)


def _value(now: datetime) -> ColumnElement[float]:
    """`Priority.value` in SQL. Whole numbers are compared first, so that most rows cost one multiplication."""
    opened, at = type_coerce(CASE.c.opened_at, BigInteger), to_micros(now)
    grows = literal(1.0 + at / _DOUBLES_MICROS) - opened * literal(1.0 / _DOUBLES_MICROS)
    age = case((opened >= at, 1.0), (opened <= at - _SATURATED_MICROS, MAX_AGE_FACTOR), else_=grows)
    return CASE.c.weight * age


def _ranked(conn: Connection, where: ColumnElement[bool], now: datetime, limit: int, offset: int, *, lock: bool = False) -> list[str]:
    """Ids in priority order. Age multiplies by 8 at most, so what weighs less than an eighth of the page's last value cannot be on it."""
    bound = _last_value(conn, where, now, _BESIDE if lock else limit + offset)
    light = where if bound is None else and_(where, CASE.c.weight >= bound * _ROUNDING / MAX_AGE_FACTOR)
    query = select(CASE.c.id).where(light).order_by(_value(now).desc(), CASE.c.opened_at, CASE.c.id)
    query = query.limit(limit).offset(offset)
    return list(conn.execute(query.with_for_update(skip_locked=True, key_share=True, of=CASE) if lock else query).scalars())


def _last_value(conn: Connection, where: ColumnElement[bool], now: datetime, count: int) -> float | None:
    """A value that at least `count` cases reach: the `count`-th best of the heaviest of each state, which the index gives in order."""
    heaviest = [
        select(_value(now).label("value")).where(CASE.c.state == state.value, where).order_by(CASE.c.weight.desc()).limit(count).subquery()
        for state in _QUEUED
    ]
    values = union_all(*(select(one.c.value) for one in heaviest)).subquery()
    found: float | None = conn.execute(select(values.c.value).order_by(values.c.value.desc()).limit(1).offset(count - 1)).scalar()
    return found


def _rows(ids: list[str]) -> Any:
    lead = and_(CaseItemRow.case_id == CASE.c.id, CaseItemRow.lead.is_(True))
    words = and_(TextRow.item_id == CaseItemRow.item_id, TextRow.content_hash == CaseItemRow.content_hash)
    return (
        select(CASE, TextRow.title.label("lead_title"), func.substr(TextRow.text, 1, SNIPPET).label("snippet"))
        .outerjoin(CaseItemRow, lead)
        .outerjoin(TextRow, words)
        .where(CASE.c.id.in_(ids))
    )


def _queue_row(row: Any, now: datetime) -> QueueRow:
    held = row.claimed_by if row.claimed_until is not None and now < row.claimed_until else None
    return QueueRow(
        case_id=row.id,
        state=CaseState(row.state),
        suggested=Harm(row.suggested),
        flagged=harms_of(row.flags),
        probability=row.probability,
        platform=row.platform,
        source=row.source,
        title=row.lead_title or "",
        snippet=row.snippet or "",
        items=row.items,
        opened_at=row.opened_at,
        held_by=held,
        priority=priority_of(row, now),
    )
