"""Plate entries with what the law asks of each: category, requester, handling, provenance, review, scope, renewal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import FLAG_STORED, KEY, TEXT, WHOLE

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_WORDS = {
    "category": "none", "requester": "", "handling": "H0", "handling_note": "", "provenance": "", "cameras": "[]",
    "hours": "", "renewal_reason": "",
}  # fmt: skip


def upgrade() -> None:
    """Add the columns; what an entry of earlier versions lacks stays empty."""
    op.add_column("watchlist_entry", sa.Column("manner", TEXT, nullable=False, server_default="exact"))
    for name, usual in _WORDS.items():
        op.add_column("watchlist_entry", sa.Column(name, TEXT, nullable=False, server_default=usual))
    op.add_column("watchlist_entry", sa.Column("review", WHOLE))
    op.add_column("watchlist_entry", sa.Column("renews", KEY))
    op.execute(sa.text("UPDATE watchlist_entry SET manner = 'near' WHERE near_allowed"))
    op.drop_column("watchlist_entry", "near_allowed")


def downgrade() -> None:
    """Take them away; a pattern is then an exact plate, which no read fits."""
    op.add_column("watchlist_entry", sa.Column("near_allowed", FLAG_STORED, nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE watchlist_entry SET near_allowed = (manner = 'near')"))
    for name in ("manner", *_WORDS, "review", "renews"):
        op.drop_column("watchlist_entry", name)
