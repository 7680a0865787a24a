"""The first schema: every table of today, the state machine as rows, and the triggers that guard it."""

import sqlalchemy as sa
from alembic import op

from rasoat.store.columns import UtcTime
from rasoat.store.migrations.first_arrows import ARROWS
from rasoat.store.triggers import create_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables, then transitions, then triggers."""
    _tables()
    transitions = sa.table("transitions", sa.column("kind"), sa.column("from_state"), sa.column("to_state"))
    op.bulk_insert(transitions, [dict(zip(("kind", "from_state", "to_state"), arrow, strict=True)) for arrow in ARROWS])
    bind = op.get_bind()
    for statement in create_statements(bind.dialect.name):
        bind.exec_driver_sql(statement)


def _tables() -> None:
    # What is pointed at comes before what points at it.
    _accounts()
    _audit_log()
    _blob_trash()
    _cases()
    _counters()
    _dropped()
    _items()
    _login_failures()
    _outbox()
    _runs()
    _transitions()
    _unmapped()
    _assessments()
    _audit_slice()
    _bands()
    _captures()
    _case_readers()
    _decisions()
    _dossiers()
    _events()
    _sessions()
    _signatures()
    _texts()
    _case_items()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_accounts")),
        sa.UniqueConstraint("pseudonym", name=op.f("uq_accounts_pseudonym")),
    )


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name=op.f("ck_audit_log_hash")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_action"), "audit_log", ["action"], unique=False)
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)


def _blob_trash() -> None:
    op.create_table(
        "blob_trash",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "sealed", name=op.f("pk_blob_trash")),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("suggested", sa.Text(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.Column("first_reader", sa.Text(), nullable=True),
        sa.Column("second_reader", sa.Text(), nullable=True),
        sa.Column("adjudicator", sa.Text(), nullable=True),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("first_id", sa.Text(), nullable=True),
        sa.Column("second_id", sa.Text(), nullable=True),
        sa.Column("ruling_id", sa.Text(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("fix_until", UtcTime(), nullable=True),
        sa.Column("deferred_until", UtcTime(), nullable=True),
        sa.Column("informed_at", UtcTime(), nullable=True),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_claimed_until", "cases", ["claimed_until"], unique=False)
    op.create_index(
        "ix_cases_queue", "cases", ["state", "weight", "opened_at", "id", "first_reader", "flags", "source", "platform"], unique=False
    )
    op.create_index("ix_cases_state_since", "cases", ["state", "since"], unique=False)


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _dropped() -> None:
    op.create_table(
        "dropped",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.Text(), nullable=False),
        sa.Column("dropped_at", UtcTime(), nullable=False),
        sa.Column("sightings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dropped")),
    )


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("captured_at", UtcTime(), nullable=False),
        sa.Column("published_at", UtcTime(), nullable=True),
        sa.Column("publisher_kind", sa.Text(), nullable=True),
        sa.Column("publisher_name", sa.Text(), nullable=True),
        sa.Column("reach", sa.BigInteger(), nullable=True),
        sa.Column("raw", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("raw_sha256", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("dropped_hash", sa.Text(), nullable=True),
        sa.Column("url_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("first_seen", UtcTime(), nullable=False),
        sa.CheckConstraint("status IN ('pending','flagged','quarantined','purged')", name=op.f("ck_items_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    op.create_index("ix_items_queue", "items", ["status", "first_seen"], unique=False)
    op.create_index(op.f("ix_items_raw_sha256"), "items", ["raw_sha256"], unique=False)


def _login_failures() -> None:
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("login_hash", sa.Text(), nullable=False),
        sa.Column("ip_hash", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
    )
    op.create_index("ix_login_failures_ip", "login_failures", ["ip_hash", "at"], unique=False)
    op.create_index("ix_login_failures_login", "login_failures", ["login_hash", "at"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_kind", "runs", ["kind", "source", "started_at"], unique=False)
    op.create_index(op.f("ix_runs_started_at"), "runs", ["started_at"], unique=False)


def _transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "from_state", "to_state", name=op.f("pk_transitions")),
    )


def _unmapped() -> None:
    op.create_table(
        "unmapped",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("mapper", sa.Text(), nullable=False),
        sa.Column("mapper_version", sa.Integer(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("raw_sha256", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmapped")),
        sa.UniqueConstraint("source", "mapper", "position", "raw_sha256", name=op.f("uq_unmapped_source_mapper_position_raw_sha256")),
    )
    op.create_index(op.f("ix_unmapped_at"), "unmapped", ["at"], unique=False)
    op.create_index(op.f("ix_unmapped_raw_sha256"), "unmapped", ["raw_sha256"], unique=False)


def _assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_assessments_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
    )
    op.create_index(op.f("ix_assessments_item_id"), "assessments", ["item_id"], unique=False)


def _audit_slice() -> None:
    op.create_table(
        "audit_slice",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("assessment", sa.JSON(), nullable=False),
        sa.Column("kept_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["dropped.id"], name=op.f("fk_audit_slice_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_audit_slice")),
    )
    op.create_index(op.f("ix_audit_slice_kept_at"), "audit_slice", ["kept_at"], unique=False)


def _bands() -> None:
    op.create_table(
        "bands",
        sa.Column("band", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_bands_case_id")),
        sa.PrimaryKeyConstraint("band", "case_id", name=op.f("pk_bands")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_bands_case_id"), "bands", ["case_id"], unique=False)


def _captures() -> None:
    op.create_table(
        "captures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("captured_at", UtcTime(), nullable=False),
        sa.Column("blob", sa.JSON(), nullable=False),
        sa.Column("blob_sha256", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("requested_url", sa.Text(), nullable=True),
        sa.Column("final_url", sa.Text(), nullable=True),
        sa.Column("redirects", sa.JSON(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_captures_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
    )
    op.create_index(op.f("ix_captures_blob_sha256"), "captures", ["blob_sha256"], unique=False)
    op.create_index("ix_captures_item", "captures", ["item_id", "content_hash"], unique=False)


def _case_readers() -> None:
    op.create_table(
        "case_readers",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_readers_case_id")),
        sa.PrimaryKeyConstraint("case_id", "pseudonym", name=op.f("pk_case_readers")),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_decisions_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_case_id"), "decisions", ["case_id"], unique=False)


def _dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("built_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_dossiers_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossiers")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_dossiers_case_id_version")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name=op.f("ck_events_hash")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_events_case_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_events")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["accounts.login"], name=op.f("fk_sessions_login"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_login"), "sessions", ["login"], unique=False)
    op.create_index(op.f("ix_sessions_seen_at"), "sessions", ["seen_at"], unique=False)


def _signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_signatures_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_signatures")),
    )


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("verbatim", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_texts_item_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "content_hash", name=op.f("pk_texts")),
    )


def _case_items() -> None:
    op.create_table(
        "case_items",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("similarity", sa.Double(), nullable=False),
        sa.Column("joined_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_case_items_assessment_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_items_case_id")),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_case_items_item_id")),
        sa.PrimaryKeyConstraint("case_id", "item_id", name=op.f("pk_case_items")),
    )
    op.create_index(op.f("ix_case_items_assessment_id"), "case_items", ["assessment_id"], unique=False)
    op.create_index("ix_case_items_item", "case_items", ["item_id", "content_hash"], unique=False)
