"""The chain of segments; segments that were closed before take their places here, by start.

About 20 s a million segments: each is hashed once. Nothing is left to a later start, because then a closed segment
without a number could be old or put in by hand, and nobody could tell.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from istros.base.canonical import GENESIS, linked
from istros.store.columns import BLOB, FLAG_STORED, KEY, TEXT, WHOLE

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BATCH = 2000


def upgrade() -> None:
    """Make the tables and chain what is there."""
    op.add_column("segment", sa.Column("number", WHOLE))
    op.add_column("segment", sa.Column("chain", BLOB))
    _links()
    _heads()
    connection = op.get_bind()
    streams = connection.execute(sa.text("SELECT DISTINCT camera_id, stream FROM segment")).all()
    for camera_id, stream in streams:
        _chain(connection, camera_id, stream)


def _links() -> None:
    op.create_table(
        "segment_link",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("number", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("start", WHOLE, nullable=False),
        sa.Column("end", WHOLE, nullable=False),
        sa.Column("size_bytes", WHOLE, nullable=False),
        sa.Column("frames", WHOLE, nullable=False),
        sa.Column("mime", TEXT, nullable=False),
        sa.Column("sha256", BLOB, nullable=False),
        sa.Column("chain", BLOB, nullable=False),
        sa.Column("removed", WHOLE, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chain_tip",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("chain", BLOB, nullable=False),
        sa.Column("lowest", WHOLE),
        sa.Column("highest", WHOLE),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _heads() -> None:
    op.create_table(
        "chain_head",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("number", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("first", WHOLE, nullable=False),
        sa.Column("chain", BLOB, nullable=False),
        sa.Column("lowest", WHOLE, nullable=False),
        sa.Column("highest", WHOLE, nullable=False),
        sa.Column("time", WHOLE, nullable=False),
        sa.Column("cleared", FLAG_STORED, nullable=False),
        sa.Column("key_id", TEXT, nullable=False),
        sa.Column("signature", TEXT, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("chain_head_time", "chain_head", ["time"])


def _chain(connection: sa.Connection, camera_id: str, stream: str) -> None:
    here = {"camera": camera_id, "name": stream}
    found = sa.text(
        """SELECT start, "end", size_bytes, frames, mime, sha256 FROM segment WHERE camera_id = :camera AND stream = :name
           AND state = 'closed' AND sha256 IS NOT NULL AND start > :after ORDER BY start LIMIT :limit"""
    )
    place = sa.text(
        """UPDATE segment SET number = :number, chain = :chain
           WHERE camera_id = :camera AND stream = :name AND start = :start"""
    )
    number, chain, lowest, after = 0, GENESIS, None, -1
    while rows := connection.execute(found, {**here, "after": after, "limit": _BATCH}).all():
        values: list[dict[str, Any]] = []
        for start, end, size, frames, mime, sha256 in rows:
            number += 1
            facts = {"camera": camera_id, "stream": stream, "number": number, "start": start, "end": end, "size": size}
            facts |= {"frames": frames, "mime": mime, "sha256": bytes(sha256).hex()}
            chain = linked(facts, chain)
            values.append({**here, "number": number, "chain": bytes.fromhex(chain), "start": start})
        connection.execute(place, values)
        lowest, after = rows[0].start if lowest is None else lowest, rows[-1].start
    if number:
        connection.execute(
            sa.text("INSERT INTO chain_tip VALUES (:camera, :name, :number, :chain, :lowest, :highest)"),
            {**here, "number": number, "chain": bytes.fromhex(chain), "lowest": lowest, "highest": after},
        )


def downgrade() -> None:
    """Forget the chain; the hashes of the segments stay."""
    for table in ("chain_head", "chain_tip", "segment_link"):
        op.drop_table(table)
    op.drop_column("segment", "chain")
    op.drop_column("segment", "number")
