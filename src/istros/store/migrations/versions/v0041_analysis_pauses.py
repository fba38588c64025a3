"""Cameras whose analysis is paused because they look elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, WHOLE

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a camera that is in the state `moved` is paused at the analyser's next look."""
    op.create_table(
        "analysis_pause",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("cause", KEY, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("ordered", WHOLE, nullable=False),
        sa.Column("to_home", FLAG_STORED, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it; the audit log still says what was paused when."""
    op.drop_table("analysis_pause")
