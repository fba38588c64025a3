"""The analyser: packets of many cameras in, plate reads out, within a budget, and no camera disturbs another.

A camera has one task that takes what came since its last turn and has it decoded and looked at in a worker; a fair
semaphore hands out the turns. Whatever waits is bounded: a camera that falls behind goes on at the newest keyframe.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import structlog

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, StreamKey
from istros.recognition.announcer import Announcer
from istros.recognition.camera_watch import CameraWatch, Sight
from istros.recognition.detector import StreetDetector
from istros.recognition.main_pictures import MainPictures
from istros.recognition.observation import PlateRead
from istros.recognition.packet_queue import PacketQueue
from istros.recognition.picture_health import PictureBook
from istros.recognition.plates.reader import PlateReader
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.read_budget import ReadBudget
from istros.recognition.tracker import Track
from istros.store.rows import AnalyserStateRow
from istros.video.decode import Decoder
from istros.video.packet import Packet

__all__ = ["Analyser", "AnalysisPolicy"]

ReadStream = Callable[[tuple[StreamKey, ...]], AsyncIterator[Packet]]
Emit = Callable[[PlateRead], Awaitable[None]]
Report = Callable[[list[AnalyserStateRow]], Awaitable[None]]
_MOST_WAITING = 100
"""Observations that wait while the store does not take them."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Tally:
    """What a camera's state row tells."""

    analysed: int = 0
    looked: Time | None = None
    vehicles: int = 0
    since: float = 0.0


@dataclass(slots=True)
class _Shared:
    """What the cameras share."""

    environment: Environment
    policy: AnalysisPolicy
    turns: asyncio.Semaphore
    budget: ReadBudget
    read_stream: ReadStream
    emit: Emit
    pictures: PictureBook | None


class Analyser:
    """Looks at every camera until told to stop. Build it, then await `run` once."""

    def __init__(
        self,
        environment: Environment,
        cameras: tuple[Camera, ...] | list[Camera],
        read_stream: ReadStream,
        emit: Emit,
        report: Report,
        policy: AnalysisPolicy | None = None,
        pictures: PictureBook | None = None,
    ) -> None:
        self._environment = environment
        self._report = report
        self._policy = policy or AnalysisPolicy()
        budget = ReadBudget(environment.clock, self._policy.reads_per_second)
        turns = asyncio.Semaphore(self._policy.workers)
        shared = _Shared(environment, self._policy, turns, budget, read_stream, emit, pictures)
        detector = StreetDetector()
        reader = PlateReader() if any(camera.reads_plates for camera in cameras) else None
        self._cameras = [_CameraTask(camera, shared, detector, reader) for camera in cameras if camera.streams]

    async def run(self, stop: asyncio.Event) -> None:
        """Analyse until `stop` is set; then announce what the open tracks have and return."""
        tasks = [
            asyncio.create_task(coroutine)
            for camera in self._cameras
            for coroutine in (camera.receive(), camera.watch())
        ]
        tasks.append(asyncio.create_task(self._report_always()))
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(camera.finish() for camera in self._cameras), return_exceptions=True)

    async def _report_always(self) -> None:
        while True:
            await self._environment.clock.sleep(self._policy.report_s)
            try:
                await self._report([camera.state() for camera in self._cameras])
            except Exception as error:
                _log.warning("analyser.report_failed", problem=str(error))


