"""Second factors, passkeys, keys of programs, where sessions come from, and attempts that outlive a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import BLOB, FLAG_STORED, KEY, TEXT, WHOLE

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_SESSION = {"origin": "", "browser": "", "method": "password", "missing": ""}


def upgrade() -> None:
    """Add the columns and the tables."""
    no = sa.text("0") if op.get_bind().dialect.name == "sqlite" else sa.text("false")
    op.add_column("operator", sa.Column("must_change", FLAG_STORED, nullable=False, server_default=no))
    op.add_column("operator", sa.Column("directory", KEY))
    op.create_index("operator_directory", "operator", ["directory"], unique=True)
    for name, value in _SESSION.items():
        op.add_column("session", sa.Column(name, TEXT, nullable=False, server_default=value))
    op.create_index("session_operator", "session", ["operator_id"])
    _where_from()
    _factors()
    _programs()


def _whose(key: bool = False) -> sa.Column[str]:
    return sa.Column("operator_id", KEY, sa.ForeignKey("operator.id"), nullable=False, primary_key=key)


def _where_from() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("key", KEY, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("attempt_key", "attempt", ["key", "time"])
    op.create_index("attempt_time", "attempt", ["time"])
    op.create_table(
        "known_place",
        _whose(key=True),
        sa.Column("block", KEY, primary_key=True),
        sa.Column("browser", KEY, primary_key=True),
        sa.Column("first", WHOLE, nullable=False),
        sa.Column("last", WHOLE, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("session", KEY, nullable=False),
        sa.Column("confirmed", FLAG_STORED, nullable=False),
        sqlite_strict=True,
    )


def _factors() -> None:
    op.create_table(
        "code_secret",
        _whose(key=True),
        sa.Column("sealed", BLOB, nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("confirmed", WHOLE),
        sa.Column("last_step", WHOLE, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", KEY, primary_key=True),
        _whose(),
        sa.Column("used", WHOLE),
        sqlite_strict=True,
    )
    op.create_index("recovery_code_operator", "recovery_code", ["operator_id"])
    op.create_table(
        "passkey",
        sa.Column("id", KEY, primary_key=True),
        _whose(),
        sa.Column("public_key", BLOB, nullable=False),
        sa.Column("sign_count", WHOLE, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("used", WHOLE),
        sa.Column("synced", FLAG_STORED, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("passkey_operator", "passkey", ["operator_id"])


def _programs() -> None:
    op.create_table(
        "program_key",
        sa.Column("id", KEY, primary_key=True),
        *[
            sa.Column(name, KEY if name in ("digest", "name") else TEXT, nullable=False)
            for name in ("digest", "name", "organisation", "actions", "cameras", "purpose", "ground", "case_ref")
        ],
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("expires", WHOLE, nullable=False),
        sa.Column("released", WHOLE),
        sa.Column("released_by", TEXT),
        sa.Column("revoked", WHOLE),
        sa.Column("revoked_by", TEXT),
        sa.Column("used", WHOLE),
        sa.Column("used_from", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("program_key_name", "program_key", ["name"], unique=True)
    op.create_table(
        "role_wish",
        sa.Column("id", KEY, primary_key=True),
        _whose(),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("asked", WHOLE, nullable=False),
        sa.Column("asked_by", TEXT, nullable=False),
        sa.Column("decided", WHOLE),
        sa.Column("decided_by", TEXT),
        sa.Column("agreed", FLAG_STORED),
        sqlite_strict=True,
    )
    open_ones = sa.text("decided IS NULL")
    op.create_index(
        "role_wish_open", "role_wish", ["operator_id"], unique=True, sqlite_where=open_ones, postgresql_where=open_ones
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("role_wish", "program_key", "passkey", "recovery_code", "code_secret", "known_place", "attempt"):
        op.drop_table(table)
    op.drop_index("session_operator", "session")
    for name in _SESSION:
        op.drop_column("session", name)
    op.drop_index("operator_directory", "operator")
    op.drop_column("operator", "directory")
    op.drop_column("operator", "must_change")
