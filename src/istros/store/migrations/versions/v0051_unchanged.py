"""Why nothing was changed in the node for a granted request for correction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody was asked for it before."""
    op.add_column("subject_request", sa.Column("unchanged", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away: what it said stands in the reasons then. Of what was erased nothing is written."""
    op.execute(
        "UPDATE subject_request SET reasons = reasons || ' | ' || unchanged WHERE unchanged <> '' AND erased IS NULL"
    )
    op.drop_column("subject_request", "unchanged")
