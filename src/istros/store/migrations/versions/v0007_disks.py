"""Each segment names the disk that it lies on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there lies on the disk `main`."""
    op.add_column("segment", sa.Column("disk", KEY, nullable=False, server_default="main"))


def downgrade() -> None:
    """Forget the disks: segments on another one than `main` can then not be found."""
    op.drop_column("segment", "disk")
