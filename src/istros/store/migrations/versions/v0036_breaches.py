"""Breaches of personal data, with triggers that keep every row as it was written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE
from istros.store.migrations.guards import keep_as_written

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their triggers."""
    op.create_table(
        "breach",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", KEY, nullable=False),
        sa.Column("law", TEXT, nullable=False),
        sa.Column("known", WHOLE, nullable=False),
        sa.Column("opened", WHOLE, nullable=False),
        *(sa.Column(name, KEY, nullable=False) for name in ("opened_by", "source_kind", "source")),
        sqlite_strict=True,
    )
    op.create_index("breach_number", "breach", ["number"], unique=True)
    op.create_table(
        "breach_step",
        sa.Column("breach_id", KEY, primary_key=True),
        sa.Column("number", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("by", KEY, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("facts", TEXT, nullable=False),
        sqlite_strict=True,
    )
    for table in ("breach", "breach_step"):
        keep_as_written(table)


def downgrade() -> None:
    """Drop them; the audit log still says which steps there were."""
    op.drop_table("breach_step")
    op.drop_table("breach")
