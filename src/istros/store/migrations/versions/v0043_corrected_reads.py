"""Who corrected a plate read and when; reads that were corrected before tell it by the audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT, WHOLE

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_STEP = "FROM audit WHERE action = 'plates.correct' AND result = 'done' AND subject = plate_read.id"
_LAST = "ORDER BY sequence DESC LIMIT 1"


def upgrade() -> None:
    """Add the columns, and fill them where the chain knows of a correction."""
    op.add_column("plate_read", sa.Column("corrected", WHOLE))
    op.add_column("plate_read", sa.Column("corrected_by", TEXT))
    op.execute(
        f"UPDATE plate_read SET corrected = (SELECT time {_STEP} {_LAST}), corrected_by = (SELECT actor {_STEP} {_LAST})"
        " WHERE id IN (SELECT subject FROM audit WHERE action = 'plates.correct' AND result = 'done')"
    )


def downgrade() -> None:
    """Take them away: the audit chain keeps who corrected what."""
    op.drop_column("plate_read", "corrected_by")
    op.drop_column("plate_read", "corrected")
