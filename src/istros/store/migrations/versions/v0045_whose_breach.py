"""Whose people told a breach; and alarms of releases, breaches and duties that told which and whose tell it no more."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from istros.store.columns import TEXT
from istros.store.migrations.guards import keep_as_written

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_BREACH = sa.table("breach", sa.column("opened_by"), sa.column("organisation"))
_OPERATOR = sa.table("operator", sa.column("name"), sa.column("organisation"))
_ALARM = sa.table("alarm", sa.column("kind"), sa.column("title"), sa.column("facts"), sa.column("dedupe_key"))
_RELEASE = sa.table("release", sa.column("id"), sa.column("answer_by"))


def upgrade() -> None:
    """Add the column, filled by the account of who told it; its triggers stand aside for that alone."""
    op.add_column("breach", sa.Column("organisation", TEXT, nullable=False, server_default=""))
    whose = sa.select(_OPERATOR.c.organisation).where(_OPERATOR.c.name == _BREACH.c.opened_by).scalar_subquery()
    fill = _BREACH.update().where(sa.exists().where(_OPERATOR.c.name == _BREACH.c.opened_by))
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(sa.text(f"DROP TRIGGER breach_no_{act}"))
        op.execute(fill.values(organisation=whose))
        keep_as_written("breach")
    else:
        op.execute(sa.text("ALTER TABLE breach DISABLE TRIGGER breach_guard"))
        op.execute(fill.values(organisation=whose))
        op.execute(sa.text("ALTER TABLE breach ENABLE TRIGGER breach_guard"))
    _quieten()


_TITLES = {
    "breach-clock": "A data breach is not reported yet",
    "request-due": "The answer to a person is nearly due",
    "hold-due": "The review of a hold is overdue",
    "correction-due": "Nobody confirmed a correction in time",
}


def _quieten() -> None:
    """The release, the breach and what is due still say it themselves."""
    run = op.get_bind().execute
    for kind, title in _TITLES.items():
        run(_ALARM.update().where(_ALARM.c.kind == kind).values(title=title, facts="{}"))
    key = "emergency-release:" + _RELEASE.c.id
    for dedupe_key, due in run(sa.select(key, _RELEASE.c.answer_by).where(_ALARM.c.dedupe_key == key)).all():
        told = {"title": "An emergency release waits for its review", "facts": json.dumps({"due": due})}
        run(_ALARM.update().where(_ALARM.c.dedupe_key == dedupe_key).values(**told))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("breach", "organisation")
