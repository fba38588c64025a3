"""A way to the few plates of which a character could not be read, which a search must always look at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "plate_unread",
        "plate",
        ["folded"],
        sqlite_where=sa.text("instr(folded, '?') > 0"),
        postgresql_where=sa.text("strpos(folded, '?') > 0"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("plate_unread", "plate")
