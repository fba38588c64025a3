"""Drawn zones have a third kind, privacy masks; an export says under which release they were lifted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was drawn before holds no mask, and nothing was lifted."""
    op.add_column("camera_zones", sa.Column("private", TEXT, nullable=False, server_default="[]"))
    op.add_column("export_job", sa.Column("lifted_under", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("export_job", "lifted_under")
    op.drop_column("camera_zones", "private")
