"""What may not be looked for at a camera is not, from the next look on, and nothing of it is kept (rules L18 and L20)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from istros.base.time import SECOND, Time
from istros.devices.camera import StreamKey
from istros.recognition.analyser import Analyser, AnalysisPolicy
from istros.recognition.leave import NOTHING, Leave
from istros.recognition.observation import VehicleSeen
from istros.recognition.picture_health import PictureHealth, PictureMeasures
from istros.video.packet import Packet
from tests.recognition.test_analyser import _camera, _Detector, _Harness
from tests.recognition.test_analyser import harness as harness
from tests.video.packets import packets_of

POLICY = AnalysisPolicy(frames_per_second=20, report_s=0.1, retry_s=0.05, least_vehicle_px=20)


class _Book:
    """Measures pictures as it is told."""

    def __init__(self) -> None:
        self.health = _Health()
        self.taken: list[PictureMeasures] = []

    def health_of(self, camera_id: str) -> PictureHealth:
        return self.health

    def take(self, camera_id: str, measures: PictureMeasures) -> None:
        self.taken.append(measures)


class _Health(PictureHealth):
    moved: float | None = 0.0

    def see(self, luma: object, time: Time) -> PictureMeasures:
        return PictureMeasures(time, {"moved": self.moved})


class _Run:
    """An analyser of one camera, whose packets come for ever; `leave` and the book may change meanwhile."""

    def __init__(self, harness: _Harness) -> None:
        self.detector, self.book, self.harness = _Detector(), _Book(), harness
        self.passages: list[VehicleSeen] = []
        self.analyser = Analyser(
            harness.environment, [_camera("IZ-01")], self.packets, harness.emit, harness.report, POLICY, self.book,
            None, self.detector, self.keep,
        )  # fmt: skip

    async def packets(self, keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
        # Each round goes on where the one before ended: a gap would end the vehicle's passage while it is covered.
        streams = [packets_of(key=key, frames=40, gop=10) for key in keys]
        for round in range(1000):
            for together in zip(*streams, strict=True):
                for packet in together:
                    yield Packet(
                        packet.key, packet.parameters, packet.media_time + round * 4 * 90_000,
                        Time(packet.time + round * 4 * SECOND), packet.is_key, packet.data,
                    )  # fmt: skip
                await asyncio.sleep(0.1)  # at the pace of its times: a hasty film has lost the vehicle by the next look

    async def keep(self, passages: list[VehicleSeen]) -> None:
        self.passages += passages

    async def until(self, what: str, ready: object) -> None:
        for _ in range(1000):
            if ready():  # type: ignore[operator]
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited in vain for {what}")


def test_what_is_not_covered_is_neither_looked_for_nor_kept(harness: _Harness) -> None:
    async def scene() -> None:
        run, stop = _Run(harness), asyncio.Event()
        run.analyser.use_leaves({"IZ-01": NOTHING})
        task = asyncio.create_task(run.analyser.run(stop))
        await run.until("the picture's health", lambda: len(run.book.taken) > 5)
        assert run.detector.looks == 0 and harness.reads == []
        run.analyser.use_leaves({"IZ-01": Leave(plates=False, people=False, faces=False)})
        await run.until("vehicles", lambda: run.detector.looks > 5)
        assert harness.reads == []
        run.analyser.use_leaves({"IZ-01": Leave(vehicles=False, people=False, faces=False)})
        await run.until("a plate", lambda: harness.reads)
        stop.set()
        await asyncio.wait_for(task, 20)
        assert run.passages == []

    asyncio.run(scene())


def test_nothing_is_looked_for_in_a_view_that_was_not_declared(harness: _Harness) -> None:
    """From the first look that shows another view on, also before it is a state; and by itself again afterwards."""

    async def scene() -> None:
        run, stop = _Run(harness), asyncio.Event()
        run.book.health.moved = 1.0
        task = asyncio.create_task(run.analyser.run(stop))
        await run.until("looks", lambda: len(run.book.taken) > 5)
        assert run.detector.looks == 0 and harness.reads == []
        run.book.health.moved = 0.0
        await run.until("a plate", lambda: harness.reads)
        stop.set()
        await asyncio.wait_for(task, 20)

    asyncio.run(scene())
