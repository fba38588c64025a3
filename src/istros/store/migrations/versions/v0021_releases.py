"""Releases by a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, TEXT, WHOLE

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ALIVE = sa.text("ended IS NULL")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "release",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("matter", TEXT, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("permit_id", KEY),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("emergency", FLAG_STORED, nullable=False),
        sa.Column("asked", WHOLE, nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        *(sa.Column(name, WHOLE, nullable=False) for name in ("answer_by", "lasts_us")),
        *(sa.Column(name, WHOLE) for name in ("expires", "answered")),
        sa.Column("answered_by", KEY),
        sa.Column("granted", FLAG_STORED),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("ended", WHOLE),
        sa.Column("ended_by", KEY),
        sa.Column("ending", TEXT),
        sa.Column("ending_note", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("release_subject", "release", ["matter", "subject", "asked"])
    op.create_index("release_asked", "release", ["asked"])
    op.create_index("release_alive", "release", ["answer_by"], sqlite_where=_ALIVE, postgresql_where=_ALIVE)


def downgrade() -> None:
    """Drop it; the audit log still says who released what."""
    op.drop_table("release")
