"""When a passing vehicle was largest in the picture, and the plates read of it by its track."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import WHOLE

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column("vehicle", sa.Column("box_time", WHOLE))
    op.create_index("plate_read_track", "plate_read", ["track_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("plate_read_track", "plate_read")
    op.drop_column("vehicle", "box_time")
