"""Searches for faces in recordings; a candidate may stand on one, with a watchlist entry or without."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, FLAG_STORED, KEY, NUMBER, TEXT, WHOLE

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_CANDIDATE = (
    "id", "entry_id", "operation_id", "camera_id", "track_id", "time", "distance", "threshold", "false_match_rate",
    "compared_with", "next_best", "faces", "quality", "sha256", "outcome", "alarm_id", "judged", "settled",
)  # fmt: skip


def upgrade() -> None:
    """Make the table, and let a candidate stand without an entry."""
    _searches()
    if op.get_bind().dialect.name == "sqlite":
        _anew(optional=True)
    else:
        op.alter_column("face_candidate", "entry_id", nullable=True)
        op.add_column("face_candidate", sa.Column("search_id", KEY, sa.ForeignKey("face_search.id")))
    op.create_index("face_candidate_search", "face_candidate", ["search_id", "time"])


def _searches() -> None:
    op.create_table(
        "face_search",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("entry_id", KEY, sa.ForeignKey("person_entry.id")),
        sa.Column("permit_id", KEY, nullable=False),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("purpose", "ground", "case_ref", "organisation", "cameras")
        ),
        sa.Column("start", WHOLE, nullable=False),
        sa.Column("end", WHOLE, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("reason", "facts", "authorisation")),
        sa.Column("asked", WHOLE, nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("authorised", WHOLE),
        sa.Column("authorised_by", TEXT, nullable=False),
        sa.Column("picture", BLOB),
        sa.Column("template", BLOB),
        *(sa.Column(name, TEXT, nullable=False) for name in ("sha256", "quality", "source")),
        sa.Column("progress", NUMBER, nullable=False),
        sa.Column("cancel_wished", FLAG_STORED, nullable=False),
        sa.Column("attempts", WHOLE, nullable=False),
        *(sa.Column(name, WHOLE) for name in ("started", "finished", "ended")),
        sa.Column("dropped", WHOLE, nullable=False),
        sa.Column("looked", TEXT, nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("face_search_asked", "face_search", ["asked"])
    alive = sa.text("ended IS NULL")
    op.create_index("face_search_alive", "face_search", ["asked"], sqlite_where=alive, postgresql_where=alive)


def downgrade() -> None:
    """Drop it, with the candidates that stand on a search: the older version has no place for them."""
    op.execute(
        "DELETE FROM seen_picture WHERE candidate_id IN (SELECT id FROM face_candidate WHERE search_id IS NOT NULL)"
    )
    op.execute(
        "DELETE FROM face_verdict WHERE candidate_id IN (SELECT id FROM face_candidate WHERE search_id IS NOT NULL)"
    )
    op.execute("DELETE FROM face_candidate WHERE search_id IS NOT NULL")
    op.drop_index("face_candidate_search", "face_candidate")
    if op.get_bind().dialect.name == "sqlite":
        _anew(optional=False)
    else:
        op.drop_column("face_candidate", "search_id")
        op.alter_column("face_candidate", "entry_id", nullable=False)
    op.drop_table("face_search")


def _anew(*, optional: bool) -> None:
    """SQLite changes no column: the table and those that hang on it are made anew, children dropped first, so that no row
    falls by a cascade on the way."""
    op.create_table("face_candidate_anew", *_columns(optional=optional), sqlite_strict=True)
    names = ", ".join(_CANDIDATE)
    op.execute(f"INSERT INTO face_candidate_anew ({names}) SELECT {names} FROM face_candidate")
    candidate = "face_candidate_anew.id"
    op.create_table(
        "seen_picture_anew",
        sa.Column("candidate_id", KEY, sa.ForeignKey(candidate, ondelete="CASCADE"), primary_key=True),
        sa.Column("sealed", BLOB, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "face_verdict_anew",
        sa.Column("candidate_id", KEY, sa.ForeignKey(candidate, ondelete="CASCADE"), primary_key=True),
        sa.Column("by", KEY, primary_key=True),
        sa.Column("time", WHOLE, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("verdict", "reason")),
        sqlite_strict=True,
    )
    for table in ("seen_picture", "face_verdict"):
        op.execute(f"INSERT INTO {table}_anew SELECT * FROM {table}")
        op.drop_table(table)
    op.drop_table("face_candidate")
    for table in ("face_candidate", "seen_picture", "face_verdict"):
        op.rename_table(f"{table}_anew", table)
    op.create_index("face_candidate_entry", "face_candidate", ["entry_id", "time"])
    op.create_index("face_candidate_time", "face_candidate", ["time"])
    new = sa.text("judged IS NULL")
    op.create_index("face_candidate_new", "face_candidate", ["time"], sqlite_where=new, postgresql_where=new)


def _columns(*, optional: bool) -> list[sa.Column[Any]]:
    return [
        sa.Column("id", KEY, primary_key=True),
        sa.Column("entry_id", KEY, sa.ForeignKey("person_entry.id"), nullable=optional),
        *(sa.Column(name, KEY, nullable=False) for name in ("operation_id", "camera_id", "track_id")),
        sa.Column("time", WHOLE, nullable=False),
        *(sa.Column(name, NUMBER, nullable=False) for name in ("distance", "threshold", "false_match_rate")),
        sa.Column("compared_with", WHOLE, nullable=False),
        sa.Column("next_best", NUMBER),
        sa.Column("faces", WHOLE, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("quality", "sha256", "outcome")),
        sa.Column("alarm_id", KEY),
        sa.Column("judged", WHOLE),
        sa.Column("settled", WHOLE),
        *([sa.Column("search_id", KEY, sa.ForeignKey("face_search.id"))] if optional else []),
    ]
