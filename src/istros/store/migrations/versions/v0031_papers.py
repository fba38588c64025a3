"""What of the case lies beside the films of an export."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("export_job", sa.Column("papers", TEXT, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("export_job", "papers")
