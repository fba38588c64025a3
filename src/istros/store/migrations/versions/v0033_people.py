"""People as cameras saw them, their counts, and the candidates of live face matching."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, KEY, NUMBER, TEXT, WHOLE

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _people()
    _counts()
    _candidates()


def _people() -> None:
    op.create_table(
        "person_seen",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("track_id", KEY, nullable=False),
        sa.Column("first_seen", WHOLE, nullable=False),
        sa.Column("last_seen", WHOLE, nullable=False),
        sa.Column("box", TEXT, nullable=False),
        sa.Column("height_px", WHOLE, nullable=False),
        sa.Column("direction", TEXT),
        sa.Column("upper", TEXT, nullable=False),
        sa.Column("lower", TEXT, nullable=False),
        sa.Column("bag", TEXT),
        sa.Column("age_low", WHOLE),
        sa.Column("age_high", WHOLE),
        sa.Column("sex", TEXT),
        sa.Column("sex_certainty", NUMBER),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("person_seen_time", "person_seen", ["last_seen"])
    op.create_index("person_seen_camera", "person_seen", ["camera_id", "last_seen"])


def _counts() -> None:
    op.create_table(
        "people_count",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("hour", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("band", KEY, primary_key=True),
        sa.Column("sex", KEY, primary_key=True),
        sa.Column("count", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "face_count",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("hour", WHOLE, primary_key=True, autoincrement=False),
        *(sa.Column(name, WHOLE, nullable=False) for name in ("seen", "compared", "candidates", "still", "refused")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _candidates() -> None:
    op.create_table(
        "face_candidate",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("entry_id", KEY, sa.ForeignKey("person_entry.id"), nullable=False),
        sa.Column("operation_id", KEY, nullable=False),
        sa.Column("camera_id", KEY, nullable=False),
        sa.Column("track_id", KEY, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("distance", "threshold", "false_match_rate")),
        sa.Column("compared_with", WHOLE, nullable=False),
        sa.Column("next_best", NUMBER),
        sa.Column("faces", WHOLE, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("quality", "sha256", "outcome")),
        sa.Column("alarm_id", KEY),
        sa.Column("judged", WHOLE),
        sa.Column("settled", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("face_candidate_entry", "face_candidate", ["entry_id", "time"])
    op.create_index("face_candidate_time", "face_candidate", ["time"])
    new = sa.text("judged IS NULL")
    op.create_index("face_candidate_new", "face_candidate", ["time"], sqlite_where=new, postgresql_where=new)
    candidate = sa.ForeignKey("face_candidate.id", ondelete="CASCADE")
    op.create_table(
        "seen_picture",
        sa.Column("candidate_id", KEY, candidate, primary_key=True),
        sa.Column("sealed", BLOB, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "face_verdict",
        sa.Column("candidate_id", KEY, sa.ForeignKey("face_candidate.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("by", KEY, primary_key=True),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("face_verdict", "seen_picture", "face_candidate", "face_count", "people_count", "person_seen"):
        op.drop_table(table)
