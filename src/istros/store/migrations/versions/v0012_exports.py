"""Exports that were ordered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, NUMBER, TEXT, WHOLE

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('waiting', 'running')")


def upgrade() -> None:
    """Make the table."""
    texts = ("covered", "reason", "language")
    order = (("ordered_by", KEY), ("organisation", TEXT), ("permit_id", KEY), ("permit_number", TEXT))
    op.create_table(
        "export_job",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("cameras", TEXT, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("start", WHOLE, nullable=False),
        sa.Column("end", WHOLE, nullable=False),
        sa.Column("originals", FLAG_STORED, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in texts),
        sa.Column("ordered", WHOLE, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in order),
        *(sa.Column(name, TEXT, nullable=False) for name in ("purpose", "ground", "case_ref")),
        sa.Column("progress", NUMBER, nullable=False),
        sa.Column("step", TEXT, nullable=False),
        sa.Column("cancel_wished", FLAG_STORED, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        *(sa.Column(name, WHOLE) for name in ("started", "finished", "expires")),
        sa.Column("size_bytes", WHOLE, nullable=False),
        sa.Column("manifest_sha256", TEXT, nullable=False),
        sa.Column("to_review", WHOLE, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("export_job_holder", "export_job", ["ordered_by", "ordered"])
    op.create_index("export_job_open", "export_job", ["ordered"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Drop it; the audit log still says what was exported."""
    op.drop_table("export_job")
