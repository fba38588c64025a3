"""What leaves the node names its recipient and the ground on which it leaves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table. What was ordered before has no row in it, and is ordered anew if it is still wanted."""
    op.create_table(
        "departure",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", KEY, nullable=False),
        sa.Column("carrier", TEXT, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("country", KEY, nullable=False),
        sa.Column("language", KEY, nullable=False),
        sa.Column("law", KEY, nullable=False),
        sa.Column("basis", KEY, nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("data", TEXT, nullable=False),
        sa.Column("cameras", TEXT, nullable=False),
        sa.Column("start", WHOLE),
        sa.Column("end", WHOLE),
        sa.Column("contents", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("case_ref", TEXT, nullable=False),
        sa.Column("permit_number", TEXT, nullable=False),
        sa.Column("ordered", WHOLE, nullable=False),
        sa.Column("ordered_by", KEY, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("gone", WHOLE),
        sa.Column("gone_by", KEY, nullable=False),
        sa.Column("sha256", KEY, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("departure_number", "departure", ["number"], unique=True)
    op.create_index("departure_subject", "departure", ["subject", "carrier"])
    left = sa.text("gone IS NOT NULL")
    op.create_index("departure_gone", "departure", ["gone"], sqlite_where=left, postgresql_where=left)


def downgrade() -> None:
    """Take it away."""
    op.drop_table("departure")
