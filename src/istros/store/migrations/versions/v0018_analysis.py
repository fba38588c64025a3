"""How often cameras were looked at, where vehicles drive to, and how wide plates are at each spot of a picture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, NUMBER, TEXT, WHOLE

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("analyser_state", sa.Column("looks_wanted", WHOLE, nullable=False, server_default="0"))
    op.add_column("analyser_state", sa.Column("looks_done", WHOLE, nullable=False, server_default="0"))
    op.add_column("plate_read", sa.Column("direction", TEXT))
    op.add_column("plate_read", sa.Column("heading", NUMBER))
    op.create_table(
        "plate_spot",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("across", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("down", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("plates", WHOLE, nullable=False),
        sa.Column("plate_widths", NUMBER, nullable=False),
        sa.Column("vehicles", WHOLE, nullable=False),
        sa.Column("vehicle_heights", NUMBER, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "camera_scale",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("marks", TEXT, nullable=False),
        sa.Column("set_by", TEXT, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("camera_scale")
    op.drop_table("plate_spot")
    op.drop_column("plate_read", "heading")
    op.drop_column("plate_read", "direction")
    op.drop_column("analyser_state", "looks_done")
    op.drop_column("analyser_state", "looks_wanted")
