"""Orders in which something turned out wrong, a second notice after a confirmed one, and releases that were one act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

_INDEX = ("correction_once", "correction", ["departure_id", "cause", "subject"])
_OPEN = sa.text("confirmed IS NULL")


def upgrade() -> None:
    """Add the column, filled where a notice went out or the older version refused the package at its door."""
    op.add_column("departure", sa.Column("wrong", TEXT))
    op.execute(
        "UPDATE departure SET wrong = (SELECT min(cause) FROM correction WHERE departure_id = departure.id)"
        " WHERE carrier = 'export'"
    )
    _spoil("misread", "plate_read", "corrected >= departure.ordered")
    _spoil("face", "face_candidate", "outcome = 'undone' AND settled >= departure.ordered")
    op.drop_index("correction_once", "correction")
    op.create_index(*_INDEX, unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.execute(
        "UPDATE release SET ending = 'done'"
        " WHERE matter = 'undo-match' AND ending = 'withdrawn' AND answered IS NOT NULL AND ended_by = 'istros'"
    )


def _spoil(cause: str, table: str, found: str) -> None:
    there = (
        "departure.cameras LIKE '%\"' || camera_id || '\"%' AND time >= departure.start AND time < departure.\"end\""
    )
    op.execute(
        f"UPDATE departure SET wrong = '{cause}' WHERE carrier = 'export' AND wrong IS NULL"
        f" AND EXISTS (SELECT 1 FROM {table} WHERE {found} AND {there})"
    )


def downgrade() -> None:
    """Take the column away; where one recipient was told twice, the number keeps the earlier notice apart."""
    op.execute("UPDATE release SET ending = 'withdrawn' WHERE ending = 'done'")
    op.drop_index("correction_once", "correction")
    op.execute(
        "UPDATE correction SET subject = subject || ' ' || number WHERE confirmed IS NOT NULL AND EXISTS ("
        "SELECT 1 FROM correction AS other WHERE other.departure_id = correction.departure_id"
        " AND other.cause = correction.cause AND other.subject = correction.subject AND other.number <> correction.number)"
    )
    op.create_index(*_INDEX, unique=True)
    op.drop_column("departure", "wrong")
