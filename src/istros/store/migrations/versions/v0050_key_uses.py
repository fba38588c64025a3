"""How often keys of programs were used in an hour, until its count stands in the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, WHOLE

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "key_use",
        sa.Column("key_id", KEY, primary_key=True),
        sa.Column("hour", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("asked", KEY, primary_key=True),
        sa.Column("permit_id", KEY, primary_key=True),
        sa.Column("origin", KEY, primary_key=True),
        sa.Column("first", WHOLE, nullable=False),
        sa.Column("last", WHOLE, nullable=False),
        sa.Column("count", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("key_use_hour", "key_use", ["hour"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("key_use")
