"""The index of accesses, what the officer keeps, and indexes for alarms' verdicts and permits that end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, TEXT, WHOLE

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; the server fills them from the audit chain."""
    _facts()
    _counts()
    _officer()
    op.create_index("alarm_closed", "alarm", ["closed"])
    op.create_index("permit_expires", "permit", ["expires"])
    op.create_index("permit_opened", "permit", ["opened"])


def _facts() -> None:
    op.create_table(
        "access_fact",
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("action", KEY, nullable=False),
        sa.Column("purpose", KEY, nullable=False),
        sa.Column("refused", FLAG_STORED, nullable=False),
        sa.Column("searched", KEY, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for name in ("actor", "camera", "purpose"):
        column = "camera_id" if name == "camera" else name
        op.create_index(f"access_fact_{name}", "access_fact", [column, "sequence"])
    op.create_index("access_fact_time", "access_fact", ["time"])
    some = sa.text("searched <> ''")
    op.create_index(
        "access_fact_searched", "access_fact", ["time", "actor", "searched"], sqlite_where=some, postgresql_where=some
    )


def _counts() -> None:
    for table, columns in (("access_hour", ("actor", "action", "purpose")), ("place_hour", ("camera_id", "action"))):
        op.create_table(
            table,
            sa.Column("hour", WHOLE, primary_key=True, autoincrement=False),
            *(sa.Column(name, KEY, primary_key=True) for name in columns),
            sa.Column("count", WHOLE, nullable=False),
            sa.Column("refused", WHOLE, nullable=False),
            sqlite_strict=True,
            sqlite_with_rowid=False,
        )
    op.create_table(
        "access_mark",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.execute(sa.text("INSERT INTO access_mark (id, sequence) VALUES (1, 0)"))


def _officer() -> None:
    op.create_table(
        "oversight_mark",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("by", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "watched_plate",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("folded", KEY, nullable=False),
        sa.Column("plate", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("added", WHOLE, nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.Column("removed", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("watched_plate_folded", "watched_plate", ["folded"])


def downgrade() -> None:
    """Drop them; the index can be made again."""
    for index, table in (("permit_opened", "permit"), ("permit_expires", "permit"), ("alarm_closed", "alarm")):
        op.drop_index(index, table)
    for table in ("watched_plate", "oversight_mark", "access_mark", "place_hour", "access_hour", "access_fact"):
        op.drop_table(table)
