"""Operators, sessions, permits, and the append-only audit chain."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, TEXT, WHOLE

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_GENESIS = "0" * 64
_GUARD_SQLITE = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
       BEGIN SELECT RAISE(ABORT, 'audit rows cannot be changed'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
       BEGIN SELECT RAISE(ABORT, 'audit rows cannot be deleted'); END""",
    """CREATE TRIGGER audit_at_the_end BEFORE INSERT ON audit
       WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit)
       BEGIN SELECT RAISE(ABORT, 'audit rows can only be added at the end'); END""",
)
_GUARD_POSTGRESQL = (
    """CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP <> 'INSERT' THEN
           RAISE EXCEPTION 'audit rows cannot be changed or deleted';
         END IF;
         IF NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit) THEN
           RAISE EXCEPTION 'audit rows can only be added at the end';
         END IF;
         RETURN NEW;
       END $$""",
    """CREATE TRIGGER audit_guard BEFORE INSERT OR UPDATE OR DELETE ON audit
       FOR EACH ROW EXECUTE FUNCTION audit_guard()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
       FOR EACH STATEMENT EXECUTE FUNCTION audit_guard()""",
)


def upgrade() -> None:
    """Make the tables of people and accountability."""
    _people()
    _permits()
    _audit()
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _GUARD_SQLITE if on_sqlite else _GUARD_POSTGRESQL:
        op.execute(sa.text(statement))


def _people() -> None:
    op.create_table(
        "operator",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("name", KEY, nullable=False),
        sa.Column("display_name", TEXT, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("disabled", FLAG_STORED, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("operator_name", "operator", ["name"], unique=True)
    op.create_table(
        "session",
        sa.Column("token_sha256", KEY, primary_key=True),
        sa.Column("operator_id", KEY, sa.ForeignKey("operator.id"), nullable=False),
        sa.Column("csrf_sha256", TEXT, nullable=False),
        sa.Column("permit_id", KEY, nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("seen", WHOLE, nullable=False),
        sa.Column("expires", WHOLE, nullable=False),
        sqlite_strict=True,
    )


def _permits() -> None:
    op.create_table(
        "permit",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("number", TEXT, nullable=False),
        sa.Column("holder", KEY, nullable=False),
        sa.Column("organisation", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("ground", TEXT, nullable=False),
        sa.Column("case_ref", TEXT, nullable=False),
        sa.Column("standing", FLAG_STORED, nullable=False),
        sa.Column("opened", WHOLE, nullable=False),
        sa.Column("expires", WHOLE, nullable=False),
        sa.Column("closed", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("permit_number_unique", "permit", ["number"], unique=True)
    op.create_index("permit_holder", "permit", ["holder", "expires"])
    op.create_table(
        "permit_number",
        sa.Column("year", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("last", WHOLE, nullable=False),
        sqlite_strict=True,
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("actor", KEY, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("action", KEY, nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("permit_id", KEY),
        sa.Column("result", TEXT, nullable=False),
        sa.Column("detail", TEXT, nullable=False),
        sa.Column("previous", TEXT, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sqlite_strict=True,
    )
    for column in ("actor", "action", "subject"):
        op.create_index(f"audit_{column}", "audit", [column, "sequence"])
    op.create_table(
        "audit_head",
        sa.Column("id", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.execute(sa.text(f"INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '{_GENESIS}')"))


def downgrade() -> None:
    """Drop them; the chain ends here, so export it first."""
    for table in ("audit_head", "audit", "permit_number", "permit", "session", "operator"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION audit_guard()"))
