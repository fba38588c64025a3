"""Segments with their totals, gaps and stream states."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, FLAG_STORED, KEY, NUMBER, TEXT, WHOLE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TOTALS_SQLITE = (
    """CREATE TRIGGER segment_total_add AFTER INSERT ON segment BEGIN
         INSERT INTO segment_total (camera_id, stream, bytes) VALUES (NEW.camera_id, NEW.stream, NEW.size_bytes)
         ON CONFLICT (camera_id, stream) DO UPDATE SET bytes = bytes + excluded.bytes; END""",
    """CREATE TRIGGER segment_total_grow AFTER UPDATE OF size_bytes ON segment BEGIN
         UPDATE segment_total SET bytes = bytes + NEW.size_bytes - OLD.size_bytes
         WHERE camera_id = NEW.camera_id AND stream = NEW.stream; END""",
    """CREATE TRIGGER segment_total_remove AFTER DELETE ON segment BEGIN
         UPDATE segment_total SET bytes = bytes - OLD.size_bytes
         WHERE camera_id = OLD.camera_id AND stream = OLD.stream; END""",
)
_TOTALS_POSTGRESQL = (
    """CREATE FUNCTION segment_total_keep() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP = 'INSERT' THEN
           INSERT INTO segment_total VALUES (NEW.camera_id, NEW.stream, NEW.size_bytes)
           ON CONFLICT (camera_id, stream) DO UPDATE SET bytes = segment_total.bytes + excluded.bytes;
         ELSIF TG_OP = 'UPDATE' THEN
           UPDATE segment_total SET bytes = bytes + NEW.size_bytes - OLD.size_bytes
           WHERE camera_id = NEW.camera_id AND stream = NEW.stream;
         ELSE
           UPDATE segment_total SET bytes = bytes - OLD.size_bytes
           WHERE camera_id = OLD.camera_id AND stream = OLD.stream;
         END IF;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER segment_total_keep AFTER INSERT OR DELETE OR UPDATE OF size_bytes ON segment
       FOR EACH ROW EXECUTE FUNCTION segment_total_keep()""",
)


def upgrade() -> None:
    """Make the tables of the recorder."""
    _segments()
    _gaps_and_states()
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _TOTALS_SQLITE if on_sqlite else _TOTALS_POSTGRESQL:
        op.execute(sa.text(statement))


def _segments() -> None:
    op.create_table(
        "segment",
        sa.Column("id", KEY, nullable=False),
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("start", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("end", WHOLE, nullable=False),
        sa.Column("path", KEY, nullable=False),
        sa.Column("size_bytes", WHOLE, nullable=False),
        sa.Column("frames", WHOLE, nullable=False),
        sa.Column("mime", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("sha256", BLOB),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("segment_id", "segment", ["id"], unique=True)
    op.create_index("segment_path", "segment", ["path"], unique=True)
    is_open = sa.text("state = 'open'")
    op.create_index("segment_open", "segment", ["start"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_table(
        "segment_total",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("bytes", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _gaps_and_states() -> None:
    op.create_table(
        "gap",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("start", WHOLE, nullable=False),
        sa.Column("end", WHOLE),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("gap_place", "gap", ["camera_id", "stream", "start"])
    op.create_table(
        "stream_state",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("updated", WHOLE, nullable=False),
        sa.Column("recording", FLAG_STORED, nullable=False),
        sa.Column("codec", TEXT, nullable=False),
        sa.Column("width", WHOLE, nullable=False),
        sa.Column("height", WHOLE, nullable=False),
        sa.Column("fps", NUMBER, nullable=False),
        sa.Column("bitrate_bps", WHOLE, nullable=False),
        sa.Column("lost_packets", WHOLE, nullable=False),
        sa.Column("reconnects", WHOLE, nullable=False),
        sa.Column("last_keyframe", WHOLE),
        sa.Column("problem", TEXT, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them; SQLite drops a table's triggers with it."""
    for table in ("stream_state", "gap", "segment_total", "segment"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION segment_total_keep()"))
