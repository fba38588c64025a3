"""Thirty cameras of the town under the real recorder, and a network that is cut: one alarm, which ends."""

from __future__ import annotations

import asyncio
import json

import pytest

from istros.events.health_watch import HealthWatch
from istros.recording.archive import Archive
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.settings import HealthSettings
from istros.sim.town.cameras import TownCameras, town_cameras
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.run import START
from istros.sim.town.virtual_time import VirtualLoop, run_virtually, virtual_environment
from istros.store import open_database
from istros.store.rows import AlarmRow

CUT_S = 180.0


async def _live(loop: VirtualLoop, seed: str, cameras: int) -> list[list[AlarmRow]]:
    """The open alarms before the cut, in it, and after it; then every alarm that there ever was."""
    environment, clock = virtual_environment(loop, seed, START)
    database = open_database("sqlite://", environment.workers)
    town, opener, stop = town_cameras(cameras), TownCameras(clock, seed, trouble_every_s=1e9), asyncio.Event()
    policy = RecordingPolicy(bytes_max=1 << 40, free_bytes_min=0, segment_s=10, fragment_s=1)
    recorder = Recorder(environment, database, Archive.of(MemoryDisk()), town, opener, policy)
    watch = HealthWatch(environment, database, town, HealthSettings())
    running = [asyncio.create_task(part.run(stop)) for part in (recorder, watch)]
    found = []

    async def after(seconds: float, *states: str) -> None:
        await clock.sleep(seconds)
        found.append(await database.read(lambda tx: tx.alarms.by_states(states, 1000)))

    await after(60, "new")
    opener.cut_until = clock.elapsed() + CUT_S
    await after(CUT_S - 5, "new")
    await after(120, "new")
    await after(0, "new", "acknowledged", "closed")
    stop.set()
    await asyncio.gather(*running)
    return found


@pytest.mark.parametrize("seed", ["a", "b", "c"])
def test_a_cut_of_thirty_cameras_is_exactly_one_alarm(seed: str) -> None:
    before, during, afterwards, ever = run_virtually(lambda loop: _live(loop, seed, 30))
    assert before == []
    (alarm,) = during
    facts = json.loads(alarm.facts)
    assert (alarm.kind, facts["count"], facts["network"]) == ("cameras-offline", 30, "town.invalid")
    assert [each.returned is not None for each in afterwards] == [True]
    assert [each.id for each in ever] == [alarm.id]
