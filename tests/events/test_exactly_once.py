"""A judge that is killed at any step neither loses nor doubles an alarm."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from istros.base.environment import Environment
from istros.compliance import audit
from istros.events.judging import Judge
from istros.store import Database, Transaction, open_database
from istros.store.rows import WatchlistEntryRow
from tests.events.city import entry_of, hand_environment, read_of

KILLED = 9


class _DyingRepository:
    """Ends the process, as `kill -9` does, before the call that the fuse is set to."""

    def __init__(self, repository: Any, fuse: list[int]) -> None:
        self._repository = repository
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)

        def call(*args: Any, **named: Any) -> Any:
            if self._fuse[0] == 0:
                os._exit(KILLED)
            self._fuse[0] -= 1
            return method(*args, **named)

        return call


class _DyingTransaction:
    def __init__(self, tx: Any, fuse: list[int]) -> None:
        self._tx = tx
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return _DyingRepository(getattr(self._tx, name), self._fuse)


class _DyingJudge(Judge):
    fuse: list[int]

    def _judge(self, tx: Any) -> int:
        judged = super()._judge(_DyingTransaction(tx, self.fuse))  # type: ignore[arg-type]
        if self.fuse[0] == 0:
            os._exit(KILLED)
        return judged


def open_here(path: Path) -> tuple[Environment, Database]:
    environment, _ = hand_environment()
    return environment, open_database(f"sqlite:///{path}", environment.workers)


def _seek(tx: Transaction, entry: WatchlistEntryRow) -> None:
    tx.watchlist.add(entry)


async def prepare(environment: Environment, database: Database) -> None:
    now = environment.clock.now()
    entries = [entry_of("BH1234AK", now, entry_id="one"), entry_of("TL01ABC", now, entry_id="two")]
    reads = [read_of(text, now, read_id=f"read-{text}-{camera}", camera=camera)
             for text in ("BH1234AK", "TL01ABC", "KA0000XX") for camera in ("IZ-01", "IZ-02")]  # fmt: skip
    again = read_of("BH1234AK", now, read_id="again", camera="IZ-01")
    for entry in entries:
        await database.write(partial(_seek, entry=entry))
    await database.write(lambda tx: [tx.reads.add(read) for read in [*reads, again]])


def _judge_until_the_fuse(path: Path, fuse: int) -> None:
    environment, database = open_here(path)
    judge = _DyingJudge(environment, database)
    judge.fuse = [fuse]
    asyncio.run(judge.judge_waiting())


def judge_in_child(path: Path, fuse: int) -> int:
    """Judge in a process of its own that dies at its `fuse`-th step; its exit status.

    A fork server's child, for a fork of the tests' own process would inherit the locks that its other threads hold.
    """
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload([__name__])
    child = forks.Process(target=_judge_until_the_fuse, args=(path, fuse))
    child.start()
    child.join(60)
    assert child.exitcode is not None, "the judge neither ended nor died"
    return child.exitcode


async def check(database: Database) -> None:
    alarms = await database.read(lambda tx: tx.alarms.by_states(["new"], 100))
    assert sorted((alarm.watchlist_entry_id, alarm.camera_id, alarm.count) for alarm in alarms) == [
        ("one", "IZ-01", 2), ("one", "IZ-02", 1), ("two", "IZ-01", 1), ("two", "IZ-02", 1),
    ]  # fmt: skip
    rows = await database.read(lambda tx: tx.audit.walk())
    assert sorted(row.action for row in rows) == ["alarm.fold", *["alarm.raise"] * 4]
    assert (await audit.verify(database)).ok
    assert not await database.read(lambda tx: tx.reads.unjudged(10))


def test_a_kill_at_any_step_neither_loses_nor_doubles(tmp_path: Path) -> None:
    prepared = tmp_path / "prepared.sqlite3"
    environment, database = open_here(prepared)
    asyncio.run(prepare(environment, database))
    database.close()
    deaths = 0
    while True:
        path = Path(shutil.copy(prepared, tmp_path / f"{deaths}.sqlite3"))
        status = judge_in_child(path, deaths)
        environment, database = open_here(path)
        asyncio.run(Judge(environment, database).judge_waiting())
        asyncio.run(check(database))
        database.close()
        if status == 0:
            break
        assert status == KILLED
        deaths += 1
    assert deaths > 20  # it died before each call of every repository
