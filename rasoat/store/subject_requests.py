"""The register of what people ask whose posts are kept: access, erasure, rectification. Two people answer, within thirty days.

Holds a hash of the letter's reference, never who wrote it or what. Nothing is answered by itself; a granted erasure is carried out here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from rasoat.canonical import sha256_hex
from rasoat.cases.commands import Purge
from rasoat.cases.states import CaseState, Role
from rasoat.cases.subject_requests import Kept, RefusalGround, RequestKind, RequestOutcome, check_answer, day_of, due_on
from rasoat.clock import Clock, Ids
from rasoat.errors import Conflict, NotPermitted, UsageError
from rasoat.store import audit
from rasoat.store.case_rows import facts_of, load_row
from rasoat.store.database import Database
from rasoat.store.holds import acting, held
from rasoat.store.records import Account
from rasoat.store.retention import carry_out
from rasoat.store.tables import CaseItemRow, CaseRow
from rasoat.store.tables_work import RequestRow

RULE: Final = "on_request"
"""How the tombstone of an erasure names why."""


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """One request. `registered_by` and the others are pseudonyms; `case_id` is None where no case was found."""

    id: str
    kind: RequestKind
    case_id: str | None
    reference_sha256: str
    registered_by: str
    registered_at: datetime
    received_on: date
    due_on: date
    answered_at: datetime | None = None
    outcome: RequestOutcome | None = None
    ground: RefusalGround | None = None
    answered_by: str | None = None
    approved_by: str | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether its last day is over and nobody has answered."""
        return self.answered_at is None and day_of(now) > self.due_on


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer. `also_in`: other cases in which the same posts are still kept."""

    request: SubjectRequest
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait for an answer, how many of them too long, and the last day of the most urgent one."""

    open: int
    overdue: int
    next_due: date | None
    oldest: datetime | None  # registered


class SubjectRequests:
    """What `store.requests` offers."""

    def __init__(self, database: Database, clock: Clock, ids: Ids, after_erasure: Callable[[], object]) -> None:
        self._db, self._clock, self._ids, self._after_erasure = database, clock, ids, after_erasure

    def register(self, kind: RequestKind, case_id: str | None, reference: str, received_on: date, *, by: str) -> SubjectRequest:
        """Note that a letter came, and about which case. `reference` is how the office's file names it: only its hash is kept.

        Raises:
            UsageError: no such case or person, no reference, a day that is still to come, or the same request a second time.
        """
        now = self._clock.now()
        if not reference.strip():
            raise UsageError("a request needs the reference of its letter, as your file names it")
        if received_on > day_of(now):
            raise UsageError(f"{received_on} is still to come")
        digest = sha256_hex(reference.strip().encode())
        with self._db.writing(durable=True) as conn:
            person = acting(conn, by)
            if case_id is not None:
                load_row(conn, case_id)
            if (known := _known(conn, kind, case_id, digest)) is not None:
                raise UsageError(f"this request is registered already: {known}")
            due = due_on(received_on)
            made = SubjectRequest(self._ids.new(), kind, case_id, digest, person.pseudonym, now, received_on, due)
            conn.execute(insert(RequestRow), {**{name: getattr(made, name) for name in SubjectRequest.__slots__}, "kind": kind.value})
            fields: dict[str, audit.Field] = {"kind": kind.value, "case": case_id, "due": f"{due}", "reference_hash": digest}
            audit.append(conn, now, "request.registered", person.pseudonym, "request", made.id, fields)
        return made

    def answer(
        self,
        request_id: str,
        outcome: RequestOutcome,
        ground: RefusalGround | None = None,
        *,
        by: str,
        approved_by: str,
        waived: bool = False,
    ) -> Answered:
        """Answer a request; a granted erasure erases the case in the same commit. The same answer again changes nothing and takes up
        what a crash left of the erasure. `by` and `approved_by` are logins of two people; `waived` see `check_answer`.

        Raises:
            UsageError: no such request or person, or an answer that it cannot have (`check_answer`).
            WorkflowError: the case, or these people, cannot do that, or it was answered otherwise.
        """
        with self._db.writing(durable=True) as conn:
            people = _two(conn, by, approved_by)
            request, now = _load(conn, request_id), self._clock.now()
            if request.answered_at is None:
                check_answer(request.kind, outcome, ground, _kept(conn, request.case_id, now), waived=waived)
                if _erases(request, outcome):
                    self._erase(conn, request, people[1], now)
                _answer(conn, request, outcome, ground, people, now, waived=waived)
                request = _load(conn, request_id)
            elif (request.outcome, request.ground) != (outcome, ground):
                raise Conflict(f"request {request_id} was answered with '{request.ground or request.outcome}'")
            also_in = _also_in(conn, request.case_id) if _erases(request, outcome) else ()
        if _erases(request, outcome):
            self._after_erasure()
        return Answered(request, also_in)

    def get(self, request_id: str) -> SubjectRequest:
        """One of them.

        Raises:
            UsageError: there is none with this id.
        """
        with self._db.reading() as conn:
            return _load(conn, request_id)

    def all(self, *, answered: bool = False) -> tuple[SubjectRequest, ...]:
        """Requests, the one that is due first first; `answered`: also those that have their answer."""
        query = select(RequestRow.__table__).order_by(RequestRow.due_on, RequestRow.id)
        if not answered:
            query = query.where(RequestRow.answered_at.is_(None))
        with self._db.reading() as conn:
            return tuple(_request(row) for row in conn.execute(query))

    def standing(self) -> Standing:
        """How they stand today."""
        with self._db.reading() as conn:
            return standing(conn, self._clock.now())

    def _erase(self, conn: Connection, request: SubjectRequest, approver: Account, now: datetime) -> None:
        """Through the state machine, as retention does it.

        Raises:
            NotPermitted: the approver had a part in the case: nobody takes away what they decided themselves.
        """
        assert request.case_id is not None  # `check_answer` has seen to it
        facts = facts_of(conn, load_row(conn, request.case_id))
        if approver.pseudonym in facts.readers | {facts.approver, facts.adjudicator}:
            raise NotPermitted("an erasure is approved by somebody who had no part in the case")
        carry_out(conn, request.case_id, Purge(rule=RULE), self._ids, now)


