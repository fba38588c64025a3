"""The test database is really there."""

from __future__ import annotations

import sqlalchemy

from tests.postgres import PostgresServer


def test_databases_are_apart(postgres_server: PostgresServer) -> None:
    """Each test that asks gets an empty database of its own."""
    first, second = postgres_server.new_database(), postgres_server.new_database()
    with sqlalchemy.create_engine(first).begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE here (id int)"))
    with sqlalchemy.create_engine(second).begin() as connection:
        assert not sqlalchemy.inspect(connection).get_table_names()
