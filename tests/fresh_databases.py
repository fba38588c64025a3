"""New databases that are at once where the migrations end: each kind is migrated for real once in a run, then repeated.

Bringing an empty database up to date takes 0.7 s of CPU, most of it Alembic's, and most tests want one. SQLite's are
copied from one in memory; PostgreSQL's are told again, word by word, what the real migration said to the first. Those
that hold something, and those of other processes, are migrated as everywhere; `tests/store/test_ways_down.py` walks
every migration down and up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, inspect

from istros.store import database, engines
from istros.store.migrations import migrate


class FirstMigrations:
    """What the migrations make of an empty database, for each kind of database."""

    def __init__(self) -> None:
        self._sqlite: Connection | None = None
        self._postgresql: list[tuple[str, Any]] = []

    def migrate(self, connection: Connection) -> None:
        """As `istros.store.migrations.migrate`."""
        if inspect(connection).get_table_names():
            migrate(connection)
        elif connection.dialect.name == "sqlite":
            self._copy(connection)
        elif self._postgresql:
            cursor = connection.connection.cursor()
            for statement, parameters in self._postgresql:
                cursor.execute(statement, parameters)
        else:
            self._postgresql = _listening(connection)

    def _copy(self, connection: Connection) -> None:
        if self._sqlite is None:
            self._sqlite = engines.make("sqlite://").connect()
            migrate(self._sqlite)
            self._sqlite.commit()
        model, raw = self._sqlite.connection.driver_connection, connection.connection.driver_connection
        assert model is not None and raw is not None
        raw.execute("ROLLBACK")  # SQLite copies no file into one that a transaction holds.
        model.backup(raw)
        raw.execute("BEGIN IMMEDIATE")


def _listening(connection: Connection) -> list[tuple[str, Any]]:
    said: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if not statement.lstrip().upper().startswith("SELECT"):
            said.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", listen)
    try:
        migrate(connection)
    finally:
        event.remove(connection, "before_cursor_execute", listen)
    return said


@pytest.fixture(scope="session", autouse=True)
def first_migrations() -> Iterator[None]:
    """Every database that a test opens in its own process begins so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "migrate", FirstMigrations().migrate)
        yield