class _CameraTask:
    """One camera: receives, waits for its turn, looks, reads, announces."""

    def __init__(self, camera: Camera, shared: _Shared, detector: StreetDetector, reader: PlateReader | None) -> None:
        self._id = camera.id
        self._shared = shared
        sub, main = camera.stream("sub"), camera.stream("main")
        looked_at = sub or main or camera.streams[0]
        self._looked_at = looked_at.key
        reads = camera.reads_plates and reader is not None
        separate = reads and main is not None and main is not looked_at
        self._main = MainPictures(Decoder) if separate else None
        self._keys = (looked_at.key, main.key) if separate and main is not None else (looked_at.key,)
        self._queue = PacketQueue(shared.policy.ring_packets)
        new_id = shared.environment.ids.new
        self._watch = CameraWatch(shared.policy, detector, reader if reads else None, Decoder, new_id, self._main)
        self._watch.picture = None if shared.pictures is None else shared.pictures.health_of(camera.id)
        self._announcer = Announcer(camera.id, shared.policy, new_id)
        self._own_budget = ReadBudget(shared.environment.clock, shared.policy.reads_per_camera, burst=2.0)
        self._read_times: dict[str, Time] = {}
        self._tally = _Tally(since=shared.environment.clock.elapsed())
        self._searched: Time | None = None
        self._waiting: list[PlateRead] = []
        self._lost_reads = 0

    async def receive(self) -> None:
        """Take packets for ever; when they end or fail, try again."""
        while True:
            try:
                async for packet in self._shared.read_stream(self._keys):
                    self._take(packet)
            except Exception as error:
                _log.info("analyser.packets_ended", camera=self._id, problem=str(error))
            await self._shared.environment.clock.sleep(self._shared.policy.retry_s)

    def _take(self, packet: Packet) -> None:
        if packet.key == self._looked_at:
            self._queue.push(packet)
        elif self._main is not None:
            self._main.push(packet)

    async def watch(self) -> None:
        """Look again and again, at most `frames_per_second` times a second; an error costs this camera one look."""
        clock, interval = self._shared.environment.clock, 1 / self._shared.policy.frames_per_second
        while True:
            packets = await self._queue.pull()
            started = clock.elapsed()
            try:
                await self._turn(packets)
            except Exception as error:
                self._watch.forget_decoders()
                self._queue.wait_for_keyframe()
                _log.warning("analyser.look_failed", camera=self._id, problem=f"{type(error).__name__}: {error}")
            await clock.sleep(interval - (clock.elapsed() - started))

    async def _turn(self, packets: list[Packet]) -> None:
        async with self._shared.turns:
            sight = await self._shared.environment.workers.run(self._watch.look, packets)
        if sight.time is None:
            return
        if sight.picture is not None and self._shared.pictures is not None:
            self._shared.pictures.take(self._id, sight.picture)
        self._tally.looked = sight.time
        if sight.analysed:
            self._tally.analysed += 1
            self._tally.vehicles = sum(track.kind == "vehicle" for track in sight.seen)
        await self._read(sight)
        self._announce(sight)
        await self._hand_over()

    async def _read(self, sight: Sight) -> None:
        """Spend a reading on the best chance, when there is one and the budgets allow it."""
        if self._watch.reader is None or not sight.analysed or sight.time is None:
            return
        open_tracks = [track for track in sight.seen if not self._announcer.is_done(track.id)]
        track = self._watch.best_chance(open_tracks, sight.time, self._read_times)
        if track is None:
            await self._search(sight, sight.time)
        elif self._own_budget.take(self._id) and self._shared.budget.take(self._id):
            async with self._shared.turns:
                reading = await self._shared.environment.workers.run(self._watch.read_plate, track, sight.time)
            self._read_times[track.id] = sight.time
            self._keep(track, reading)

    async def _search(self, sight: Sight, time: Time) -> None:
        """In the dark, where something moves and no vehicle is seen: look for plates themselves, once a second."""
        if not sight.dark or any(track.kind == "vehicle" for track in sight.seen):
            return
        if (self._searched is not None and time - self._searched < SECOND) or not self._shared.budget.take(
            self._id, 3.0
        ):
            return
        self._searched = time
        async with self._shared.turns:
            readings = await self._shared.environment.workers.run(self._watch.search_whole, time)
        for reading in readings:
            track = self._watch.track_of(reading)
            if track is not None:
                self._keep(track, reading)

    def _keep(self, track: Track, reading: FrameReading | None) -> None:
        collected = self._watch.readings.setdefault(track.id, TrackReading())
        if reading is None:
            collected.add_vain(track.box)
        else:
            collected.add(reading)

    def _announce(self, sight: Sight) -> None:
        ended = {track.id for track in sight.ended}
        for track in (*self._watch.tracker.tracks, *sight.ended):
            self._announce_one(track, sight.time or track.last_seen, track.id in ended)
        for track_id in ended:
            self._watch.readings.pop(track_id, None)
            self._read_times.pop(track_id, None)

    def _announce_one(self, track: Track, now: Time, ended: bool) -> None:
        reading = self._watch.readings.get(track.id)
        for observation in () if reading is None else self._announcer.observations(track, reading, now, ended):
            self._waiting.append(observation)
            if len(self._waiting) > _MOST_WAITING:
                self._lost_reads += 1
                _log.error("analyser.read_lost", camera=self._id, lost=self._lost_reads)
                self._waiting.pop(0)

    async def _hand_over(self) -> None:
        """Emit what waits, oldest first; what the receiver refuses is offered again at the next turn."""
        while self._waiting:
            await self._shared.emit(self._waiting[0])
            self._waiting.pop(0)

    async def finish(self) -> None:
        """Announce what the open tracks have."""
        for track in self._watch.tracker.close():
            self._announce_one(track, track.last_seen, ended=True)
        await self._hand_over()

    def state(self) -> AnalyserStateRow:
        """The camera's state since the last time that it was asked for."""
        clock, tally = self._shared.environment.clock, self._tally
        now, elapsed = clock.now(), clock.elapsed()
        seconds = max(0.001, elapsed - tally.since)
        behind = 0.0 if tally.looked is None else max(0.0, (now - tally.looked) / SECOND)
        row = AnalyserStateRow(
            camera_id=self._id,
            updated=now,
            analysed_fps=round(tally.analysed / seconds, 2),
            behind_s=round(behind, 3),
            dropped_frames=self._queue.dropped,
            vehicles_now=tally.vehicles,
            reads_total=self._announcer.announced,
        )
        tally.analysed, tally.since = 0, elapsed
        return row
