"""The promise of docs/design/0019: a power cut at any moment costs at most ten seconds, and no row claims what is gone."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from istros.base.environment import Environment
from istros.base.time import SECOND, Span, Time
from istros.devices.camera import StreamKey
from istros.recording.archive import Archive, NamedDisk
from istros.recording.chain import verify
from istros.recording.check import check
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.recording.repair import repair
from istros.recording.syncing import EARLY_S, SYNC_S, TICK_S, Syncer
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.virtual_time import run_virtually, virtual_environment
from istros.store import Database, open_database
from istros.store.database import connection_of
from istros.store.rows import GapCause, SegmentState
from tests.recording.streams import START, camera, steady

EVER = Span(Time(0), Time(1 << 60))
LOSS_US = 10 * SECOND
CAMERAS = [camera("IZ-07", "main", "sub"), camera("TL-01")]
STREAMS = [stream.key for each in CAMERAS for stream in each.streams]


def virtually(main: Callable[[Environment], Any], seed: str = "power") -> None:
    async def scene(loop: Any) -> None:
        environment, _ = virtual_environment(loop, seed, START)
        await main(environment)

    run_virtually(scene)


def committed(database: Database, environment: Environment) -> Database:
    """What a database with `synchronous=FULL` still holds after the cut: every commit, and nothing else."""
    after = open_database("sqlite://", environment.workers)
    with connection_of(database) as before, connection_of(after) as copy:
        raw: Any = before.connection.driver_connection
        script = [line for line in raw.iterdump() if line.startswith("INSERT INTO") and "sqlite_" not in line[:30]]
        target: Any = copy.connection.driver_connection
        triggers = target.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            target.execute(f"DROP TRIGGER {name}")
        for (table,) in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            target.execute(f"DELETE FROM {table}")
        for line in script:
            target.execute(line)
        for _, statement in triggers:
            target.execute(statement)
    return after


async def record_until_the_cut(
    environment: Environment, disk: MemoryDisk, database: Database, policy: RecordingPolicy, seconds: float, tear: Random
) -> Database:  # fmt: skip
    """Record, cut the power, and give the database as it was committed by then."""
    opener = steady(environment.clock, fps=10, keyframe_every=20)
    recorder = Recorder(environment, database, Archive.of(disk), CAMERAS, opener, policy)
    stop = asyncio.Event()
    task = asyncio.create_task(recorder.run(stop))
    await environment.clock.sleep(seconds)
    after = committed(database, environment)
    disk.cut_power(tear)
    stop.set()
    await task
    database.close()
    return after


async def holds(environment: Environment, database: Database, disk: MemoryDisk, cut: Time, since: Time) -> None:
    """What the promise says, after repair."""
    archive = Archive.of(disk)
    disk.power_on()
    await repair(environment, database, archive, STREAMS)
    report = await check(environment, database, archive, repair=False)
    assert report.findings == []
    assert (await verify(database, {})).ok
    for key in STREAMS:
        rows = await database.read(lambda tx, key=key: tx.segments.between(key.camera_id, key.name, EVER))  # type: ignore[misc]
        gap = await database.read(lambda tx, key=key: tx.gaps.open_one(key.camera_id, key.name))  # type: ignore[misc]
        gaps = await database.read(lambda tx, key=key: tx.gaps.between(key.camera_id, key.name, EVER))  # type: ignore[misc]
        end = rows[-1].end if rows else since
        assert cut - end <= LOSS_US
        assert all(row.state is SegmentState.CLOSED and disk.size(row.path) == row.size_bytes for row in rows)
        assert gap is not None and gap.cause is GapCause.RECORDER
        for missing in gaps:
            end = max(end, missing.end or cut) if missing.start <= end else end
        assert end >= cut, "every second up to the cut has its gap"


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 30.0), st.sampled_from([2.0, 10.0, 60.0]), st.sampled_from([0.5, 1.0]), st.integers(0, 1 << 30))
def test_a_power_cut_costs_at_most_ten_seconds(seconds: float, segment_s: float, fragment_s: float, seed: int) -> None:
    async def scene(environment: Environment) -> None:
        disk, database = MemoryDisk(), open_database("sqlite://", environment.workers)
        policy = RecordingPolicy(segment_s=segment_s, fragment_s=fragment_s, free_bytes_min=0)
        since = environment.clock.now()
        after = await record_until_the_cut(environment, disk, database, policy, seconds, Random(seed))
        await holds(environment, after, disk, Time(since + round(seconds * SECOND)), since)
        after.close()

    virtually(scene, str(seed))


def test_two_power_cuts_in_a_row() -> None:
    async def scene(environment: Environment) -> None:
        disk, database = MemoryDisk(), open_database("sqlite://", environment.workers)
        policy = RecordingPolicy(free_bytes_min=0)
        tear = Random(7)
        for _ in range(2):
            since = environment.clock.now()
            database = await record_until_the_cut(environment, disk, database, policy, 23.3, tear)
            cut = Time(since + 23_300_000)
            disk.power_on()
        await holds(environment, database, disk, cut, since)
        database.close()

    virtually(scene)


class SlowSync(MemoryDisk):
    """Refuses to sync until told otherwise, and keeps count."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses = True
        self.synced: list[str] = []

    def sync(self, path: str) -> None:
        if self.refuses:
            raise OSError(errno.EIO, "I/O error", path)
        super().sync(path)
        self.synced.append(path)


