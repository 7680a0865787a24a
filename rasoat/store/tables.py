"""The tables, as typed models. Schema only: the rules live in `triggers.py`, the sentences in the modules that own a table.

Times are microseconds (`columns.UtcTime`), JSON is JSON, so that PostgreSQL can take the same models.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from rasoat.store.columns import UtcTime

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Names every constraint, so that a later migration can find it."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {str: Text, datetime: UtcTime, bytes: LargeBinary, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class ItemRow(Base):
    """What is known of an item, without its words. `content_hash` names the newest words that are kept."""

    __tablename__ = "items"
    __table_args__ = (
        CheckConstraint("status IN ('pending','flagged','quarantined','purged')", name="status"),
        Index("ix_items_queue", "status", "first_seen"),
        Index(
            "ix_items_leased_by", "leased_by", sqlite_where=text("leased_by IS NOT NULL"), postgresql_where=text("leased_by IS NOT NULL")
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    platform: Mapped[str]
    kind: Mapped[str]
    locator: Mapped[str]
    source: Mapped[str]
    url: Mapped[str | None]
    captured_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    publisher_kind: Mapped[str | None]
    publisher_name: Mapped[str | None]  # a keyed hash for a person, see rasoat.authors
    reach: Mapped[int | None] = mapped_column(BigInteger)
    raw: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    raw_sha256: Mapped[str | None] = mapped_column(index=True)
    content_hash: Mapped[str]
    dropped_hash: Mapped[str | None]  # newer words that were looked at and not kept
    url_hash: Mapped[str]
    status: Mapped[str]
    problem: Mapped[str] = mapped_column(default="")
    run_id: Mapped[str]
    first_seen: Mapped[datetime]
    leased_by: Mapped[str | None]  # the worker that assesses it now, see leasing.py
    leased_until: Mapped[datetime | None]


class TextRow(Base):
    """The words of an item in one version. A case keeps the version that it was opened on."""

    __tablename__ = "texts"

    item_id: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    content_hash: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str | None]
    text: Mapped[str]
    verbatim: Mapped[str]


class CaptureRow(Base):
    """One sighting, tied to the version of the words that it shows."""

    __tablename__ = "captures"
    __table_args__ = (Index("ix_captures_item", "item_id", "content_hash"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"))
    content_hash: Mapped[str]
    method: Mapped[str]
    captured_at: Mapped[datetime]
    blob: Mapped[dict[str, Any]]
    blob_sha256: Mapped[str] = mapped_column(index=True)
    payload_sha256: Mapped[str]
    text_sha256: Mapped[str]
    tool: Mapped[str]
    requested_url: Mapped[str | None]
    final_url: Mapped[str | None]
    redirects: Mapped[list[Any]]
    http_status: Mapped[int | None]
    headers: Mapped[list[Any]]
    run_id: Mapped[str]


class DroppedRow(Base):
    """All that stays of an item that was not flagged."""

    __tablename__ = "dropped"

    id: Mapped[str] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    url_hash: Mapped[str]
    dropped_at: Mapped[datetime]
    sightings: Mapped[int] = mapped_column(default=1)


class AuditSliceRow(Base):
    """A random few of the dropped keep their words for 90 days, to measure what was missed."""

    __tablename__ = "audit_slice"

    item_id: Mapped[str] = mapped_column(ForeignKey("dropped.id", ondelete="CASCADE"), primary_key=True)
    platform: Mapped[str]
    source: Mapped[str]
    title: Mapped[str | None]
    text: Mapped[str]
    assessment: Mapped[dict[str, Any]]
    kept_at: Mapped[datetime] = mapped_column(index=True)


class TrashRow(Base):
    """Blobs that nothing refers to any more: removed after the commit that wrote the row, also after a crash."""

    __tablename__ = "blob_trash"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bool] = mapped_column(primary_key=True)


class AssessmentRow(Base):
    """What the machine suggested for one version of an item, whole, with the versions of what made it."""

    __tablename__ = "assessments"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    content_hash: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[dict[str, Any]]


class CaseRow(Base):
    """`CaseFacts` as a row, with what the queue sorts and filters by. `state` is written by the event trigger and nobody else."""

    __tablename__ = "cases"
    __table_args__ = (
        # All that the queue ranks and filters by, so that the scan never touches the table.
        Index("ix_cases_queue", "state", "weight", "opened_at", "id", "first_reader", "flags", "source", "platform"),
        Index("ix_cases_claimed_until", "claimed_until"),
        Index("ix_cases_state_since", "state", "since"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str | None]
    suggested: Mapped[str]
    flags: Mapped[int]  # bit n: the n-th harm of `Harm` is flagged on one of the items
    probability: Mapped[float]
    severity: Mapped[int]
    sampled: Mapped[bool]
    source: Mapped[str]
    platform: Mapped[str]
    reach: Mapped[int | None] = mapped_column(BigInteger)
    items: Mapped[int]
    weight: Mapped[float]  # the priority of a case opened this moment; age is multiplied in at read time
    opened_at: Mapped[datetime]
    since: Mapped[datetime]
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    first_reader: Mapped[str | None]
    second_reader: Mapped[str | None]
    adjudicator: Mapped[str | None]
    approver: Mapped[str | None]
    first_id: Mapped[str | None]
    second_id: Mapped[str | None]
    ruling_id: Mapped[str | None]
    notice: Mapped[str | None]
    fix_until: Mapped[datetime | None]
    deferred_until: Mapped[datetime | None]
    informed_at: Mapped[datetime | None]  # when the publisher was told: the retention clock of sent cases
    erased: Mapped[bool] = mapped_column(default=False)  # its words are gone


class CaseReaderRow(Base):
    """Everybody who ever gave a verdict in a case, in any round."""

    __tablename__ = "case_readers"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    pseudonym: Mapped[str] = mapped_column(primary_key=True)


class CaseItemRow(Base):
    """An item in a case, in the version that was flagged."""

    __tablename__ = "case_items"
    __table_args__ = (Index("ix_case_items_item", "item_id", "content_hash"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("items.id"), primary_key=True)
    content_hash: Mapped[str]
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessments.id", ondelete="SET NULL"), index=True)
    lead: Mapped[bool]
    similarity: Mapped[float]
    joined_at: Mapped[datetime]


class TransitionRow(Base):
    """`rasoat.cases.states.TRANSITIONS` inside the database; an empty `from_state` is no state."""

    __tablename__ = "transitions"

    kind: Mapped[str] = mapped_column(primary_key=True)
    from_state: Mapped[str] = mapped_column(primary_key=True)
    to_state: Mapped[str] = mapped_column(primary_key=True)


class EventRow(Base):
    """One link of a case's chain; append-only by trigger. `payload` is canonical JSON without words, names or numbers of people."""

    __tablename__ = "events"
    __table_args__ = (CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name="hash"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    role: Mapped[str]
    kind: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    payload: Mapped[str]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class DecisionRow(Base):
    """Free text of people lives here, outside the chain, so that it can be purged."""

    __tablename__ = "decisions"

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    seq: Mapped[int]  # of the event that it belongs to
    stage: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str]
    channel: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(default="")


