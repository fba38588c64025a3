"""Where each assessed camera stood, and when it was found to stand or look elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, NUMBER, WHOLE

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the server's first look fills it with where each camera stands then."""
    op.create_table(
        "assessed_view",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("latitude", NUMBER),
        sa.Column("longitude", NUMBER),
        sa.Column("changed", WHOLE),
        sa.Column("cause", KEY, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it; the audit log still says what was found when."""
    op.drop_table("assessed_view")
