"""States, events, roles, and the arrows between states: the whole state machine as one table.

The table is also written into the database, where a trigger refuses an event that it does not hold.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class CaseState(StrEnum):
    """Where a case stands."""

    TRIAGE = "triage"  # opened, waiting for a first reader
    REVIEW_1 = "review_1"  # claimed by a first reader
    WAIT_INFO = "wait_info"  # cannot tell without context: 14 days, then closed_none
    REVIEW_2 = "review_2"  # waiting for, or with, a second reader who does not see the first verdict
    ADJUDICATION = "adjudication"  # the two disagreed: policy lead
    APPROVAL = "approval"  # waiting for a person who has not read it
    PUBLISHER_NOTICE = "publisher_notice"  # approved; the publisher is told, or it is written down why not yet
    DOSSIER_READY = "dossier_ready"  # sealed
    SENT = "sent"  # a person sent it by hand and logged that
    ANSWERED = "answered"  # the platform answered, or 30 days passed
    COMPLAINT = "complaint"  # somebody affected objected: a panel of other people
    CLOSED_NONE = "closed_none"
    CLOSED_OOS = "closed_oos"
    CLOSED_DUP = "closed_dup"
    CLOSED_FIXED = "closed_fixed"  # the publisher mended it
    CLOSED = "closed"  # done
    REVERSED = "reversed"  # our request was wrong
    ESCALATED_CSE = "escalated_cse"  # out of this system's hands, at once
    PURGED = "purged"  # text and captures are gone; the skeleton stays


class EventKind(StrEnum):
    """What happened to a case."""

    OPENED = "opened"
    JOINED = "joined"  # a near-duplicate item joined the case
    CLAIMED = "claimed"
    RELEASED = "released"
    CODED = "coded"
    SECOND_READ = "second_read"
    ADJUDICATED = "adjudicated"
    APPROVED = "approved"
    REJECTED = "rejected"
    NOTICE_GIVEN = "notice_given"
    FIXED = "fixed"
    SEALED = "sealed"
    SENT = "sent"
    ANSWERED = "answered"
    COMPLAINED = "complained"
    UPHELD = "upheld"
    REVERSED = "reversed"
    ESCALATED = "escalated"
    CLOSED = "closed"
    PURGED = "purged"


class Role(StrEnum):
    """In which role somebody acts. `SYSTEM` opens cases and purges; it can decide nothing."""

    REVIEWER = "reviewer"
    APPROVER = "approver"
    SENDER = "sender"
    POLICY_LEAD = "policy_lead"
    COMPLAINT_PANEL = "complaint_panel"
    SAFETY_OFFICER = "safety_officer"
    DATA_PROTECTION = "data_protection"  # sees what is kept of whom, approves holds and answers, decides nothing
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"


S, E = CaseState, EventKind

CLOSED_STATES: Final = frozenset({S.CLOSED_NONE, S.CLOSED_OOS, S.CLOSED_DUP, S.CLOSED_FIXED, S.CLOSED, S.REVERSED})
BEFORE_DOSSIER: Final = frozenset({S.TRIAGE, S.REVIEW_1, S.WAIT_INFO, S.REVIEW_2, S.ADJUDICATION, S.APPROVAL, S.PUBLISHER_NOTICE})
_NO_HARM: Final = frozenset({S.CLOSED_NONE, S.CLOSED_OOS, S.CLOSED_DUP})

TRANSITIONS: Final[frozenset[tuple[EventKind, CaseState | None, CaseState]]] = frozenset(
    {
        (E.OPENED, None, S.TRIAGE),
        (E.CLAIMED, S.TRIAGE, S.REVIEW_1),
        (E.CLAIMED, S.REVIEW_1, S.REVIEW_1),  # the last claim ran out, or its holder takes longer
        (E.CLAIMED, S.WAIT_INFO, S.REVIEW_1),
        (E.CLAIMED, S.REVIEW_2, S.REVIEW_2),
        (E.CLAIMED, S.ADJUDICATION, S.ADJUDICATION),
        (E.CLAIMED, S.APPROVAL, S.APPROVAL),
        (E.RELEASED, S.REVIEW_1, S.TRIAGE),
        (E.RELEASED, S.REVIEW_2, S.REVIEW_2),
        (E.RELEASED, S.ADJUDICATION, S.ADJUDICATION),
        (E.RELEASED, S.APPROVAL, S.APPROVAL),
        (E.CODED, S.REVIEW_1, S.REVIEW_2),
        (E.CODED, S.REVIEW_1, S.APPROVAL),
        (E.CODED, S.REVIEW_1, S.WAIT_INFO),
        *((E.CODED, S.REVIEW_1, closed) for closed in _NO_HARM),
        (E.SECOND_READ, S.REVIEW_2, S.APPROVAL),
        (E.SECOND_READ, S.REVIEW_2, S.ADJUDICATION),
        (E.ADJUDICATED, S.ADJUDICATION, S.APPROVAL),
        (E.ADJUDICATED, S.ADJUDICATION, S.TRIAGE),
        *((E.ADJUDICATED, S.ADJUDICATION, closed) for closed in _NO_HARM),
        (E.APPROVED, S.APPROVAL, S.PUBLISHER_NOTICE),
        (E.REJECTED, S.APPROVAL, S.CLOSED_NONE),
        (E.REJECTED, S.APPROVAL, S.TRIAGE),
        (E.NOTICE_GIVEN, S.PUBLISHER_NOTICE, S.PUBLISHER_NOTICE),
        (E.FIXED, S.PUBLISHER_NOTICE, S.CLOSED_FIXED),
        (E.CLOSED, S.PUBLISHER_NOTICE, S.CLOSED),  # AGG: a letter was all there is
        (E.CLOSED, S.WAIT_INFO, S.CLOSED_NONE),
        (E.CLOSED, S.ANSWERED, S.CLOSED),
        (E.SEALED, S.PUBLISHER_NOTICE, S.DOSSIER_READY),
        (E.SENT, S.DOSSIER_READY, S.SENT),
        (E.ANSWERED, S.SENT, S.ANSWERED),
        (E.ANSWERED, S.ANSWERED, S.ANSWERED),
        *((E.COMPLAINED, s, S.COMPLAINT) for s in (S.PUBLISHER_NOTICE, S.DOSSIER_READY, S.SENT, S.ANSWERED, S.CLOSED, S.CLOSED_FIXED)),
        (E.UPHELD, S.COMPLAINT, S.CLOSED),
        (E.REVERSED, S.COMPLAINT, S.REVERSED),
        *((E.ESCALATED, s, S.ESCALATED_CSE) for s in BEFORE_DOSSIER),
        *((E.PURGED, s, S.PURGED) for s in (*CLOSED_STATES, S.ESCALATED_CSE)),
        *((E.JOINED, s, s) for s in CaseState if s not in {S.PURGED, S.ESCALATED_CSE}),
    }
)
"""Every arrow there is. What is not here cannot happen."""
