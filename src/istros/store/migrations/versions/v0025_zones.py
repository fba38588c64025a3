"""The zones that people drew on cameras' pictures, with their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE, Flag

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "camera_zones",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("set_by", KEY, nullable=False),
        sa.Column("from_file", Flag(), nullable=False),
        sa.Column("plates", TEXT, nullable=False),
        sa.Column("ignored", TEXT, nullable=False),
        sa.Column("release_id", KEY),
        sa.Column("since", WHOLE),
        sa.Column("agreed_by", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("camera_zones_since", "camera_zones", ["camera_id", "since"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("camera_zones")
