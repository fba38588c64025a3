"""Assessments of cameras; the cameras that an older version recorded film on, and their assessments are to be made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_SAID = "camera_id, version, content, sha256, written, written_by"
_SQLITE = tuple(
    f"""CREATE TRIGGER {name} BEFORE {what} ON assessment
        BEGIN SELECT RAISE(ABORT, 'an assessment is never overwritten'); END"""
    for name, what in (("assessment_kept", "DELETE"), ("assessment_fixed", f"UPDATE OF {_SAID}"))
)
_POSTGRESQL = (
    """CREATE FUNCTION assessment_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'an assessment is never overwritten'; END $$""",
    f"""CREATE TRIGGER assessment_kept BEFORE DELETE OR UPDATE OF {_SAID} ON assessment
        FOR EACH ROW EXECUTE FUNCTION assessment_refuse()""",
)


def upgrade() -> None:
    """Make the tables; whatever had a stream is noted. When the notice began is told by the node's own clock, later."""
    op.create_table(
        "assessment",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("version", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("written", WHOLE, nullable=False),
        sa.Column("written_by", KEY, nullable=False),
        sa.Column("approved", WHOLE),
        sa.Column("refused", WHOLE),
        sa.Column("answered_by", KEY),
        sa.Column("answer_reason", TEXT, nullable=False),
        sa.Column("ended", WHOLE),
        sa.Column("ended_by", KEY),
        sa.Column("end_reason", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "assessment_notice",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("since", WHOLE),
        sa.Column("ended", WHOLE),
        sa.Column("ended_by", KEY),
        sa.Column("end_reason", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "assessment_standing",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("standing", KEY, nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.execute(
        sa.text("INSERT INTO assessment_notice (camera_id, end_reason) SELECT DISTINCT camera_id, '' FROM stream_state")
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if on_sqlite else _POSTGRESQL:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Drop them; the audit log still says who wrote and approved what. SQLite drops a table's triggers with it."""
    for table in ("assessment_standing", "assessment_notice", "assessment"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION assessment_refuse()"))
