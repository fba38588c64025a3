"""SQLAlchemy engines for the two databases, and what their errors mean."""

from __future__ import annotations

import sqlite3
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import StaticPool

from istros.store.errors import DatabaseAddressUnknown

BUSY_S = 5.0
"""How long SQLite itself waits for another process's lock."""

_MIGRATION_LOCK = 0x15_74_05
"""PostgreSQL advisory lock held while tables are changed; any number that no other program takes."""

_PASSING_STATES = frozenset({"40001", "40P01", "55P03", "23503"})
"""PostgreSQL: serialization failure, deadlock, lock not available; 23503 because a plate may be cleared away between
its upsert and the read that names it."""

_UNREACHABLE_SQLITE = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}
)


USUAL_CACHE_KIB = 16_384
"""Pages of SQLite that a connection keeps: searches walk the same ones again and again."""


def make(url: str, cache_kib: int = USUAL_CACHE_KIB) -> Engine:
    """An engine with this program's settings; `DatabaseAddressUnknown` when the address makes no sense."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unknown("that was given") from error
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database in (None, "", ":memory:"), cache_kib)
    if parsed.get_backend_name() == "postgresql":
        plain = parsed.set(drivername="postgresql+psycopg")
        return create_engine(plain, pool_pre_ping=True, connect_args={"connect_timeout": 5})
    raise _unknown(f"'{parsed.render_as_string(hide_password=True)}'")


def _unknown(what: str) -> DatabaseAddressUnknown:
    return DatabaseAddressUnknown(
        f"The database address {what} is not one that Istros knows.",
        "Write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )


def _sqlite(url: str, in_memory: bool, cache_kib: int) -> Engine:
    if in_memory:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", lambda connection, _record: _prepare_sqlite(connection, cache_kib))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, cache_kib: int) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten with zeros: an erased plate may not be read out of the file's free pages.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{cache_kib}")
    _turn_wal_on(connection)


def _turn_wal_on(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself while another process switches the file to the write-ahead log."""
    for attempt in range(100):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if attempt == 99 or not _is_locked(error):
                raise
            Event().wait(0.05)


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("istros_writing", True)
    connection.exec_driver_sql(f"PRAGMA query_only = {0 if writing else 1}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def modes(engine: Engine) -> tuple[Engine, Engine]:
    """(for reading, for writing): the same connections with other ways to begin."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(istros_writing=False), engine.execution_options(istros_writing=True)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return reader, engine.execution_options(isolation_level="READ COMMITTED")


def lock_migrations(connection: Connection) -> None:
    """Let one process at a time change tables, until the transaction ends; on SQLite `BEGIN IMMEDIATE` did it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})


def truncate_log(engine: Engine) -> bool:
    """Write SQLite's log into the file and cut it to nothing; False when a reader kept it."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        raw.close()


def is_memory(engine: Engine) -> bool:
    """Whether the database lives in this process alone, on a single connection."""
    return isinstance(engine.pool, StaticPool)


def passes(error: DBAPIError) -> bool:
    """Whether the same work may succeed when it is tried again."""
    original: Any = error.orig
    if isinstance(original, sqlite3.OperationalError):
        return _is_locked(original)
    return getattr(original, "sqlstate", None) in _PASSING_STATES


def _is_locked(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_connection_lost(error: DBAPIError) -> bool:
    """Whether the database itself is out of reach (file cannot be opened, disk full, server gone)."""
    original: Any = error.orig
    if isinstance(original, sqlite3.DatabaseError):
        return getattr(original, "sqlite_errorcode", 0) & 0xFF in _UNREACHABLE_SQLITE
    state = getattr(original, "sqlstate", None)
    return state is None or state[:2] in ("08", "28", "57", "3D")


def reason(error: DBAPIError) -> str:
    """The driver's words, on one line; drivers name host and database but never the password."""
    return " ".join(str(error.orig).split()).rstrip(".")


def shown(engine: Engine) -> str:
    """The address without the password."""
    return engine.url.render_as_string(hide_password=True)
