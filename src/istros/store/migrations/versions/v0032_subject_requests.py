"""Requests of people about themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "subject_request",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", KEY, nullable=False),
        sa.Column("asked", TEXT, nullable=False),
        sa.Column("law", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("received", WHOLE, nullable=False),
        sa.Column("due", WHOLE, nullable=False),
        sa.Column("taken_by", KEY, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("contact", TEXT, nullable=False),
        sa.Column("cameras", TEXT, nullable=False),
        sa.Column("start", WHOLE, nullable=False),
        sa.Column("end", WHOLE, nullable=False),
        sa.Column("description", TEXT, nullable=False),
        sa.Column("plate", TEXT, nullable=False),
        sa.Column("plate_proof", TEXT, nullable=False),
        sa.Column("identity", TEXT, nullable=False),
        sa.Column("identity_checked", WHOLE),
        sa.Column("identity_by", KEY, nullable=False),
        sa.Column("preserved", WHOLE),
        sa.Column("hold_id", KEY),
        sa.Column("extended", WHOLE),
        sa.Column("extension_reason", TEXT, nullable=False),
        sa.Column("decision", TEXT),
        sa.Column("ground", TEXT, nullable=False),
        sa.Column("reasons", TEXT, nullable=False),
        sa.Column("decided", WHOLE),
        sa.Column("decided_by", KEY, nullable=False),
        sa.Column("erased_reads", WHOLE, nullable=False),
        sa.Column("answered", WHOLE),
        sa.Column("letter_sha256", TEXT, nullable=False),
        sa.Column("warned", WHOLE),
        sa.Column("erase_after", WHOLE),
        sa.Column("erased", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("subject_request_number", "subject_request", ["number"], unique=True)
    open_ones = sa.text("answered IS NULL")
    op.create_index(
        "subject_request_due", "subject_request", ["due"], sqlite_where=open_ones, postgresql_where=open_ones
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("subject_request")
