"""How far a camera's clock is from ours, beside the state of its stream."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import WHOLE

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; streams that tell no time keep it empty."""
    op.add_column("stream_state", sa.Column("clock_offset_ms", WHOLE))


def downgrade() -> None:
    """The column is measured anew every few seconds, so nothing is lost with it."""
    op.drop_column("stream_state", "clock_offset_ms")
