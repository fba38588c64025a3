"""Devices: what they say of themselves, where their streams were found, who steers them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, NUMBER, TEXT, WHOLE

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the process `devices`."""
    _device()
    _found_stream()
    _head_lease()


def _device() -> None:
    op.create_table(
        "device",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("updated", WHOLE, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.Column("manufacturer", TEXT, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("firmware", TEXT, nullable=False),
        sa.Column("serial", TEXT, nullable=False),
        sa.Column("clock_offset_ms", WHOLE),
        sa.Column("clock_doubt_ms", WHOLE),
        sa.Column("steers", FLAG_STORED, nullable=False),
        sa.Column("events", TEXT, nullable=False),
        sa.Column("keeps", FLAG_STORED, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _found_stream() -> None:
    op.create_table(
        "found_stream",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("profile", TEXT, nullable=False),
        sa.Column("codec", TEXT, nullable=False),
        sa.Column("width", WHOLE, nullable=False),
        sa.Column("height", WHOLE, nullable=False),
        sa.Column("fps", NUMBER, nullable=False),
        sa.Column("found", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _head_lease() -> None:
    op.create_table(
        "head_lease",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("holder", KEY, nullable=False),
        sa.Column("holder_name", TEXT, nullable=False),
        sa.Column("taken", WHOLE, nullable=False),
        sa.Column("expires", WHOLE, nullable=False),
        sa.Column("before", TEXT, nullable=False),
        sa.Column("moved", WHOLE),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("head_lease", "found_stream", "device"):
        op.drop_table(table)
