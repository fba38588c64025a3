"""Every store test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from istros.base.workers import InlineWorkers
from istros.store import Database, open_database

NUMBERS = count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; on PostgreSQL a schema of its own, for a database each would copy 7 MB a test."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/istros.sqlite3"
        return
    url: str = request.getfixturevalue("postgres_url")
    schema = f"store_{next(NUMBERS)}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        yield f"{url}&options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, migrated database of each kind."""
    opened = open_database(database_url, InlineWorkers())
    yield opened
    opened.close()
