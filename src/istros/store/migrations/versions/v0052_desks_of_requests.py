"""At whose desk a request of a person was taken in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. What was taken in before is of the organisation for which whoever took it in works, which never changes."""
    op.add_column("subject_request", sa.Column("organisation", KEY, nullable=False, server_default=""))
    op.execute(
        """UPDATE subject_request SET organisation = COALESCE(
            (SELECT person.organisation FROM "operator" AS person WHERE person.name = subject_request.taken_by), '')"""
    )


def downgrade() -> None:
    """Take it away: every officer sees every request then, as in that version. The way up finds it again."""
    op.drop_column("subject_request", "organisation")