class SignatureRow(Base):
    """The near-duplicate signature of a case's lead item, packed as unsigned 64-bit little-endian integers."""

    __tablename__ = "signatures"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    signature: Mapped[bytes]


class BandRow(Base):
    """Which cases share a band of the signature: the candidates for a join."""

    __tablename__ = "bands"
    __table_args__ = ({"sqlite_with_rowid": False},)

    band: Mapped[bytes] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)


class OutboxRow(Base):
    """Items whose index entry is stale. Written in the transaction that made it so."""

    __tablename__ = "outbox"
    __table_args__ = ({"sqlite_autoincrement": True},)

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    item_id: Mapped[str]
    at: Mapped[datetime | None]


class AuditRow(Base):
    """One link of the global chain. `entry` is its canonical JSON; after 24 months it is pruned to the hash."""

    __tablename__ = "audit_log"
    __table_args__ = (CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name="hash"),)

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(index=True)
    entry: Mapped[str | None]
    prev_hash: Mapped[str]
    hash: Mapped[str]


class AccountRow(Base):
    """A person who works here."""

    __tablename__ = "accounts"

    login: Mapped[str] = mapped_column(primary_key=True)
    pseudonym: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password: Mapped[str]  # argon2id
    roles: Mapped[list[Any]]
    locale: Mapped[str]
    disabled: Mapped[bool]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A log-in. Only the hash of the token is kept."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("accounts.login", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class LoginFailureRow(Base):
    """A failed log-in, by keyed hashes of login and address."""

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_login", "login_hash", "at"), Index("ix_login_failures_ip", "ip_hash", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    login_hash: Mapped[str]
    ip_hash: Mapped[str]
    at: Mapped[datetime]


class RunRow(Base):
    """One run of a crawl, an import or another stage."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_kind", "kind", "source", "started_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    source: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]
    problem: Mapped[str]


class CounterRow(Base):
    """What the tables cannot tell any more, because what was counted is gone."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class UnmappedRow(Base):
    """A record that no mapper understood."""

    __tablename__ = "unmapped"
    __table_args__ = (UniqueConstraint("source", "mapper", "position", "raw_sha256"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    mapper: Mapped[str]
    mapper_version: Mapped[int]
    position: Mapped[str]
    problem: Mapped[str]
    raw: Mapped[dict[str, Any]]
    raw_sha256: Mapped[str] = mapped_column(index=True)
    run_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class DossierRow(Base):
    """A sealed pack on disk."""

    __tablename__ = "dossiers"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    version: Mapped[int]
    path: Mapped[str]
    sha256: Mapped[str]
    built_at: Mapped[datetime]
