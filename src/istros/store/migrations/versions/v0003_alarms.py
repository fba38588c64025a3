"""Alarms, their change counter, and the watchlist."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, TEXT, WHOLE

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of rules and alarms."""
    _alarms()
    _alarm_indexes()
    _watchlist()


def _alarms() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("priority", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("raised", WHOLE, nullable=False),
        sa.Column("answer_by", WHOLE, nullable=False),
        sa.Column("count", WHOLE, nullable=False),
        sa.Column("last_time", WHOLE, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("observation_id", KEY),
        sa.Column("watchlist_entry_id", KEY),
        sa.Column("match", TEXT, nullable=False),
        sa.Column("plate", TEXT, nullable=False),
        sa.Column("plate_read", TEXT, nullable=False),
        sa.Column("dedupe_key", KEY, nullable=False),
        sa.Column("acknowledged", WHOLE),
        sa.Column("acknowledged_by", TEXT),
        sa.Column("closed", WHOLE),
        sa.Column("closed_by", TEXT),
        sa.Column("verdict", TEXT),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("escalated", WHOLE),
        sa.Column("changed", WHOLE, nullable=False),
        sqlite_strict=True,
    )


def _alarm_indexes() -> None:
    op.create_index("alarm_state", "alarm", ["state", "raised"])
    op.create_index("alarm_place", "alarm", ["camera_id", "time"])
    op.create_index("alarm_changed", "alarm", ["changed"])
    keyed = sa.text("state <> 'closed' AND dedupe_key <> ''")
    op.create_index("alarm_open_key", "alarm", ["dedupe_key"], unique=True, sqlite_where=keyed, postgresql_where=keyed)
    op.create_table(
        "alarm_change",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.execute(sa.text("INSERT INTO alarm_change (id, sequence) VALUES (1, 0)"))


def _watchlist() -> None:
    op.create_table(
        "watchlist_entry",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("plate", TEXT, nullable=False),
        sa.Column("folded", KEY, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("ground", TEXT, nullable=False),
        sa.Column("case_ref", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("priority", TEXT, nullable=False),
        sa.Column("near_allowed", FLAG_STORED, nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("expires", WHOLE, nullable=False),
        sa.Column("closed", WHOLE),
        sa.Column("closed_by", TEXT),
        sa.Column("close_reason", TEXT, nullable=False),
        sqlite_strict=True,
    )
    still_open = sa.text("closed IS NULL")
    op.create_index(
        "watchlist_open", "watchlist_entry", ["expires"], sqlite_where=still_open, postgresql_where=still_open
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("watchlist_entry", "alarm_change", "alarm"):
        op.drop_table(table)
