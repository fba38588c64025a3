"""Gaps say what happened by a stable code with its facts, and when they were filled later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT, WHOLE

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is there keeps its sentence; the screens show that where there is no code."""
    op.add_column("gap", sa.Column("code", TEXT, nullable=False, server_default=""))
    op.add_column("gap", sa.Column("facts", TEXT, nullable=False, server_default="[]"))
    op.add_column("gap", sa.Column("filled", WHOLE))
    op.create_index("gap_start", "gap", ["start", "id"])


def downgrade() -> None:
    """Filled stretches are no gaps; without the column nothing would tell them apart."""
    op.execute(sa.text("DELETE FROM gap WHERE filled IS NOT NULL"))
    op.drop_index("gap_start", "gap")
    for name in ("filled", "facts", "code"):
        op.drop_column("gap", name)
