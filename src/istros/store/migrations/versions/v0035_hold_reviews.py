"""Holds have a date by which a person looks whether they are still needed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

USUAL_US = 90 * 86_400 * 1_000_000
"""Ninety days after it was placed: older holds are to be looked at now."""

NAMES = ("review", "review_told", "reviewed", "reviewed_by", "review_reason")


def upgrade() -> None:
    """Add the columns."""
    op.add_column("hold", sa.Column("review", WHOLE, nullable=False, server_default="0"))
    op.add_column("hold", sa.Column("review_told", WHOLE))
    op.add_column("hold", sa.Column("reviewed", WHOLE))
    op.add_column("hold", sa.Column("reviewed_by", KEY))
    op.add_column("hold", sa.Column("review_reason", TEXT, nullable=False, server_default=""))
    hold = sa.table("hold", sa.column("placed", WHOLE), sa.column("review", WHOLE))
    op.execute(hold.update().values(review=hold.c.placed + USUAL_US))


def downgrade() -> None:
    """Take them away."""
    for name in reversed(NAMES):
        op.drop_column("hold", name)
