"""Marks counted by one hour and by six, kept by triggers on `plate_read` and `signal` and filled from the rows that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, WHOLE

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WIDTHS = (3_600_000_000, 21_600_000_000)
_SOURCES = {"plate_read": ("'read'", "1 = 1"), "signal": ("{row}kind", "{row}state <> 'off' AND {row}camera_id <> ''")}
"""From the table to the kind its rows are counted under, and which of them are."""


def _filled(table: str) -> list[str]:
    kind, counted = (part.format(row="") for part in _SOURCES[table])
    return [
        f"""INSERT INTO mark_count (camera_id, width, slot, kind, first, marks)
      SELECT camera_id, {width}, time / {width}, {kind}, MIN(time), COUNT(*) FROM {table}
      WHERE {counted} GROUP BY 1, 2, 3, 4"""
        for width in _WIDTHS
    ]


def _added(table: str) -> str:
    kind, _ = (part.format(row="NEW.") for part in _SOURCES[table])
    return "; ".join(
        f"""INSERT INTO mark_count (camera_id, width, slot, kind, first, marks)
      VALUES (NEW.camera_id, {width}, NEW.time / {width}, {kind}, NEW.time, 1)
      ON CONFLICT (camera_id, width, slot, kind) DO UPDATE SET marks = mark_count.marks + 1,
        first = CASE WHEN excluded.first < mark_count.first THEN excluded.first ELSE mark_count.first END"""
        for width in _WIDTHS
    )


def _removed(table: str) -> str:
    kind, _ = (part.format(row="OLD.") for part in _SOURCES[table])
    wide = " OR ".join(f"(width = {width} AND slot = OLD.time / {width})" for width in _WIDTHS)
    here = f"camera_id = OLD.camera_id AND kind = {kind} AND ({wide})"
    return f"UPDATE mark_count SET marks = marks - 1 WHERE {here}; DELETE FROM mark_count WHERE {here} AND marks <= 0"


def _on_sqlite(table: str) -> list[str]:
    new, old = (_SOURCES[table][1].format(row=row) for row in ("NEW.", "OLD."))
    return [
        f"CREATE TRIGGER {table}_mark_add AFTER INSERT ON {table} WHEN {new} BEGIN {_added(table)}; END",
        f"CREATE TRIGGER {table}_mark_remove AFTER DELETE ON {table} WHEN {old} BEGIN {_removed(table)}; END",
    ]


def _on_postgresql(table: str) -> list[str]:
    new, old = (_SOURCES[table][1].format(row=row) for row in ("NEW.", "OLD."))
    return [
        f"""CREATE FUNCTION {table}_mark_keep() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF TG_OP = 'INSERT' THEN
                IF {new} THEN {_added(table)}; END IF;
              ELSIF {old} THEN {_removed(table)};
              END IF;
              RETURN NULL;
            END $$""",
        f"""CREATE TRIGGER {table}_mark_keep AFTER INSERT OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_mark_keep()""",
    ]


def upgrade() -> None:
    """Make the table, fill it, and keep it."""
    op.create_table(
        "mark_count",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("width", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("slot", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("first", WHOLE, nullable=False),
        sa.Column("marks", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _SOURCES:
        kept = _on_sqlite(table) if on_sqlite else _on_postgresql(table)
        for statement in [*_filled(table), *kept]:
            op.execute(sa.text(statement))


def downgrade() -> None:
    """Drop the triggers and the table; reads and signals still know everything."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _SOURCES:
        if on_sqlite:
            op.execute(sa.text(f"DROP TRIGGER {table}_mark_add"))
            op.execute(sa.text(f"DROP TRIGGER {table}_mark_remove"))
        else:
            op.execute(sa.text(f"DROP TRIGGER {table}_mark_keep ON {table}"))
            op.execute(sa.text(f"DROP FUNCTION {table}_mark_keep()"))
    op.drop_table("mark_count")
