"""Requests for correction: what a person says is wrong, what it should be, and what it is corrected to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_TEXTS = ("wrong", "right", "corrected")


def upgrade() -> None:
    """Add the columns; requests of earlier versions ask for something else."""
    for name in _TEXTS:
        op.add_column("subject_request", sa.Column(name, TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    """Take them away: the older version knows such a request as an objection that describes both texts.

    What it was corrected to stands in the reasons then. Of what was erased nothing is written.
    """
    op.execute(
        "UPDATE subject_request SET description = description || ' | ' || wrong || ' -> ' || \"right\""
        " WHERE asked = 'rectification' AND erased IS NULL"
    )
    op.execute(
        "UPDATE subject_request SET reasons = reasons || ' | -> ' || corrected WHERE corrected <> '' AND erased IS NULL"
    )
    op.execute("UPDATE subject_request SET asked = 'objection' WHERE asked = 'rectification'")
    for name in _TEXTS:
        op.drop_column("subject_request", name)
