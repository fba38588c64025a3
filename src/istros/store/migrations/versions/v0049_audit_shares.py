"""Which organisations a row of the audit log belongs to; the index of accesses is made anew from the log with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, WHOLE

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and empty the index: the server fills both from the log."""
    op.create_table(
        "audit_share",
        sa.Column("organisation", KEY, primary_key=True),
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("whole", FLAG_STORED, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for table in ("access_fact", "access_hour", "place_hour"):
        op.execute(sa.text(f"DELETE FROM {table}"))
    op.execute(sa.text("UPDATE access_mark SET sequence = 0"))


def downgrade() -> None:
    """Drop it; it can be made again."""
    op.drop_table("audit_share")
