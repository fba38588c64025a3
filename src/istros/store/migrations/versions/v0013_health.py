"""Health of cameras with its history, what keeps alarms standing, and readers of signals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, KEY, NUMBER, TEXT, WHOLE

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of health, and let alarms return to normal."""
    op.add_column("alarm", sa.Column("returned", WHOLE))
    op.add_column("alarm", sa.Column("facts", TEXT, nullable=False, server_default="{}"))
    _health()
    _learned()
    _causes()


def _health() -> None:
    op.create_table(
        "health_state",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.Column("updated", WHOLE, nullable=False),
        sa.Column("value", NUMBER),
        sa.Column("bound", NUMBER),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "health_change",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("stream", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("value", NUMBER),
        sa.Column("bound", NUMBER),
        sqlite_strict=True,
    )
    op.create_index("health_change_place", "health_change", ["camera_id", "stream", "kind", "time"])
    op.create_index("health_change_time", "health_change", ["time"])


def _learned() -> None:
    op.create_table(
        "stream_usual",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("hour", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("bitrate_bps", NUMBER, nullable=False),
        sa.Column("fps", NUMBER, nullable=False),
        sa.Column("minutes", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "picture_reference",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("slot", KEY, primary_key=True),
        sa.Column("learned", WHOLE, nullable=False),
        sa.Column("updated", WHOLE, nullable=False),
        sa.Column("looks", WHOLE, nullable=False),
        sa.Column("facts", BLOB, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "reference_renewal",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("asked", WHOLE, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
        sqlite_strict=True,
    )


def _causes() -> None:
    op.create_table(
        "alarm_cause",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("kind", KEY, primary_key=True),
        sa.Column("subject", KEY, primary_key=True),
        sa.Column("since", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("alarm_id", KEY, nullable=False),
        sa.Column("until", WHOLE),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("alarm_cause_alarm", "alarm_cause", ["alarm_id"])
    lasting = sa.text("until IS NULL")
    op.create_index("alarm_cause_open", "alarm_cause", ["since"], sqlite_where=lasting, postgresql_where=lasting)
    op.create_table(
        "signal_reader",
        sa.Column("name", KEY, primary_key=True),
        sa.Column("number", WHOLE, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop them; alarms themselves stay."""
    for table in (
        "signal_reader", "alarm_cause", "reference_renewal", "picture_reference", "stream_usual", "health_change",
        "health_state",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_column("alarm", "facts")
    op.drop_column("alarm", "returned")
