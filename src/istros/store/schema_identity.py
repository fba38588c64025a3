"""The tables of how people and programs prove who they are (docs/design/0030); the tables of `store.schema` go on here."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, text

from istros.store.columns import BLOB, KEY, TEXT, WHOLE, Flag, Listed
from istros.store.schema import METADATA

ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("key", KEY, nullable=False),
    Column("time", WHOLE, nullable=False),
    Index("attempt_key", "key", "time"),
    Index("attempt_time", "time"),
    sqlite_strict=True,
)
"""Attempts to sign in of the last minutes. `key` is a keyed hash: what people type as a name may be their password."""

KNOWN_PLACE = Table(
    "known_place",
    METADATA,
    Column("operator_id", KEY, ForeignKey("operator.id"), primary_key=True),
    Column("block", KEY, primary_key=True),
    Column("browser", KEY, primary_key=True),
    Column("first", WHOLE, nullable=False),
    Column("last", WHOLE, nullable=False),
    Column("origin", TEXT, nullable=False),
    Column("session", KEY, nullable=False),
    Column("confirmed", Flag(), nullable=False),
    sqlite_strict=True,
)
"""From which blocks of addresses and with which browsers a person signs in; `session` is the one that came first."""

CODE_SECRET = Table(
    "code_secret",
    METADATA,
    Column("operator_id", KEY, ForeignKey("operator.id"), primary_key=True),
    Column("sealed", BLOB, nullable=False),
    Column("created", WHOLE, nullable=False),
    Column("confirmed", WHOLE),
    Column("last_step", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""Secrets of one-time codes (RFC 6238), sealed; `last_step` is the newest one accepted, so that none is taken twice."""

RECOVERY_CODE = Table(
    "recovery_code",
    METADATA,
    Column("digest", KEY, primary_key=True),
    Column("operator_id", KEY, ForeignKey("operator.id"), nullable=False),
    Column("used", WHOLE),
    Index("recovery_code_operator", "operator_id"),
    sqlite_strict=True,
)

PASSKEY = Table(
    "passkey",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("operator_id", KEY, ForeignKey("operator.id"), nullable=False),
    Column("public_key", BLOB, nullable=False),
    Column("sign_count", WHOLE, nullable=False),
    Column("name", TEXT, nullable=False),
    Column("created", WHOLE, nullable=False),
    Column("used", WHOLE),
    Column("synced", Flag(), nullable=False),
    Index("passkey_operator", "operator_id"),
    sqlite_strict=True,
)
"""Public keys of passkeys (WebAuthn level 3); `id` is the credential's id in base64url."""

PROGRAM_KEY = Table(
    "program_key",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("digest", KEY, nullable=False),
    Column("name", KEY, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("actions", Listed(), nullable=False),
    Column("cameras", Listed(), nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("ground", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("created", WHOLE, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("expires", WHOLE, nullable=False),
    Column("released", WHOLE),
    Column("released_by", TEXT),
    Column("revoked", WHOLE),
    Column("revoked_by", TEXT),
    Column("used", WHOLE),
    Column("used_from", TEXT, nullable=False),
    Index("program_key_name", "name", unique=True),
    sqlite_strict=True,
)

KEY_USE = Table(
    "key_use",
    METADATA,
    Column("key_id", KEY, primary_key=True),
    Column("hour", WHOLE, primary_key=True, autoincrement=False),
    Column("asked", KEY, primary_key=True),
    Column("permit_id", KEY, primary_key=True),
    Column("origin", KEY, primary_key=True),
    Column("first", WHOLE, nullable=False),
    Column("last", WHOLE, nullable=False),
    Column("count", WHOLE, nullable=False),
    Index("key_use_hour", "hour"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""How often a key was used in an hour whose count is not in the audit log yet; the first use is."""

ROLE_WISH = Table(
    "role_wish",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("operator_id", KEY, ForeignKey("operator.id"), nullable=False),
    Column("role", TEXT, nullable=False),
    Column("asked", WHOLE, nullable=False),
    Column("asked_by", TEXT, nullable=False),
    Column("decided", WHOLE),
    Column("decided_by", TEXT),
    Column("agreed", Flag()),
    Index(
        "role_wish_open",
        "operator_id",
        unique=True,
        sqlite_where=text("decided IS NULL"),
        postgresql_where=text("decided IS NULL"),
    ),
    sqlite_strict=True,
)
"""Roles that oversee, asked for by one person and waiting for another; one at a time for each operator."""
