"""Signals, their counter, and where each thing stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of signals."""
    op.create_table(
        "signal",
        sa.Column("number", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("received", WHOLE, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("signal_id", "signal", ["id"], unique=True)
    op.create_index("signal_place", "signal", ["camera_id", "time"])
    op.create_index("signal_time", "signal", ["time"])
    op.create_index("signal_kind", "signal", ["kind", "number"])
    op.create_table(
        "signal_count",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("number", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.execute(sa.text("INSERT INTO signal_count (id, number) VALUES (1, 0)"))
    op.create_table(
        "signal_latest",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("subject", KEY, primary_key=True),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("signal_latest", "signal_count", "signal"):
        op.drop_table(table)