def test_a_segment_is_closed_only_once_its_bytes_are_safe() -> None:
    async def scene(environment: Environment) -> None:
        disk, database = SlowSync(), open_database("sqlite://", environment.workers)
        opener = steady(environment.clock, fps=10, keyframe_every=10)
        recorder = Recorder(
            environment,
            database,
            Archive.of(disk),
            [camera()],
            opener,
            RecordingPolicy(segment_s=2.0, free_bytes_min=0),
        )
        stop = asyncio.Event()
        task = asyncio.create_task(recorder.run(stop))
        await environment.clock.sleep(20)
        rows = await database.read(lambda tx: tx.segments.between("IZ-07", "main", EVER))
        state = await database.read(lambda tx: tx.streams.get("IZ-07", "main"))
        assert len(rows) > 5 and {row.state for row in rows} == {SegmentState.OPEN}, "written, but not safe"
        assert state is not None and "does not keep what is written" in state.problem.text
        disk.refuses = False
        await environment.clock.sleep(10)
        rows = await database.read(lambda tx: tx.segments.between("IZ-07", "main", EVER))
        state = await database.read(lambda tx: tx.streams.get("IZ-07", "main"))
        assert {row.state for row in rows[:-2]} == {SegmentState.CLOSED}
        assert state is not None and not state.problem
        stop.set()
        await task
        database.close()

    with capture_logs() as logs:
        virtually(scene)
    assert "not-synced" in {line["event"] for line in logs}


@pytest.fixture
def paths() -> Iterator[list[str]]:
    yield [f"{StreamKey(f'C{n}', 'main')}/x.mp4" for n in range(60)]


def test_sixty_streams_that_begin_together_are_synced_apart(paths: list[str]) -> None:
    async def scene(environment: Environment) -> None:
        disk = SlowSync()
        disk.refuses = False
        named = NamedDisk("main", disk)
        syncer = Syncer(environment)
        task = asyncio.create_task(syncer.run())
        counts, oldest = [], dict.fromkeys(paths, environment.clock.elapsed())
        for _ in range(40):
            for path in paths:
                disk.append(path, b"x")
                syncer.wrote(named, path)
            before = len(disk.synced)
            await environment.clock.sleep(TICK_S)
            counts.append(len(disk.synced) - before)
            for path in disk.synced[before:]:
                oldest[path] = environment.clock.elapsed()
            assert all(environment.clock.elapsed() - each <= SYNC_S + 2 * TICK_S for each in oldest.values())
        assert max(counts) <= len(paths) * TICK_S / (SYNC_S - EARLY_S) + 1
        task.cancel()

    virtually(scene)