def standing(conn: Connection, now: datetime) -> Standing:
    """Numbers for the doctor and the metrics."""
    waits = RequestRow.answered_at.is_(None)
    query = select(func.count(), func.min(RequestRow.due_on), func.min(RequestRow.registered_at)).where(waits)
    count, next_due, oldest = conn.execute(query).one()
    late = select(func.count()).select_from(RequestRow).where(waits, RequestRow.due_on < day_of(now))
    return Standing(count, conn.execute(late).scalar_one(), next_due, oldest)


def _two(conn: Connection, by: str, approved_by: str) -> tuple[Account, Account]:
    answers, approves = acting(conn, by), acting(conn, approved_by)
    if answers.login == approves.login or Role.DATA_PROTECTION not in approves.roles:
        raise NotPermitted("an answer is approved by another person, who has the role data_protection")
    return answers, approves


def _erases(request: SubjectRequest, outcome: RequestOutcome) -> bool:
    return request.kind is RequestKind.ERASURE and outcome is RequestOutcome.GRANTED


def _kept(conn: Connection, case_id: str | None, now: datetime) -> Kept:
    if case_id is None:
        return Kept(None, words=False, held=False)
    row = load_row(conn, case_id, lock=True)
    under_hold = conn.execute(select(CaseRow.id).where(CaseRow.id == case_id, held(now))).first() is not None
    return Kept(CaseState(row.state), words=not row.erased, held=under_hold)


def _answer(
    conn: Connection,
    request: SubjectRequest,
    outcome: RequestOutcome,
    ground: RefusalGround | None,
    people: tuple[Account, Account],
    now: datetime,
    *,
    waived: bool,
) -> None:
    by, approved_by = (person.pseudonym for person in people)
    said = {"outcome": outcome.value, "ground": None if ground is None else ground.value}
    whole = {**said, "answered_at": now, "answered_by": by, "approved_by": approved_by}
    conn.execute(update(RequestRow).where(RequestRow.id == request.id).values(**whole))
    fields: dict[str, audit.Field] = {
        "kind": request.kind.value,
        "case": request.case_id,
        **said,
        "approved_by": approved_by,
        "complaint_waived": waived,
        "late": request.overdue(now),
    }
    audit.append(conn, now, "request.answered", by, "request", request.id, fields)


def _also_in(conn: Connection, case_id: str | None) -> tuple[str, ...]:
    """Cases that are not erased and rest on a post of this one: its words stay there."""
    mine = select(CaseItemRow.item_id).where(CaseItemRow.case_id == case_id)
    query = (
        select(CaseRow.id)
        .join(CaseItemRow, CaseItemRow.case_id == CaseRow.id)
        .where(CaseItemRow.item_id.in_(mine), CaseRow.id != case_id, CaseRow.erased.is_(False))
    )
    return tuple(conn.execute(query.distinct().order_by(CaseRow.id)).scalars())


def _known(conn: Connection, kind: RequestKind, case_id: str | None, digest: str) -> str | None:
    same = (RequestRow.kind == kind.value, RequestRow.case_id.is_not_distinct_from(case_id), RequestRow.reference_sha256 == digest)
    return conn.execute(select(RequestRow.id).where(*same)).scalar()


def _load(conn: Connection, request_id: str) -> SubjectRequest:
    row = conn.execute(select(RequestRow.__table__).where(RequestRow.id == request_id.strip())).first()
    if row is None:
        raise UsageError(f"there is no request {request_id}")
    return _request(row)


def _request(row: Any) -> SubjectRequest:
    values = {name: getattr(row, name) for name in SubjectRequest.__slots__}
    values["kind"] = RequestKind(row.kind)
    values["outcome"] = None if row.outcome is None else RequestOutcome(row.outcome)
    values["ground"] = None if row.ground is None else RefusalGround(row.ground)
    return SubjectRequest(**values)
