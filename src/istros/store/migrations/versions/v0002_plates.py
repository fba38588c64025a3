"""Plate reads with their crops, the distinct plates, and the analysers' states."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, KEY, NUMBER, TEXT, WHOLE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the analyser."""
    _plates()
    _reads()
    _crops_and_states()


def _plates() -> None:
    op.create_table(
        "plate",
        sa.Column("id", WHOLE, primary_key=True),
        sa.Column("literal", KEY, nullable=False),
        sa.Column("folded", KEY, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("plate_literal", "plate", ["literal"], unique=True)
    op.create_index("plate_folded", "plate", ["folded"])


def _reads() -> None:
    op.create_table(
        "plate_read",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("track_id", KEY, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("folded", KEY, nullable=False),
        sa.Column("country", TEXT),
        sa.Column("confidence", NUMBER, nullable=False),
        sa.Column("alternatives", TEXT, nullable=False),
        sa.Column("plate_box", TEXT, nullable=False),
        sa.Column("vehicle_box", TEXT),
        sa.Column("vehicle_class", TEXT),
        sa.Column("frames_read", WHOLE, nullable=False),
        sa.Column("plate_width_px", WHOLE, nullable=False),
        sa.Column("first_seen", WHOLE, nullable=False),
        sa.Column("last_seen", WHOLE, nullable=False),
        sa.Column("plate_id", WHOLE, sa.ForeignKey("plate.id"), nullable=False),
        sa.Column("judged", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("plate_read_time", "plate_read", ["time"])
    op.create_index("plate_read_camera", "plate_read", ["camera_id", "time"])
    op.create_index("plate_read_plate", "plate_read", ["plate_id", "time"])
    waiting = sa.text("judged IS NULL")
    op.create_index("plate_read_unjudged", "plate_read", ["time"], sqlite_where=waiting, postgresql_where=waiting)


def _crops_and_states() -> None:
    op.create_table(
        "plate_crop",
        sa.Column("read_id", KEY, sa.ForeignKey("plate_read.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("jpeg", BLOB, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "analyser_state",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("updated", WHOLE, nullable=False),
        sa.Column("analysed_fps", NUMBER, nullable=False),
        sa.Column("behind_s", NUMBER, nullable=False),
        sa.Column("dropped_frames", WHOLE, nullable=False),
        sa.Column("vehicles_now", WHOLE, nullable=False),
        sa.Column("reads_total", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("analyser_state", "plate_crop", "plate_read", "plate"):
        op.drop_table(table)
