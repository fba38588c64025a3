"""Notices to those who got something that turned out wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "correction",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", KEY, nullable=False),
        sa.Column("departure_id", KEY, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("remedy", TEXT, nullable=False),
        sa.Column("facts", TEXT, nullable=False),
        sa.Column("found", WHOLE, nullable=False),
        sa.Column("found_by", KEY, nullable=False),
        sa.Column("due", WHOLE, nullable=False),
        sa.Column("sent", WHOLE),
        sa.Column("sent_by", KEY, nullable=False),
        sa.Column("confirmed", WHOLE),
        sa.Column("confirmed_by", KEY, nullable=False),
        sa.Column("confirmation", TEXT, nullable=False),
        sa.Column("told", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("correction_number", "correction", ["number"], unique=True)
    op.create_index("correction_once", "correction", ["departure_id", "cause", "subject"], unique=True)
    waiting = sa.text("confirmed IS NULL")
    op.create_index("correction_open", "correction", ["due"], sqlite_where=waiting, postgresql_where=waiting)


def downgrade() -> None:
    """Take it away."""
    op.drop_table("correction")
