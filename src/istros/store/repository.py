"""What every repository needs: the connection, rows by position, insert and upsert."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Executable, Table, func, select, text
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

_MOST_VALUES = 500
"""Values in one IN list: SQLite's smallest common limit is 999 bound parameters."""


class Repository:
    """One noun's methods inside one transaction."""

    def __init__(self, connection: Connection, writing: bool) -> None:
        self._connection = connection
        self._writing = writing

    @property
    def _on_postgresql(self) -> bool:
        return self._connection.dialect.name == "postgresql"

    def _one(self, kind: type[T], query: Executable) -> T | None:
        row = self._connection.execute(query).first()
        return None if row is None else kind(*row)

    def _all(self, kind: type[T], query: Executable) -> list[T]:
        return [kind(*row) for row in self._connection.execute(query)]

    def _changed(self, statement: Executable) -> int:
        return int(self._connection.execute(statement).rowcount)

    def _next_of_year(self, column: ColumnElement[str], letter: str, year: int) -> str:
        """`B-2026-0001`: numbers run through the year; to be asked for in the transaction that adds the row."""
        wait_for(self._connection, f"number {letter}")
        last = self._connection.execute(select(func.max(column)).where(column.like(f"{letter}-{year}-%"))).scalar()
        return f"{letter}-{year}-{int(str(last).rsplit('-', 1)[1]) + 1 if last else 1:04d}"

    def _insert(self, table: Table, row: object, **more: object) -> None:
        self._connection.execute(table.insert(), [values_of(row) | more])

    def _put(self, table: Table, rows: Sequence[object]) -> None:
        """Insert, or overwrite the row of the same primary key."""
        if not rows:
            return
        insert: Any = postgresql.insert(table) if self._on_postgresql else sqlite.insert(table)
        keys = [column.name for column in table.primary_key]
        rest = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
        self._connection.execute(
            insert.on_conflict_do_update(index_elements=keys, set_=rest), [values_of(row) for row in rows]
        )


def wait_for(connection: Connection, key: str) -> None:
    """Let no other transaction that asks for this key go on until this one ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def values_of(row: object) -> dict[str, Any]:
    """A frozen row as column values."""
    return {field.name: getattr(row, field.name) for field in fields(row)}  # type: ignore[arg-type]


def batches(items: Iterable[T]) -> Iterable[list[T]]:
    """The items in lists short enough for one statement."""
    everything = list(items)
    for start in range(0, len(everything), _MOST_VALUES):
        yield everything[start : start + _MOST_VALUES]
