"""The history of what was to be recorded when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what was recorded before counts as recorded always."""
    op.create_table(
        "schedule_change",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("since", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("schedule", TEXT, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "triggered",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("start", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("end", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them; the past is then judged as if everything had been recorded always."""
    op.drop_table("triggered")
    op.drop_table("schedule_change")
