"""Holes that a camera's own card may fill."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the back-fill."""
    op.create_table(
        "edge_fill",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("start", WHOLE, nullable=False),
        sa.Column("end", WHOLE, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("done_to", WHOLE, nullable=False),
        sa.Column("state", KEY, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.Column("disk", KEY, nullable=False),
        sa.Column("path", KEY, nullable=False),
        sa.Column("updated", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("edge_fill_place", "edge_fill", ["camera_id", "start"])
    op.create_table(
        "edge_segment",
        sa.Column("segment_id", KEY, primary_key=True),
        sa.Column("fill_id", KEY, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away; the segments that were fetched stay."""
    op.drop_table("edge_segment")
    op.drop_table("edge_fill")
