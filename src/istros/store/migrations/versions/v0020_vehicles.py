"""Vehicles' passages, and the colour of the vehicles whose plates are read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, NUMBER, TEXT, WHOLE

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("plate_read", sa.Column("vehicle_colour", TEXT))
    op.create_table(
        "vehicle",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("track_id", KEY, nullable=False),
        sa.Column("first_seen", WHOLE, nullable=False),
        sa.Column("last_seen", WHOLE, nullable=False),
        sa.Column("vehicle_class", TEXT, nullable=False),
        sa.Column("class_confidence", NUMBER, nullable=False),
        sa.Column("colour", TEXT),
        sa.Column("direction", TEXT),
        sa.Column("heading", NUMBER),
        sa.Column("stood_s", NUMBER, nullable=False),
        sa.Column("box", TEXT, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("vehicle_last_seen", "vehicle", ["last_seen"])
    op.create_index("vehicle_camera", "vehicle", ["camera_id", "last_seen"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("vehicle")
    op.drop_column("plate_read", "vehicle_colour")
