"""The motion watch: begins and ends with what the pictures show, keeps what could not be told, and no camera disturbs another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.recognition.motion_watch import MotionChange, MotionWatch
from istros.sim.clips import clips
from istros.store.rows import AnalyserStateRow
from istros.video.clip_file import read_clip
from istros.video.packet import Packet

FRAME_US = SECOND // 10


def sub_packets(camera_id: str) -> list[Packet]:
    """Twelve seconds of a street with traffic."""
    clip = read_clip(clips()[0].sub_path)
    key = StreamKey(camera_id, "sub")
    units = [(unit.is_key, b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals)) for unit in clip.units]
    return [
        Packet(key, clip.parameters, number * 9000, Time(number * FRAME_US), is_key, data)
        for number, (is_key, data) in enumerate(units)
    ]


def still_packets(camera_id: str, seconds: int) -> list[Packet]:
    """The first keyframe again and again: a street on which nothing moves."""
    first = sub_packets(camera_id)[0]
    return [replace(first, media_time=n * 9000, time=Time(n * FRAME_US)) for n in range(10 * seconds)]


def camera(camera_id: str) -> Camera:
    stream = Stream(StreamKey(camera_id, "sub"), SecretUrl("rtsp://127.0.0.1/x"))
    return Camera(camera_id, Place("Street", "Izmail"), "City", (stream,), analysis="motion")


class Told:
    """Collects what is told; refuses as often as `refusals` says."""

    def __init__(self, refusals: int = 0) -> None:
        self.changes: list[MotionChange] = []
        self.states: list[AnalyserStateRow] = []
        self._refusals = refusals

    async def motion(self, changes: list[MotionChange]) -> None:
        if self._refusals:
            self._refusals -= 1
            raise OSError("the database is away")
        self.changes += changes

    async def state(self, states: list[AnalyserStateRow]) -> None:
        self.states += states


async def watch(environment: Environment, packets: list[Packet], told: Told, expected: int) -> None:
    async def read(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
        for number, packet in enumerate(packets):
            yield packet
            if number % 20 == 19:
                await environment.clock.sleep(0.3)  # The queue of a camera holds a hundred packets.
        await asyncio.Event().wait()

    stop = asyncio.Event()
    cameras = [camera(name) for name in sorted({packet.key.camera_id for packet in packets})]
    running = asyncio.create_task(MotionWatch(environment, cameras, read, told.motion, told.state).run(stop))
    async with asyncio.timeout(30):
        while len(told.changes) < expected:
            await environment.clock.sleep(0.05)
    stop.set()
    await running


@pytest.mark.parametrize("refusals", [0, 2])
def test_motion_begins_and_ends(environment: Environment, refusals: int) -> None:
    moving = sub_packets("A")[:60]
    still = [
        replace(packet, media_time=packet.media_time + 60 * 9000, time=Time(packet.time + 60 * FRAME_US))
        for packet in still_packets("A", 9)
    ]
    told = Told(refusals)
    asyncio.run(watch(environment, moving + still, told, 2 - refusals // 2))
    if refusals:
        assert told.changes[-1].camera_id == "A"
    else:
        assert [change.moving for change in told.changes] == [True, False]
        assert told.changes[0].time < 3 * SECOND
        assert told.changes[1].time > 60 * FRAME_US + 4 * SECOND


def test_a_damaged_camera_does_not_disturb_the_other(environment: Environment) -> None:
    broken = [replace(packet, key=StreamKey("B", "sub"), data=packet.data[:40]) for packet in sub_packets("B")[:60]]
    both = [packet for pair in zip(broken, sub_packets("A")[:60], strict=True) for packet in pair]
    told = Told()
    asyncio.run(watch(environment, both, told, 1))
    assert [change.camera_id for change in told.changes] == ["A"]


def test_a_still_picture_is_no_motion_and_the_state_says_that_it_is_looked_at(environment: Environment) -> None:
    told = Told()

    async def run() -> None:
        packets = still_packets("A", 4) + sub_packets("C")[:60]
        await watch(environment, packets, told, 1)
        assert {change.camera_id for change in told.changes} == {"C"}

    asyncio.run(run())
    assert all(state.behind_s >= 0 for state in told.states)
