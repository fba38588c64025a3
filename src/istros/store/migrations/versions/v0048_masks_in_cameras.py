"""Whether a camera is to hold its privacy masks itself, and which of them it was seen to hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, TEXT, WHOLE

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table; of what was drawn before, no camera holds anything."""
    nothing = sa.text("0") if op.get_bind().dialect.name == "sqlite" else sa.false()
    op.add_column("camera_zones", sa.Column("in_camera", FLAG_STORED, nullable=False, server_default=nothing))
    op.create_table(
        "held_masks",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("most_masks", WHOLE),
        sa.Column("most_corners", WHOLE),
        sa.Column("only_rectangles", FLAG_STORED, nullable=False),
        sa.Column("wanted", WHOLE, nullable=False),
        sa.Column("held", WHOLE, nullable=False),
        sa.Column("tokens", TEXT, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.Column("checked", WHOLE),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away; what a camera holds stays in the camera."""
    op.drop_table("held_masks")
    op.drop_column("camera_zones", "in_camera")
