"""Triggers that keep the rows of a table as they were written, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def keep_as_written(table: str) -> None:
    """Let nobody change or delete rows of the table; on PostgreSQL by the function that migration 0026 made."""
    for statement in _guards(table, op.get_bind().dialect.name == "sqlite"):
        op.execute(sa.text(statement))


def _guards(table: str, on_sqlite: bool) -> list[str]:
    if on_sqlite:
        return [
            f"""CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} cannot be changed or deleted'); END"""
            for act in ("UPDATE", "DELETE")
        ]
    return [
        f"""CREATE TRIGGER {table}_guard BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION append_only_guard()""",
        f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION append_only_guard()""",
    ]
