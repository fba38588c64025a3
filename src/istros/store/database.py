"""Opens the database and runs units of work in transactions (docs/design/0004).

SQLite: write-ahead log, `synchronous=FULL` (a commit survives a power cut; it costs 0.3 ms more than NORMAL), and
`BEGIN IMMEDIATE` for writes, so that two processes never find out in the middle that they both write.
PostgreSQL: writes run READ COMMITTED with row locks where order matters, reads see one REPEATABLE READ snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import copy
from threading import Event, Lock
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from istros.base.said import say
from istros.base.workers import Workers
from istros.store import engines
from istros.store.errors import DatabaseBusy, DatabaseUnreachable
from istros.store.migrations import migrate
from istros.store.transaction import Transaction

T = TypeVar("T")

_ATTEMPTS = 4
"""On SQLite each attempt waits `engines.BUSY_S` for the lock, so a writer gives up after about 20 s."""

_PAUSE_S = 0.02
"""First pause between attempts, doubled each time: PostgreSQL tells of a deadlock at once."""


class Database:
    """Units of work against one database; safe to use from several threads, and beside other processes."""

    def __init__(self, engine: Engine, workers: Workers) -> None:
        self._reader, self._writer = engines.modes(engine)
        self._engine = engine
        self._workers = workers
        on_sqlite = engine.dialect.name == "sqlite"
        self._write_lock: AbstractContextManager[object] = Lock() if on_sqlite else nullcontext()
        self._read_lock = self._write_lock if engines.is_memory(engine) else nullcontext()

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    def beside(self, workers: Workers) -> Database:
        """The same database for work that shall not take the threads of the rest; closed with this one."""
        other = copy(self)
        other._workers = workers
        return other

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction that changes nothing and sees one state of the database."""
        return await self._workers.run(self.read_now, work)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction that is committed when it returns and rolled back when it raises.

        It may run again when another writer was in the way, so it must change nothing outside its transaction.
        """
        return await self._workers.run(self.write_now, work)

    def read_now(self, work: Callable[[Transaction], T]) -> T:
        """`read` for callers that may block."""
        return self._run(self._reader, self._read_lock, work, False)

    def write_now(self, work: Callable[[Transaction], T]) -> T:
        """`write` for callers that may block. `DatabaseBusy` when another process keeps the lock for about 20 s."""
        return self._run(self._writer, self._write_lock, work, True)

    async def scrub(self) -> bool:
        """Take what was erased out of the write-ahead log too; whether all of it is gone.

        SQLite: pages that were deleted are zeroed in the file (secure_delete), and their old state stays in the log until it
        is begun anew; a reader in the middle may keep it from that, and the next scrub finishes it. PostgreSQL clears
        by its own vacuum; its log is the server's (docs/design/0033).
        """
        return await self._workers.run(self.scrub_now)

    def scrub_now(self) -> bool:
        """`scrub` for callers that may block."""
        if self.kind != "sqlite" or engines.is_memory(self._engine):
            return True
        return engines.truncate_log(self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _run(
        self, engine: Engine, lock: AbstractContextManager[object], work: Callable[[Transaction], T], writing: bool
    ) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with lock, _reachable(engine), engine.begin() as connection:
                    return work(Transaction(connection, writing))
            except DBAPIError as error:
                if not engines.passes(error):
                    raise
                if attempt == _ATTEMPTS:
                    raise _busy(engine) from error
                Event().wait(_PAUSE_S * 2 ** (attempt - 1))
        raise AssertionError("the loop returns or raises")


def open_database(url: str, workers: Workers, cache_kib: int = engines.USUAL_CACHE_KIB) -> Database:
    """The database at `url` (`sqlite:///FILE`, `sqlite://` in memory, `postgresql+psycopg://…`), brought up to date.

    Several processes may start at once: one migrates, the others wait for it. `DatabaseUnreachable` when it cannot be
    opened, `DatabaseNewer` when a newer Istros wrote it, `DatabaseBusy` when another process keeps it locked.
    """
    engine = engines.make(url, cache_kib)
    _, writer = engines.modes(engine)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _reachable(writer), writer.begin() as connection:
                engines.lock_migrations(connection)
                migrate(connection)
            return Database(engine, workers)
        except DBAPIError as error:
            if not engines.passes(error):
                raise
            if attempt == _ATTEMPTS:
                raise _busy(engine) from error
    raise AssertionError("the loop returns or raises")


@contextmanager
def _reachable(engine: Engine) -> Iterator[None]:
    """Turn a refused connection into a sentence; what passes by itself is left to the caller."""
    try:
        yield
    except DBAPIError as error:
        if engines.passes(error) or not engines.is_connection_lost(error):
            raise
        raise DatabaseUnreachable(
            say("database-away", f"The database {engines.shown(engine)} cannot be reached: {engines.reason(error)}."),
            "Check that the folder exists and can be written, or that the server runs and the address is right.",
        ) from error


def _busy(engine: Engine) -> DatabaseBusy:
    return DatabaseBusy(
        say("database-locked", f"The database {engines.shown(engine)} stayed locked by another process."),
        "Look for a second istros, a backup or a database tool that keeps a transaction open, and end it.",
    )


def connection_of(database: Database) -> AbstractContextManager[Connection]:
    """A bare writing connection, for `check` and tests; everything else uses `read` and `write`."""
    return database._writer.begin()
