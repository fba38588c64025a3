"""Motion alone, for cameras that nothing else looks at: decodes the sub stream roughly and tells when something moves.

All cameras of a process share one connection to the relay and one worker: what came in half a second is looked at in
one go, for each hop between threads costs as much as a picture. Recording on events has a pre-roll,
so half a second later is soon enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, StreamKey
from istros.recognition.motion import MotionGate
from istros.recognition.packet_queue import PacketQueue
from istros.recognition.picture_health import PictureBook, PictureHealth, PictureMeasures
from istros.recognition.zones import PictureZones
from istros.store.rows import AnalyserStateRow
from istros.video.decode import Decoder
from istros.video.packet import Packet

ReadStreams = Callable[[tuple[StreamKey, ...]], AsyncIterator[Packet]]

LOOK_EVERY_S = 0.5
REPORT_EVERY_S = 2.0
RETRY_S = 1.0
WAITING_PACKETS = 100
"""Ten seconds of a sub stream; a camera that falls further behind goes on at the newest keyframe, counted."""

SURE_FRAMES = 2
"""So many pictures of one look must show motion: a single one is as often a flash or damage."""

QUIET_US = 5 * SECOND
"""Motion is over after so long without any."""

_LOG = structlog.get_logger("istros.recognition")


@dataclass(frozen=True, slots=True)
class MotionChange:
    """Motion began or ended at a camera, at the time of the picture that shows it."""

    camera_id: str
    moving: bool
    time: Time


TellMotion = Callable[[list[MotionChange]], Awaitable[None]]
TellStates = Callable[[list[AnalyserStateRow]], Awaitable[None]]


@dataclass(slots=True)
class _Eye:
    """One camera."""

    camera_id: str
    queue: PacketQueue = field(default_factory=lambda: PacketQueue(WAITING_PACKETS))
    gate: MotionGate = field(default_factory=MotionGate)
    decoder: Decoder | None = None
    moving: bool = False
    last_motion: Time | None = None
    looked: Time | None = None
    frames: int = 0
    picture: PictureHealth | None = None
    measures: PictureMeasures | None = None
    new_zones: PictureZones | None = None
    """Zones to look by from the next look on."""

    def look(self, packets: Sequence[Packet]) -> MotionChange | None:
        """Decode what came and compare each picture with the one before. Blocks."""
        if self.new_zones is not None:
            self.gate.use(self.new_zones)
            self.new_zones = None
        self.decoder = self.decoder or Decoder(packets[0].parameters, roughly=True)
        moved: list[Time] = []
        for packet in packets:
            frame = self.decoder.decode(packet)
            if frame is None:
                continue
            is_first, self.looked = self.looked is None, frame.time
            self.frames += 1
            change = self.gate.see(frame.luma, cuts=False)
            if change.moved and not is_first:
                moved.append(frame.time)
            if self.picture is not None:
                self.measures = self.picture.see(frame.luma, frame.time) or self.measures
        return self._judge(moved)

    def _judge(self, moved: Sequence[Time]) -> MotionChange | None:
        if len(moved) >= SURE_FRAMES:
            self.last_motion = moved[-1]
            if not self.moving:
                self.moving = True
                return MotionChange(self.camera_id, True, moved[0])
        elif self.moving and self.looked is not None and self._quiet_us(self.looked) > QUIET_US:
            self.moving = False
            return MotionChange(self.camera_id, False, self.looked)
        return None

    def _quiet_us(self, now: Time) -> int:
        return 0 if self.last_motion is None else now - self.last_motion


class MotionWatch:
    """Watches the given cameras until told to stop. Build it, then await `run` once."""

    def __init__(
        self,
        environment: Environment,
        cameras: Sequence[Camera],
        read_streams: ReadStreams,
        tell: TellMotion,
        tell_states: TellStates,
        pictures: PictureBook | None = None,
    ) -> None:
        self._environment = environment
        self._read_streams = read_streams
        self._tell = tell
        self._tell_states = tell_states
        self._eyes = {
            (camera.stream("sub") or camera.streams[0]).key: _Eye(camera.id, gate=MotionGate(PictureZones.of(camera)))
            for camera in cameras
            if camera.streams
        }
        self._untold: dict[str, MotionChange] = {}
        self._pictures = pictures
        if pictures is not None:
            for eye in self._eyes.values():
                eye.picture = pictures.health_of(eye.camera_id)

    def use_zones(self, zones: Mapping[str, PictureZones]) -> None:
        """Watch cameras, by their ids, by these zones from their next look on."""
        for eye in self._eyes.values():
            eye.new_zones = zones.get(eye.camera_id, eye.new_zones)

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until `stop` is set."""
        if not self._eyes:
            return
        tasks = [asyncio.create_task(work()) for work in (self._receive, self._watch, self._report)]
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> None:
        while True:
            try:
                async for packet in self._read_streams(tuple(self._eyes)):
                    self._eyes[packet.key].queue.push(packet)
            except Exception as error:
                _LOG.info("motion watch lost the relay", problem=str(error))
            await self._environment.clock.sleep(RETRY_S)

    async def _watch(self) -> None:
        while True:
            await self._environment.clock.sleep(LOOK_EVERY_S)
            due = [(eye, packets) for eye in self._eyes.values() if (packets := eye.queue.take())]
            for change in await self._environment.workers.run(_look_at_all, due) if due else ():
                self._untold[change.camera_id] = change
            self._tell_pictures()
            await self._tell_what_is_new()

    def _tell_pictures(self) -> None:
        for eye in self._eyes.values():
            if eye.measures is not None and self._pictures is not None:
                self._pictures.take(eye.camera_id, eye.measures)
                eye.measures = None

    async def _tell_what_is_new(self) -> None:
        """What the store does not take now is told at the next look, as far as it is still true."""
        if not self._untold:
            return
        try:
            await self._tell(list(self._untold.values()))
            self._untold.clear()
        except Exception as error:
            _LOG.warning("motion could not be told", problem=str(error))

    async def _report(self) -> None:
        clock = self._environment.clock
        before = clock.elapsed()
        while True:
            await clock.sleep(REPORT_EVERY_S)
            seconds, before = max(0.001, clock.elapsed() - before), clock.elapsed()
            try:
                await self._tell_states([self._state(eye, seconds) for eye in self._eyes.values()])
            except Exception as error:
                _LOG.warning("states of the motion watch could not be told", problem=str(error))

    def _state(self, eye: _Eye, seconds: float) -> AnalyserStateRow:
        now = self._environment.clock.now()
        behind_s = 0.0 if eye.looked is None else max(0.0, (now - eye.looked) / SECOND)
        frames, eye.frames = eye.frames, 0
        return AnalyserStateRow(
            eye.camera_id, now, round(frames / seconds, 2), round(behind_s, 3), eye.queue.dropped, 0, 0
        )


def _look_at_all(due: Sequence[tuple[_Eye, list[Packet]]]) -> list[MotionChange]:
    """One hop to a worker for all cameras; an error costs one camera one look. Blocks."""
    changes: list[MotionChange] = []
    for eye, packets in due:
        try:
            change = eye.look(packets)
        except Exception as error:
            _LOG.warning("motion look failed", camera=eye.camera_id, problem=f"{type(error).__name__}: {error}")
            eye.decoder = None
            eye.queue.wait_for_keyframe()
            continue
        if change is not None:
            changes.append(change)
    return changes
