"""Which cameras and which time a permit reaches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT, WHOLE

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; permits of before reach all cameras and all time, as they did."""
    op.add_column("permit", sa.Column("cameras", TEXT, nullable=False, server_default="[]"))
    op.add_column("permit", sa.Column("reach_from", WHOLE))
    op.add_column("permit", sa.Column("reach_to", WHOLE))


def downgrade() -> None:
    """Take them away."""
    for name in ("reach_to", "reach_from", "cameras"):
        op.drop_column("permit", name)
