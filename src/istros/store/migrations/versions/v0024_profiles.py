"""Deployment profiles, their signatures, and triggers that keep both as they were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, TEXT, WHOLE

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_SAID = "version, content, sha256, drafted, drafted_by, review"
_SQLITE = tuple(
    f"CREATE TRIGGER {name} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'a profile is never overwritten'); END"
    for name, what, table in (
        ("profile_kept", "DELETE", "profile"),
        ("profile_fixed", f"UPDATE OF {_SAID}", "profile"),
        ("profile_signature_kept", "DELETE", "profile_signature"),
        ("profile_signature_fixed", "UPDATE", "profile_signature"),
    )
)
_POSTGRESQL = (
    """CREATE FUNCTION profile_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'a profile is never overwritten'; END $$""",
    f"""CREATE TRIGGER profile_kept BEFORE DELETE OR UPDATE OF {_SAID} ON profile
        FOR EACH ROW EXECUTE FUNCTION profile_refuse()""",
    """CREATE TRIGGER profile_signature_kept BEFORE DELETE OR UPDATE ON profile_signature
       FOR EACH ROW EXECUTE FUNCTION profile_refuse()""",
)


def upgrade() -> None:
    """Make the tables and their triggers."""
    op.create_table(
        "profile",
        sa.Column("version", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("drafted", WHOLE, nullable=False),
        sa.Column("drafted_by", KEY, nullable=False),
        sa.Column("review", WHOLE, nullable=False),
        sa.Column("in_force", WHOLE),
        sa.Column("ended", WHOLE),
        sa.Column("ended_by", KEY),
        sa.Column("end_reason", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "profile_signature",
        sa.Column("version", WHOLE, sa.ForeignKey("profile.version"), primary_key=True, autoincrement=False),
        sa.Column("role", KEY, primary_key=True),
        sa.Column("signer", KEY, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("public_key", "signature")),
        sqlite_strict=True,
    )
    op.create_table(
        "profile_notice",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("since", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE if on_sqlite else _POSTGRESQL:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Drop them; the audit log still says who signed what. SQLite drops a table's triggers with it."""
    for table in ("profile_notice", "profile_signature", "profile"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION profile_refuse()"))
