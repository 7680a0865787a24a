"""Tables of what works beside one another: fencing numbers, documents that the index refused; and of what people ask: legal holds,
requests of those whose posts are kept. Schema only."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from rasoat.store.tables import Base


class FenceRow(Base):
    """The number of the newest holder of a job that may have only one: what an older one still writes is known by its smaller number."""

    __tablename__ = "fences"

    job: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger)


class DeadLetterRow(Base):
    """A document that the search index refuses for good: which, why, since when, how often it was tried. Never its words."""

    __tablename__ = "dead_letters"

    item_id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str]
    problem: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    tries: Mapped[int]


class HoldRow(Base):
    """A written order that a case must not be purged before a day; approved by a person, and ended by time or by a person."""

    __tablename__ = "legal_holds"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    reference: Mapped[str]  # of the written order, as the file of the office names it
    ordered_by: Mapped[str]  # pseudonym of who entered it
    approved_by: Mapped[str]  # pseudonym of who approved it: another person
    placed_at: Mapped[datetime]
    until: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]


class RequestRow(Base):
    """What somebody whose post is kept asked for, until when it is answered, and how it was. No name, no address, no word of theirs."""

    __tablename__ = "subject_requests"
    __table_args__ = (
        CheckConstraint("kind IN ('access','erasure','rectification')", name="kind"),
        CheckConstraint("length(reference_sha256) = 64", name="reference"),
        CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name="answered"),
        CheckConstraint("outcome IS NULL OR (outcome = 'refused') = (ground IS NOT NULL)", name="ground"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)  # none where nothing was found
    reference_sha256: Mapped[str]  # of how the office's file names the letter
    registered_by: Mapped[str]  # pseudonym, as the two below
    registered_at: Mapped[datetime]
    received_on: Mapped[date]
    due_on: Mapped[date]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ground: Mapped[str | None]
    answered_by: Mapped[str | None]
    approved_by: Mapped[str | None]
