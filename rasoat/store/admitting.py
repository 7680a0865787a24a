"""A flagged item becomes a case, or joins the case of its near-duplicate. One transaction, idempotent by item and version.

Knows signatures as numbers only: `classifiers.near_duplicates` makes them.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from rasoat import __version__
from rasoat.assessments import Assessment
from rasoat.cases.states import CLOSED_STATES, CaseState, EventKind, Role
from rasoat.cases.workflow import SYSTEM
from rasoat.errors import RetryLater, UsageError
from rasoat.harms import Severity
from rasoat.items import Item
from rasoat.likeness import JOIN_AT, jaccard
from rasoat.missing import or_none
from rasoat.store import chain
from rasoat.store.case_rows import CASE, load_row, weight_of
from rasoat.store.encoding import assessment_to_json, flags_of
from rasoat.store.item_rows import insert_items
from rasoat.store.outbox import mark_case, mark_items
from rasoat.store.records import Admission
from rasoat.store.tables import AssessmentRow, BandRow, CaseItemRow, CaseRow, DroppedRow, ItemRow, SignatureRow, TextRow

MAX_CANDIDATES: Final = 64
"""Cases compared for one item: those that share most bands. A boilerplate band may be shared by thousands."""
_NO_JOIN: Final = (CaseState.PURGED.value, CaseState.ESCALATED_CSE.value)

# Sentences are built once: building one costs SQLAlchemy more than running it.
_KNOWN: Final = select(ItemRow.content_hash, ItemRow.status).where(ItemRow.id == bindparam("item"))
_HELD: Final = (
    select(CaseItemRow.case_id, CaseItemRow.content_hash, CASE.c.state)
    .join(CASE, CASE.c.id == CaseItemRow.case_id)
    .where(CaseItemRow.item_id == bindparam("item"))
    .order_by(CaseItemRow.joined_at.desc())
)
_SHARED: Final = (
    select(BandRow.case_id)
    .where(BandRow.band.in_(bindparam("bands", expanding=True)))
    .group_by(BandRow.case_id)
    .order_by(func.count().desc(), BandRow.case_id)
    .limit(MAX_CANDIDATES)
    .subquery()
)
_CANDIDATES: Final = (
    select(SignatureRow.case_id, SignatureRow.signature, CASE.c.opened_at)
    .join(CASE, SignatureRow.case_id == CASE.c.id)
    .where(SignatureRow.case_id.in_(select(_SHARED.c.case_id)), CASE.c.state.not_in(_NO_JOIN))
)
_FLAGGED: Final = update(ItemRow).where(ItemRow.id == bindparam("item")).values(status="flagged")
_READING_TEXT: Final = (
    update(TextRow)
    .where(TextRow.item_id == bindparam("item"), TextRow.content_hash == bindparam("version"), TextRow.text != bindparam("words"))
    .values(text=bindparam("words"))
)
_FORGET_DROPPED: Final = delete(DroppedRow).where(DroppedRow.id == bindparam("item"))
_INSERT_CASE, _INSERT_ASSESSMENT, _INSERT_CASE_ITEM = insert(CaseRow), insert(AssessmentRow), insert(CaseItemRow)
_INSERT_SIGNATURE, _INSERT_BANDS = insert(SignatureRow), insert(BandRow)


@dataclass(frozen=True, slots=True)
class Flagged:
    """What the assess stage hands over for one item."""

    item: Item
    assessment: Assessment
    signature: tuple[int, ...] | None
    band_keys: Sequence[bytes]
    severity: Severity
    sampled: bool


def pack(signature: tuple[int, ...]) -> bytes:
    """As unsigned 64-bit little-endian integers."""
    numbers = array("Q", signature)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def unpack(packed: bytes) -> array[int]:
    """The inverse of `pack`."""
    numbers = array("Q")
    numbers.frombytes(packed)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def near(conn: Connection, signature: Sequence[int] | None, band_keys: Sequence[bytes], floor: float) -> list[tuple[float, str]]:
    """Cases whose lead is at least `floor` similar, the most similar and then the oldest first."""
    if signature is None or not band_keys:
        return []
    scored = [
        (jaccard(signature, unpack(row.signature)), row.opened_at, row.case_id)
        for row in conn.execute(_CANDIDATES, {"bands": list(band_keys)})
    ]
    return [(score, case_id) for score, _, case_id in sorted(scored, key=lambda one: (-one[0], one[1], one[2])) if score >= floor]


def admit(conn: Connection, flagged: Flagged, case_id: str, now: datetime) -> Admission:
    """Open a case under `case_id`, or join one.

    Raises:
        UsageError: nothing is flagged.
        RetryLater: the item changed since it was read; it waits for assessment again.
    """
    item, content_hash = flagged.item, flagged.item.content_hash
    if flagged.assessment.top is None:
        raise UsageError(f"item {item.id[:12]}… is not flagged: drop it")
    mine = {"item": item.id}
    row = conn.execute(_KNOWN, mine).first()
    known, status = (None, "") if row is None else (row.content_hash, row.status)
    if known is None:
        conn.execute(_FORGET_DROPPED, mine)
        insert_items(conn, [(item, content_hash)], "", now)
    held = conn.execute(_HELD, mine).all()
    for row in held:
        if row.content_hash == content_hash or (known == content_hash and status == "flagged"):
            return Admission(row.case_id, opened=False)
    if known not in (None, content_hash):
        raise RetryLater(f"item {item.id[:12]}… changed while it was assessed")
    _keep_reading_text(conn, item, content_hash)
    assessment_id = _insert_assessment(conn, flagged, content_hash, now)
    conn.execute(_FLAGGED, mine)
    admission = _place(conn, flagged, held, case_id, assessment_id, now)
    mark_items(conn, [item.id], now)
    return admission


def _keep_reading_text(conn: Connection, item: Item, content_hash: str) -> None:
    """Spans point into the text that was assessed: the whole page, where the finding lies outside of its main text."""
    conn.execute(_READING_TEXT, {"item": item.id, "version": content_hash, "words": item.text})


def _place(conn: Connection, flagged: Flagged, held: Sequence[Any], case_id: str, assessment_id: int, now: datetime) -> Admission:
    """New words of an item whose case is still open change nothing there; otherwise join the most similar case, or open one."""
    for row in held:
        if row.state not in CLOSED_STATES and row.state not in _NO_JOIN:
            state = CaseState(load_row(conn, row.case_id, lock=True).state)  # a claim may have moved it this moment
            _event(conn, row.case_id, EventKind.JOINED, state, flagged, now, similarity=1.0, changed=True)
            return Admission(row.case_id, opened=False)
    mine = {row.case_id for row in held}
    for similarity, found in near(conn, flagged.signature, flagged.band_keys, JOIN_AT):
        if found not in mine:
            _join(conn, found, flagged, assessment_id, similarity, now)
            return Admission(found, opened=False)
    _open(conn, case_id, flagged, assessment_id, now)
    return Admission(case_id, opened=True)


def _insert_assessment(conn: Connection, flagged: Flagged, content_hash: str, now: datetime) -> int:
    values = {
        "item_id": flagged.item.id,
        "content_hash": content_hash,
        "at": flagged.assessment.at or now,
        "body": assessment_to_json(flagged.assessment),
    }
    made = conn.execute(_INSERT_ASSESSMENT, values).inserted_primary_key
    assert made is not None
    return int(made[0])


def _open(conn: Connection, case_id: str, flagged: Flagged, assessment_id: int, now: datetime) -> None:
    item, top = flagged.item, flagged.assessment.top
    assert top is not None
    probability, reach = float(flagged.assessment.probabilities[top]), or_none(item.reach)
    conn.execute(
        _INSERT_CASE,
        {
            "id": case_id,
            "state": None,
            "suggested": top.value,
            "flags": flags_of(flagged.assessment.flagged),
            "probability": probability,
            "severity": int(flagged.severity),
            "sampled": flagged.sampled,
            "source": item.source,
            "platform": item.platform.value,
            "reach": reach,
            "items": 1,
            "weight": weight_of(flagged.severity, probability, reach, 1, now),
            "opened_at": now,
            "since": now,
            "erased": False,
        },
    )
    _insert_case_item(conn, case_id, flagged, assessment_id, 1.0, now, lead=True)
    _event(conn, case_id, EventKind.OPENED, CaseState.TRIAGE, flagged, now, similarity=1.0)
    if flagged.signature is not None:
        conn.execute(_INSERT_SIGNATURE, {"case_id": case_id, "signature": pack(flagged.signature)})
        bands = [{"band": key, "case_id": case_id} for key in dict.fromkeys(flagged.band_keys)]
        if bands:
            conn.execute(_INSERT_BANDS, bands)


def _join(conn: Connection, case_id: str, flagged: Flagged, assessment_id: int, similarity: float, now: datetime) -> None:
    """Adds the item, its weight and its codes. Re-opens nothing and moves no clock."""
    row = load_row(conn, case_id, lock=True)
    _insert_case_item(conn, case_id, flagged, assessment_id, similarity, now, lead=False)
    reach = max((one for one in (row.reach, or_none(flagged.item.reach)) if one is not None), default=None)
    weight = weight_of(Severity(row.severity), row.probability, reach, row.items + 1, now)
    flags = row.flags | flags_of(flagged.assessment.flagged)
    conn.execute(update(CaseRow).where(CaseRow.id == case_id).values(items=row.items + 1, reach=reach, weight=weight, flags=flags))
    if flags != row.flags:
        mark_case(conn, case_id, now)  # the index shows every item of the case under the codes of the case
    _event(conn, case_id, EventKind.JOINED, CaseState(row.state), flagged, now, similarity=similarity)


def _insert_case_item(
    conn: Connection, case_id: str, flagged: Flagged, assessment_id: int, similarity: float, now: datetime, *, lead: bool
) -> None:
    conn.execute(
        _INSERT_CASE_ITEM,
        {
            "case_id": case_id,
            "item_id": flagged.item.id,
            "content_hash": flagged.item.content_hash,
            "assessment_id": assessment_id,
            "lead": lead,
            "similarity": similarity,
            "joined_at": now,
        },
    )


def _event(
    conn: Connection,
    case_id: str,
    kind: EventKind,
    state: CaseState,
    flagged: Flagged,
    now: datetime,
    *,
    similarity: float,
    changed: bool = False,
) -> None:
    versions = flagged.assessment.versions
    payload: chain.Payload = {
        "item_id": flagged.item.id,
        "content_hash": flagged.item.content_hash,
        "flagged": [harm.value for harm in flagged.assessment.flagged],
        "similarity_percent": round(100 * similarity),
        "model": versions.model,
        "rules": versions.rules,
        "lexicon": versions.lexicon,
        "policy": versions.policy,
        "software": __version__,
    }
    if changed:
        payload["changed"] = True
    chain.append(conn, case_id, kind, state, SYSTEM.pseudonym, Role.SYSTEM, now, payload)
