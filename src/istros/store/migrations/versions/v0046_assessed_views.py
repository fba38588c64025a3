"""Where each assessed camera stood, and when it was found to stand or look elsewhere."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, NUMBER, WHOLE

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


_AUDIT = sa.table(
    "audit", sa.column("sequence"), sa.column("time"), sa.column("action"), sa.column("subject"), sa.column("detail")
)


def upgrade() -> None:
    """Make the table; what a newer version found before stands in the audit chain, the server's first look fills the rest."""
    made = op.create_table(
        "assessed_view",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("latitude", NUMBER),
        sa.Column("longitude", NUMBER),
        sa.Column("changed", WHOLE),
        sa.Column("cause", KEY, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    needed = sa.select(_AUDIT.c.subject, _AUDIT.c.time, _AUDIT.c.detail).where(
        _AUDIT.c.action == "assessment.look-needed"
    )
    found = {
        camera: {"camera_id": camera, "changed": time, "cause": json.loads(detail)["cause"]}
        for camera, time, detail in op.get_bind().execute(needed.order_by(_AUDIT.c.sequence))
    }
    if found:
        op.bulk_insert(made, list(found.values()))


def downgrade() -> None:
    """Drop it; the audit log still says what was found when."""
    op.drop_table("assessed_view")
