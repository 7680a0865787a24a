"""Cases: opened by flagged items, moved by people's commands, read as queue and view. The only door to them.

Knows the rules of `rasoat.cases` and asks them; makes none itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection, func, select

from rasoat.assessments import Assessment
from rasoat.cases.commands import Claim, Command
from rasoat.cases.states import CaseState, EventKind
from rasoat.cases.workflow import Actor, CaseFacts, Staffing
from rasoat.clock import Clock, Ids
from rasoat.errors import Conflict, UsageError
from rasoat.harms import Harm, Severity
from rasoat.items import Item
from rasoat.store import admitting, chain, queueing, tallies
from rasoat.store.applying import OF_ONE_CASE, apply
from rasoat.store.case_rows import CASE, facts_of, load_case_items, load_decisions, load_row, priority_of
from rasoat.store.database import Database
from rasoat.store.records import Admission, CaseView, QueuePage, QueueQuery, SimilarCase
from rasoat.store.tables import BandRow, CaseItemRow, CaseRow, SignatureRow, TextRow

SIMILAR_FROM = 0.4
"""From here on a reviewer may find another case worth a look; below, chance rules a 128-place signature."""
_CLAIM_TRIES = 3


class SqlCases:
    """All that can be asked of cases."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        ids: Ids,
        *,
        claim_minutes: int,
        staffing: Callable[[Connection], Staffing],
        after_erasure: Callable[[], object],
    ) -> None:
        self._db, self._clock, self._ids = database, clock, ids
        self._claim_minutes, self._staffing, self._after_erasure = claim_minutes, staffing, after_erasure

    def admit(
        self,
        item: Item,
        assessment: Assessment,
        *,
        signature: tuple[int, ...] | None,
        band_keys: Sequence[bytes],
        severity: Severity,
        sampled: bool,
    ) -> Admission:
        """A flagged item opens a case or joins its near-duplicate's; the same item in the same words again changes nothing.

        Raises:
            UsageError: nothing is flagged.
            RetryLater: the item changed since it was read, or the disk is full.
        """
        flagged = admitting.Flagged(item, assessment, signature, band_keys, severity, sampled)
        return self.admit_many([flagged])[0]

    def admit_many(self, flagged: Sequence[admitting.Flagged]) -> list[Admission]:
        """`admit` for several items in one transaction: all or none."""
        now = self._clock.now()
        with self._db.writing() as conn:
            return [admitting.admit(conn, one, self._ids.new(), now) for one in flagged]

    def queue(self, query: QueueQuery, actor: Actor) -> QueuePage:
        """One page of the queue, most urgent first."""
        with self._db.reading() as conn:
            return queueing.page(conn, query, actor, self._clock.now())

    def next_for(self, actor: Actor) -> str | None:
        """The case that this person should take next; None when there is none. Claims nothing."""
        with self._db.reading() as conn:
            return queueing.next_for(conn, actor, self._clock.now())

    def claim_next(self, actor: Actor, *, but: str = "") -> CaseFacts | None:
        """Claim the case that this person should take next, in one step: however many ask at once, each gets another one.

        The one that they hold already comes first; None when there is none. `but` is a case that they have just handed back. Waits for
        the disk, and for no other writer.
        """
        for _ in range(_CLAIM_TRIES - 1):
            with suppress(Conflict):
                return self._claim_next(actor, but)
        return self._claim_next(actor, but)

    def _claim_next(self, actor: Actor, but: str) -> CaseFacts | None:
        """The clock is read under the lock, and once more when the row is held: one that was set back while somebody waited would
        otherwise say that the claim of whoever was faster has run out.

        Raises:
            Conflict: it was set back in between.
        """
        with self._db.writing(durable=True, rows=True) as conn:
            queueing.one_at_a_time(conn, actor)
            now = self._clock.now()
            if held := queueing.held_by(conn, actor, now):
                return facts_of(conn, load_row(conn, held))
            case_id = queueing.lock_next(conn, actor, now, but)
            if case_id is None:
                return None
            staffing = self._staffing(conn)
            return apply(conn, case_id, Claim(), actor, self._clock.now(), staffing, self._claim_minutes, self._ids.new())[0]

    def facts(self, case_id: str) -> CaseFacts:
        """What the rules know of the case: cheaper than the whole view.

        Raises:
            UsageError: there is no such case.
        """
        with self._db.reading() as conn:
            return facts_of(conn, load_row(conn, case_id))

    def view(self, case_id: str) -> CaseView:
        """All of a case.

        Raises:
            UsageError: there is no such case.
        """
        with self._db.reading() as conn:
            row = load_row(conn, case_id)
            return CaseView(
                facts=facts_of(conn, row),
                opened_at=row.opened_at,
                priority=priority_of(row, self._clock.now()),
                items=load_case_items(conn, case_id),
                decisions=load_decisions(conn, case_id),
                events=tuple(chain.load(conn, case_id)),
            )

    def apply(self, case_id: str, command: Command, actor: Actor) -> CaseFacts:
        """Carry out one command. Waits for the disk: what this returns is saved. What readers do to one case waits for no other case's.

        Raises:
            UsageError: no such case, or a quote outside its item.
            WorkflowError: the rules forbid it, or somebody else was faster.
        """
        with self._db.writing(durable=True, rows=isinstance(command, OF_ONE_CASE)) as conn:
            load_row(conn, case_id, lock=True)  # the clock is read when nobody else can move the case any more
            now, staffing = self._clock.now(), self._staffing(conn)
            after, _event = apply(conn, case_id, command, actor, now, staffing, self._claim_minutes, self._ids.new())
        if after.state in (CaseState.ESCALATED_CSE, CaseState.PURGED):
            self._after_erasure()
        return after

    def tally(self) -> dict[tuple[str, EventKind], int]:
        """How many cases of each suggested harm had each kind of event."""
        with self._db.reading() as conn:
            return tallies.tally(conn)

    def verdicts_without_a_person(self) -> int:
        """The charter says 0."""
        with self._db.reading() as conn:
            return tallies.verdicts_without_a_person(conn)

    def reversed_addresses(self) -> frozenset[str]:
        """`Item.url_hash` of every item whose request was reversed on complaint."""
        with self._db.reading() as conn:
            return tallies.reversed_addresses(conn)

    def verify_chain(self, case_id: str) -> list[str]:
        """Problems of the case's hash chain; empty when it holds."""
        with self._db.reading() as conn:
            return chain.verify(conn, case_id)

    def similar(self, case_id: str) -> tuple[SimilarCase, ...]:
        """Other cases whose lead item reads much the same, most similar first."""
        with self._db.reading() as conn:
            packed = conn.execute(select(SignatureRow.signature).where(SignatureRow.case_id == case_id)).scalar()
            if packed is None:
                return ()
            keys = conn.execute(select(BandRow.band).where(BandRow.case_id == case_id)).scalars().all()
            scores = {
                found: score for score, found in admitting.near(conn, admitting.unpack(packed), keys, SIMILAR_FROM) if found != case_id
            }
            query = (
                select(
                    CASE.c.id,
                    CASE.c.state,
                    CASE.c.suggested,
                    TextRow.title,
                    func.substr(TextRow.text, 1, queueing.SNIPPET).label("snippet"),
                )
                .join(CaseItemRow, (CaseItemRow.case_id == CASE.c.id) & CaseItemRow.lead.is_(True))
                .join(TextRow, (TextRow.item_id == CaseItemRow.item_id) & (TextRow.content_hash == CaseItemRow.content_hash))
                .where(CASE.c.id.in_(list(scores)))
            )
            rows = conn.execute(query).all()
        found = [
            SimilarCase(row.id, CaseState(row.state), Harm(row.suggested), scores[row.id], row.title or "", row.snippet) for row in rows
        ]
        return tuple(sorted(found, key=lambda one: (-one.similarity, one.case_id)))

    def find(self, prefix: str) -> str:
        """The case whose id starts so.

        Raises:
            UsageError: none, or more than one.
        """
        wanted = prefix.strip().lower()
        query = select(CaseRow.id).where(CaseRow.id >= wanted, CaseRow.id < wanted + "\x7f").order_by(CaseRow.id).limit(3)
        with self._db.reading() as conn:
            found = conn.execute(query).scalars().all()
        if not wanted or not found:
            raise UsageError(f"no case starts with '{prefix}'")
        if len(found) > 1:
            raise UsageError(f"more than one case starts with '{prefix}': {', '.join(found[:2])} …")
        return found[0]
