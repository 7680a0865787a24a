"""Several at work: leases on items, the time of index notes, fencing numbers, dead letters, legal holds."""

import sqlalchemy as sa
from alembic import op

from rasoat.store.columns import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New columns may be empty: rows of before have no lease and no time."""
    op.add_column("items", sa.Column("leased_by", sa.Text(), nullable=True))
    op.add_column("items", sa.Column("leased_until", UtcTime(), nullable=True))
    leased = sa.text("leased_by IS NOT NULL")
    op.create_index("ix_items_leased_by", "items", ["leased_by"], sqlite_where=leased, postgresql_where=leased)
    op.add_column("outbox", sa.Column("at", UtcTime(), nullable=True))
    op.create_table(
        "fences",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_fences")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("first_at", UtcTime(), nullable=False),
        sa.Column("last_at", UtcTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_dead_letters")),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("ordered_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("placed_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("released_at", UtcTime(), nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_legal_holds_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(op.f("ix_legal_holds_case_id"), "legal_holds", ["case_id"], unique=False)
