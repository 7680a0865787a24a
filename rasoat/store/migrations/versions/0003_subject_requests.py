"""Requests of the people whose posts are kept: registered, due, answered."""

import sqlalchemy as sa
from alembic import op

from rasoat.store.columns import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table; on PostgreSQL run `roles.sql` afterwards, as after every upgrade."""
    op.create_table(
        "subject_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("reference_sha256", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("registered_at", UtcTime(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('access','erasure','rectification')", name=op.f("ck_subject_requests_kind")),
        sa.CheckConstraint("length(reference_sha256) = 64", name=op.f("ck_subject_requests_reference")),
        sa.CheckConstraint("(answered_at IS NULL) = (outcome IS NULL)", name=op.f("ck_subject_requests_answered")),
        sa.CheckConstraint("outcome IS NULL OR (outcome = 'refused') = (ground IS NOT NULL)", name=op.f("ck_subject_requests_ground")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_subject_requests_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_requests")),
    )
    op.create_index(op.f("ix_subject_requests_case_id"), "subject_requests", ["case_id"], unique=False)
