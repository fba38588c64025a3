"""A disk that is slow, a database that is locked: recording goes on, and nothing is lost that memory could hold."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from istros.base.environment import Environment, real_environment
from istros.base.time import SECOND
from istros.store.rows import GapCause
from tests.pressure.site import POLICY, PressedDisk, recording, tell

LOCKED_S = 30.0
READ_ONLY_S = 12.0


def test_writes_that_take_200_ms_cost_no_picture(environment: Environment, tmp_path: Path) -> None:
    disk = PressedDisk(tmp_path / "recordings")
    disk.delay_s = 0.2

    async def scenario() -> None:
        async with recording(environment, tmp_path, count=2, disk=disk) as site:
            await site.until_recorded(3)
            assert await site.longest_gap_s() == 0.0
            rows = [await site.segments(key) for key in site.keys]
        holes = [later.start - sooner.end for each in rows for sooner, later in pairwise(each)]
        tell("slow disk", delay_ms=200, segments=sum(map(len, rows)), longest_hole_ms=max(holes) / 1000)
        assert max(holes) == 0

    asyncio.run(scenario())


def test_a_database_locked_for_30_s_costs_no_picture(tmp_path: Path) -> None:
    environment = real_environment(workers=4)

    async def scenario() -> None:
        async with recording(environment, tmp_path, count=2) as site:
            await site.until_recorded(1)
            with closing(sqlite3.connect(tmp_path / "index.sqlite3", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                await site.wait(LOCKED_S)
                other.execute("ROLLBACK")
            before = await site.fewest_segments()
            await site.until_recorded(before + 4)
            rows = [await site.segments(key) for key in site.keys]
            assert await site.longest_gap_s() == 0.0
        holes = [later.start - sooner.end for each in rows for sooner, later in pairwise(each)]
        tell("locked database", locked_s=LOCKED_S, segments=sum(map(len, rows)), longest_hole_ms=max(holes) / 1000)
        assert max(holes) == 0

    try:
        asyncio.run(scenario())
    finally:
        environment.workers.close()


def test_a_disk_that_turns_read_only_is_a_gap_with_its_cause_and_recording_comes_back(
    environment: Environment, tmp_path: Path
) -> None:
    disk = PressedDisk(tmp_path / "recordings")
    policy = replace(POLICY, memory_bytes=200_000)

    async def scenario() -> None:
        async with recording(environment, tmp_path, count=1, disk=disk, policy=policy) as site:
            await site.until_recorded(1)
            disk.is_read_only = True
            await site.wait(READ_ONLY_S)
            [state] = await site.database.read(lambda tx: tx.streams.all())
            assert "disk" in state.problem.text and not state.recording
            disk.is_read_only = False
            await site.until_recorded(await site.fewest_segments() + 1)
            [key] = site.keys
            gaps = await site.gaps(key)
            assert {gap.cause for gap in gaps} == {GapCause.DISK}
            lost_s = sum((gap.end or 0) - gap.start for gap in gaps) / SECOND
            tell("read-only disk", read_only_s=READ_ONLY_S, lost_s=round(lost_s, 1), memory_bytes=policy.memory_bytes)
            assert lost_s < READ_ONLY_S + 10

    asyncio.run(scenario())
