"""Holds, stretches in which something happened, the disks' state, files that must go; bytes are counted for each disk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, NUMBER, TEXT, WHOLE

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TOTALS_SQLITE = (
    """CREATE TRIGGER segment_total_add AFTER INSERT ON segment BEGIN
         INSERT INTO segment_total (camera_id, stream, disk, bytes)
         VALUES (NEW.camera_id, NEW.stream, NEW.disk, NEW.size_bytes)
         ON CONFLICT (camera_id, stream, disk) DO UPDATE SET bytes = bytes + excluded.bytes; END""",
    """CREATE TRIGGER segment_total_grow AFTER UPDATE OF size_bytes, disk ON segment BEGIN
         UPDATE segment_total SET bytes = bytes - OLD.size_bytes
         WHERE camera_id = OLD.camera_id AND stream = OLD.stream AND disk = OLD.disk;
         INSERT INTO segment_total (camera_id, stream, disk, bytes)
         VALUES (NEW.camera_id, NEW.stream, NEW.disk, NEW.size_bytes)
         ON CONFLICT (camera_id, stream, disk) DO UPDATE SET bytes = bytes + excluded.bytes; END""",
    """CREATE TRIGGER segment_total_remove AFTER DELETE ON segment BEGIN
         UPDATE segment_total SET bytes = bytes - OLD.size_bytes
         WHERE camera_id = OLD.camera_id AND stream = OLD.stream AND disk = OLD.disk; END""",
)
_TOTALS_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION segment_total_keep() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         -- All of a stream's rows in one order, so that recorder and retention never wait for each other.
         IF TG_OP = 'DELETE' THEN
           PERFORM 1 FROM segment_total
             WHERE camera_id = OLD.camera_id AND stream = OLD.stream ORDER BY disk FOR UPDATE;
         ELSE
           PERFORM 1 FROM segment_total
             WHERE camera_id = NEW.camera_id AND stream = NEW.stream ORDER BY disk FOR UPDATE;
         END IF;
         IF TG_OP <> 'INSERT' THEN
           UPDATE segment_total SET bytes = bytes - OLD.size_bytes
           WHERE camera_id = OLD.camera_id AND stream = OLD.stream AND disk = OLD.disk;
         END IF;
         IF TG_OP <> 'DELETE' THEN
           INSERT INTO segment_total VALUES (NEW.camera_id, NEW.stream, NEW.disk, NEW.size_bytes)
           ON CONFLICT (camera_id, stream, disk) DO UPDATE SET bytes = segment_total.bytes + excluded.bytes;
         END IF;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER segment_total_keep AFTER INSERT OR DELETE OR UPDATE OF size_bytes, disk ON segment
       FOR EACH ROW EXECUTE FUNCTION segment_total_keep()""",
)
_OLD_SQLITE = (
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
_OLD_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION segment_total_keep() RETURNS trigger LANGUAGE plpgsql AS $$
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
_SQLITE_TRIGGERS = ("segment_total_add", "segment_total_grow", "segment_total_remove")


def upgrade() -> None:
    """Make the tables, and count the bytes anew."""
    _holds()
    _others()
    _totals(_TOTALS_SQLITE, _TOTALS_POSTGRESQL, "camera_id", "stream", "disk")


def _totals(sqlite: tuple[str, ...], postgresql: tuple[str, ...], *keys: str) -> None:
    """Replace `segment_total` and its triggers by one with that key."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for name in _SQLITE_TRIGGERS if on_sqlite else ():
        op.execute(sa.text(f"DROP TRIGGER {name}"))
    if not on_sqlite:
        op.execute(sa.text("DROP TRIGGER segment_total_keep ON segment"))
    op.drop_table("segment_total")
    op.create_table(
        "segment_total",
        *(sa.Column(key, KEY, primary_key=True) for key in keys),
        sa.Column("bytes", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    columns = ", ".join(keys)
    counted = f"SELECT {columns}, SUM(size_bytes) FROM segment GROUP BY {columns}"
    op.execute(sa.text(f"INSERT INTO segment_total ({columns}, bytes) {counted}"))
    for statement in sqlite if on_sqlite else postgresql:
        op.execute(sa.text(statement))


def _holds() -> None:
    op.create_table(
        "hold",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("cameras", TEXT, nullable=False),
        sa.Column("start", WHOLE, nullable=False),
        sa.Column("end", WHOLE, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("ground", TEXT, nullable=False),
        sa.Column("case_ref", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("permit_id", KEY),
        sa.Column("placed", WHOLE, nullable=False),
        sa.Column("placed_by", KEY, nullable=False),
        sa.Column("release_asked", WHOLE),
        sa.Column("release_asked_by", KEY),
        sa.Column("release_reason", TEXT, nullable=False),
        sa.Column("released", WHOLE),
        sa.Column("released_by", KEY),
        sqlite_strict=True,
    )
    standing = sa.text("released IS NULL")
    op.create_index("hold_standing", "hold", ["placed"], sqlite_where=standing, postgresql_where=standing)
    op.create_table(
        "hold_lock",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("changes", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.execute(sa.text("INSERT INTO hold_lock (id, changes) VALUES (1, 0)"))


def _others() -> None:
    op.create_table(
        "event_span",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("start", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("end", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_mark",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("signal", WHOLE, nullable=False),
        sa.Column("alarm", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.execute(sa.text("INSERT INTO event_mark (id, signal, alarm) VALUES (1, 0, 0)"))
    op.create_table(
        "leaving",
        sa.Column("disk", KEY, primary_key=True),
        sa.Column("path", KEY, primary_key=True),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    numbers = ("total_bytes", "free_bytes", "bytes_max", "used_bytes", "event_bytes", "held_bytes", "bytes_per_day",
               "waiting_bytes")  # fmt: skip
    op.create_table(
        "disk_state",
        sa.Column("disk", KEY, primary_key=True),
        sa.Column("tier", WHOLE, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("place", "status", "problem")),
        sa.Column("updated", WHOLE, nullable=False),
        *(sa.Column(name, WHOLE, nullable=False) for name in numbers),
        sa.Column("full_at", WHOLE),
        sa.Column("only_held_at", WHOLE),
        sa.Column("routine_days", NUMBER, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them, the holds among them: release what must not be kept before."""
    _totals(_OLD_SQLITE, _OLD_POSTGRESQL, "camera_id", "stream")
    for table in ("disk_state", "leaving", "event_mark", "event_span", "hold_lock", "hold"):
        op.drop_table(table)
