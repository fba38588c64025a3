"""Clocks that step and days of 25 hours, for thirty cameras on a virtual clock: no drift, no overlap, no hole."""

from __future__ import annotations

import asyncio
import os
from itertools import pairwise

import pytest

from istros.base.time import HOUR, SECOND, Span, Time, from_iso
from istros.recording.archive import Archive
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.sim.town.cameras import TownCameras, town_cameras
from istros.sim.town.memory_disk import MemoryDisk
from istros.sim.town.virtual_time import VirtualLoop, run_virtually, virtual_environment
from istros.store import open_database
from tests.pressure.site import tell

BEFORE_THE_LONG_DAY = from_iso("2026-10-24T21:00:00Z")
"""Midnight in Izmail and Tulcea before the day on which clocks go back: it lasts 25 hours there."""
CAMERAS, HOURS = (30, 25) if os.environ.get("ISTROS_PRESSURE") == "full" else (5, 6)
"""The whole day of thirty cameras takes minutes; the usual run has the hours round the change of clocks for five."""
SEGMENT_S = 64
PACKETS_PER_SECOND = 0.25
"""Few and small packets: a day of thirty cameras is two million seconds of film."""
POLICY = RecordingPolicy(
    bytes_max=1 << 50, free_bytes_min=0, segment_s=SEGMENT_S, fragment_s=SEGMENT_S, index_s=60, silence_s=10
)


def run_day(hours: float, cameras: int, step_us: int = 0) -> tuple[int, int, int, int]:
    """(segments, longest hole in microseconds, overlaps, drift at the end) of a run; `step_us` at half time."""

    async def live(loop: VirtualLoop) -> tuple[int, int, int, int]:
        environment, clock = virtual_environment(loop, "day", BEFORE_THE_LONG_DAY)
        database, disk, stop = open_database("sqlite://", environment.workers), MemoryDisk(), asyncio.Event()
        town = town_cameras(cameras)
        opener = TownCameras(clock, "day", trouble_every_s=1e12, refusals=0.0, packets_per_second=PACKETS_PER_SECOND)
        recorder = Recorder(environment, database, Archive.of(disk), town, opener, POLICY)
        running = asyncio.create_task(recorder.run(stop))
        await clock.sleep(hours * 1800)
        clock.step_us += step_us
        await clock.sleep(hours * 1800)
        end = clock.now()
        stop.set()
        await running
        keys = [stream.key for camera in town for stream in camera.streams]
        ever = Span(Time(0), Time(1 << 60))
        segments = overlaps = hole = drift = 0
        for key in keys:
            rows = await database.read(lambda tx, key=key: tx.segments.between(key.camera_id, key.name, ever))  # type: ignore[misc]
            steps = [later.start - sooner.end for sooner, later in pairwise(rows)]
            segments += len(rows)
            overlaps += sum(step < 0 for step in steps)
            hole = max(hole, *steps)
            drift = max(drift, abs(end - rows[-1].end))
        database.close()
        return segments, hole, overlaps, drift

    return run_virtually(live)


@pytest.mark.slow
def test_a_day_of_25_hours_has_no_drift_overlap_or_gap() -> None:
    segments, hole, overlaps, drift = run_day(HOURS, CAMERAS)
    tell(
        "day of 25 hours",
        hours=HOURS,
        cameras=CAMERAS,
        segments=segments,
        longest_hole_us=hole,
        overlaps=overlaps,
        drift_us=drift,
    )
    assert (hole, overlaps) == (0, 0)
    assert drift < 5 * SECOND
    assert segments > 0.98 * HOURS * 3600 / SEGMENT_S * CAMERAS


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_stepped_by_an_hour(hours: int) -> None:
    segments, hole, overlaps, drift = run_day(3, 1, hours * HOUR)
    tell(
        "stepped clock",
        step_h=hours,
        segments=segments,
        longest_hole_s=hole / SECOND,
        overlaps=overlaps,
        drift_s=drift / SECOND,
    )
    assert overlaps == 0
    if hours > 0:
        assert abs(hole - HOUR) < 15 * SECOND, "the hour that never was is one hole"
        assert drift < 5 * SECOND
    else:
        assert hole == 0, "no picture is lost; the recording counts slower until both clocks agree"
