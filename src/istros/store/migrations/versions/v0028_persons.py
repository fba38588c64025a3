"""Persons who are sought, and their sealed faces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, FLAG_STORED, KEY, TEXT, WHOLE

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TEXTS = (
    "objective", "authorisation", "purpose", "ground", "case_ref", "owner", "priority", "category", "requester",
    "handling", "handling_note", "provenance", "cameras", "hours",
)  # fmt: skip


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "person_entry",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("minor", FLAG_STORED, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in _TEXTS),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("expires", WHOLE, nullable=False),
        sa.Column("review", WHOLE, nullable=False),
        sa.Column("renews", KEY),
        sa.Column("renewal_reason", TEXT, nullable=False),
        sa.Column("closed", WHOLE),
        sa.Column("closed_by", TEXT),
        sa.Column("close_reason", TEXT, nullable=False),
        sa.Column("erased", WHOLE),
        sqlite_strict=True,
    )
    still_open = sa.text("closed IS NULL")
    op.create_index("person_open", "person_entry", ["expires"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_table(
        "sealed_face",
        sa.Column("entry_id", KEY, sa.ForeignKey("person_entry.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("picture", BLOB, nullable=False),
        sa.Column("template", BLOB, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("quality", TEXT, nullable=False),
        sa.Column("added", WHOLE, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("sealed_face", "person_entry"):
        op.drop_table(table)
