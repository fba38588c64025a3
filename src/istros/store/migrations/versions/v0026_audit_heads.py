"""Signed heads of the audit chain, their time stamps, and partners' heads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, KEY, TEXT, WHOLE
from istros.store.migrations.guards import keep_as_written

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TABLES = ("audit_signed", "audit_stamp", "partner_anchor")


def upgrade() -> None:
    """Make the tables, and let nobody change what is in them."""
    _make_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            sa.text(
                """CREATE FUNCTION append_only_guard() RETURNS trigger LANGUAGE plpgsql AS $$
                   BEGIN RAISE EXCEPTION 'rows of % cannot be changed or deleted', TG_TABLE_NAME; END $$"""
            )
        )
    for table in _TABLES:
        keep_as_written(table)


def _make_tables() -> None:
    op.create_table(
        "audit_signed",
        sa.Column("number", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_stamp",
        sa.Column("number", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("authority", KEY, primary_key=True),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("token", BLOB, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("audit_stamp_authority", "audit_stamp", ["authority", "number"])
    op.create_table(
        "partner_anchor",
        sa.Column("partner", KEY, primary_key=True),
        sa.Column("number", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("sequence", WHOLE, nullable=False),
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("public", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=False),
        sa.Column("stamps", TEXT, nullable=False),
        sa.Column("received", WHOLE, nullable=False),
        sa.Column("received_by", TEXT, nullable=False),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop them; hand the anchors to the partner first."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION append_only_guard()"))
