"""The analyser: packets of many cameras in, plate reads out, within a budget, and no camera disturbs another.

A camera has one task that takes what came since its last turn and has it decoded and looked at in a worker. How often
follows from what moves there (`pace`); who comes first when the cores do not suffice, from the cameras' priority (`turns`).
Whatever waits is bounded: a camera that falls behind goes on at the newest keyframe, and says how many looks it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, StreamKey
from istros.recognition.announcer import Announcer
from istros.recognition.camera_watch import CameraWatch, Sight
from istros.recognition.detector import DetectorLike, StreetDetector
from istros.recognition.leave import Leave
from istros.recognition.main_pictures import MainPictures
from istros.recognition.observation import PlateRead, VehicleSeen
from istros.recognition.pace import Looks, Pace
from istros.recognition.packet_queue import PacketQueue
from istros.recognition.people_desk import PeopleDesk
from istros.recognition.people_task import HEAD_S, PeopleTask
from istros.recognition.picture_health import PictureBook
from istros.recognition.plate_spots import SpotBook
from istros.recognition.plates.reader import PlateReader
from istros.recognition.plates.track_reading import FrameReading, TrackReading
from istros.recognition.policy import AnalysisPolicy
from istros.recognition.read_budget import Price, ReadBudget
from istros.recognition.sub_pictures import PacketSizes
from istros.recognition.tracker import Track
from istros.recognition.turns import WEIGHTS, Turns
from istros.recognition.vehicle_looks import VehicleLooks
from istros.recognition.zones import PictureZones
from istros.store.plate_spots import PlateSpotRow
from istros.store.rows import AnalyserStateRow
from istros.video.decode import Decoder
from istros.video.packet import Packet

__all__ = ["Analyser", "AnalysisPolicy"]

ReadStream = Callable[[tuple[StreamKey, ...]], AsyncIterator[Packet]]
Emit = Callable[[PlateRead], Awaitable[None]]
Report = Callable[[list[AnalyserStateRow]], Awaitable[None]]
KeepSpots = Callable[[list[PlateSpotRow]], Awaitable[None]]
KeepVehicles = Callable[[list[VehicleSeen]], Awaitable[None]]
_MOST_PASSAGES = 500
"""Passages of a camera that wait while the store does not take them."""
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
    turns: Turns
    budget: ReadBudget
    price: Price
    read_stream: ReadStream
    emit: Emit
    pictures: PictureBook | None
    people: PeopleDesk | None


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
        keep_spots: KeepSpots | None = None,
        detector: DetectorLike | None = None,
        keep_vehicles: KeepVehicles | None = None,
        people: PeopleDesk | None = None,
    ) -> None:
        self._environment = environment
        self._report = report
        self._keep_spots = keep_spots
        self._keep_vehicles = keep_vehicles
        self._people = people
        self._policy = policy or AnalysisPolicy()
        clock = environment.clock
        budget = ReadBudget(clock, self._policy.reading_share, burst=2 * self._policy.reading_share)
        turns = Turns(clock, self._policy.workers)
        shared = _Shared(environment, self._policy, turns, budget, Price(), read_stream, emit, pictures, people)
        detector = detector or StreetDetector()
        reader = PlateReader() if any(camera.reads_plates for camera in cameras) else None
        self._cameras = [_CameraTask(camera, shared, detector, reader) for camera in cameras if camera.streams]

    def use_zones(self, zones: Mapping[str, PictureZones]) -> None:
        """Look at cameras, by their ids, by these zones from their next look on."""
        for camera in self._cameras:
            camera.new_zones = zones.get(camera.id, camera.new_zones)

    def use_leaves(self, leaves: Mapping[str, Leave]) -> None:
        """Look only for what each camera, by its id, may be looked at for, from its next look on."""
        for camera in self._cameras:
            camera.new_leave = leaves.get(camera.id, camera.new_leave)

    async def run(self, stop: asyncio.Event) -> None:
        """Analyse until `stop` is set; then announce what the open tracks have and return."""
        tasks = [
            asyncio.create_task(coroutine)
            for camera in self._cameras
            for coroutine in (camera.receive(), camera.watch())
        ]
        tasks += [asyncio.create_task(self._report_always()), asyncio.create_task(self._spots_always())]
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(camera.finish() for camera in self._cameras), return_exceptions=True)
            await self._hand_spots_over()
            await self._hand_vehicles_over()
            await self._hand_people_over()

    async def _report_always(self) -> None:
        while True:
            await self._environment.clock.sleep(self._policy.report_s)
            try:
                await self._report([camera.state() for camera in self._cameras])
            except Exception as error:
                _log.warning("analyser.report_failed", problem=str(error))
            await self._hand_vehicles_over()
            await self._hand_people_over()

    async def _hand_people_over(self) -> None:
        """What the store does not take waits for the next time, within the bound of each camera."""
        tasks = [camera.people for camera in self._cameras if camera.people is not None]
        if self._people is None or not tasks:
            return
        taken = [(task, task.take()) for task in tasks]
        try:
            await self._people.keep([report for _, report in taken if not report.is_empty])
        except BaseException as error:  # also when told to stop in the middle
            for task, report in taken:
                task.give_back(report)
            if not isinstance(error, Exception):
                raise
            _log.warning("analyser.people_failed", problem=str(error))

    async def _hand_vehicles_over(self) -> None:
        """What the store does not take waits for the next time, within the bound of each camera."""
        if self._keep_vehicles is None:
            return
        taken = [(camera, camera.take_passages()) for camera in self._cameras]
        try:
            await self._keep_vehicles([passage for _, passages in taken for passage in passages])
        except (
            BaseException
        ) as error:  # also when told to stop in the middle: they are handed over once more at the end
            for camera, passages in taken:
                camera.give_back(passages)
            if not isinstance(error, Exception):
                raise
            _log.warning("analyser.vehicles_failed", problem=str(error))

    async def _spots_always(self) -> None:
        while True:
            await self._environment.clock.sleep(self._policy.spots_s)
            await self._hand_spots_over()

    async def _hand_spots_over(self) -> None:
        """What the store does not take counts again the next time."""
        if self._keep_spots is None:
            return
        taken = [(camera.spots, camera.spots.take()) for camera in self._cameras]
        try:
            await self._keep_spots([row for _, rows in taken for row in rows])
        except Exception as error:
            for book, rows in taken:
                book.give_back(rows)
            _log.warning("analyser.spots_failed", problem=str(error))


class _CameraTask:
    """One camera: receives, waits for its turn, looks, reads, announces."""

    def __init__(self, camera: Camera, shared: _Shared, detector: DetectorLike, reader: PlateReader | None) -> None:
        self.id = camera.id
        self.new_zones: PictureZones | None = None
        """Zones to look by from the next look on."""
        self.new_leave: Leave | None = None
        """What may be looked for from the next look on."""
        self._shared = shared
        sub, main = camera.stream("sub"), camera.stream("main")
        looked_at = sub or main or camera.streams[0]
        self._looked_at = looked_at.key
        reads = camera.reads_plates and reader is not None
        self._reader = reader if reads else None
        faces = shared.people is not None and bool(camera.face_zone)
        separate = (reads or faces) and main is not None and main is not looked_at
        self._main = MainPictures(Decoder) if separate else None
        self._keys = (looked_at.key, main.key) if separate and main is not None else (looked_at.key,)
        self._queue = PacketQueue(shared.policy.ring_packets)
        self._stirred = asyncio.Event()
        new_id = shared.environment.ids.new
        zones = PictureZones.of(camera)
        self._watch = CameraWatch(shared.policy, detector, self._reader, Decoder, new_id, self._main, zones)
        self._watch.picture = None if shared.pictures is None else shared.pictures.health_of(camera.id)
        self._weight = WEIGHTS[camera.priority]
        self._pace, self._looks, self._sizes = Pace(shared.policy), Looks(), PacketSizes()
        self._waiting_since: float | None = None
        self._vehicles = VehicleLooks(camera.id, new_id, camera.bearing)
        self._watch.vehicles = self._vehicles
        self.people = None if shared.people is None else PeopleTask(camera, shared.people, new_id)
        self._watch.people = None if self.people is None else self.people.watch
        self._announcer = Announcer(camera.id, shared.policy, new_id, camera.bearing, self._vehicles)
        self._passages: list[VehicleSeen] = []
        self._lost_passages = 0
        self._own_budget = ReadBudget(shared.environment.clock, shared.policy.reads_per_camera, burst=2.0)
        self.spots = SpotBook(camera.id)
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
                _log.info("analyser.packets_ended", camera=self.id, problem=str(error))
            await self._shared.environment.clock.sleep(self._shared.policy.retry_s)

    def _take(self, packet: Packet) -> None:
        if packet.key == self._looked_at:
            if self._waiting_since is None:
                self._waiting_since = self._shared.environment.clock.elapsed()
            self._queue.push(packet)
            if self._pace.is_idle and self._sizes.is_large(packet):
                self._stirred.set()
        elif self._main is not None:
            self._main.push(packet)

    async def watch(self) -> None:
        """Look again and again, as often as what moves there asks for; an error costs this camera one look."""
        clock = self._shared.environment.clock
        due, interval = clock.elapsed(), 0.0
        while True:
            packets = await self._queue.pull()
            ready = max(due, self._waiting_since or due)
            self._waiting_since = None
            stirred = self._stirred.is_set()
            self._stirred.clear()
            began = clock.elapsed()
            try:
                began = await self._turn(packets, stirred)
            except Exception as error:
                self._watch.forget_decoders()
                self._queue.wait_for_keyframe()
                _log.warning("analyser.look_failed", camera=self.id, problem=f"{type(error).__name__}: {error}")
            if interval:
                self._looks.note(began, began - ready, interval)
            interval = self._pace.interval_s(self._tally.looked or Time(0))
            due = began + interval
            await self._wait_until(due)

    async def _wait_until(self, due: float) -> None:
        """Until the next look is due; an idle camera whose packets suddenly grow is looked at once."""
        clock = self._shared.environment.clock
        shortest = 1 / self._shared.policy.frames_per_second
        while (left := due - clock.elapsed()) > 1e-6 and not self._stirred.is_set():
            await clock.sleep(min(shortest, left))

    async def _turn(self, packets: list[Packet], stirred: bool) -> float:
        """One look and what follows from it; returns when it began, in the clock's elapsed seconds."""
        idle = self._pace.is_idle and not stirred
        async with self._shared.turns.turn(self.id, self._weight):
            began = self._shared.environment.clock.elapsed()
            if self.new_zones is not None:
                self._watch.use_zones(self.new_zones)
                self.new_zones = None
            if self.new_leave is not None:
                self._use_leave(self.new_leave)
                self.new_leave = None
            if self.people is not None:
                self.people.follow_desk()
            sight = await self._shared.environment.workers.run(self._watch.look, packets, idle)
        self._drop(sight.lost)
        if sight.time is None:
            return began
        if sight.picture is not None and self._shared.pictures is not None:
            self._shared.pictures.take(self.id, sight.picture)
        self._pace.see(sight.time, sight.moved, sight.seen)
        self._tally.looked = sight.time
        if sight.analysed:
            self._tally.analysed += 1
            self._tally.vehicles = sum(track.kind == "vehicle" for track in sight.seen)
            self.spots.see_vehicles(sight.seen)
        try:
            await self._read(sight)
        finally:  # a track ends once: what was read of it before must not be lost with a reading that fails
            self._announce(sight)
        await self._look_at_people(sight)
        await self._hand_over()
        return began

    def _use_leave(self, leave: Leave) -> None:
        self._watch.leave = leave
        self._watch.reader = self._reader if leave.plates else None
        if not leave.plates:
            self._watch.readings.clear()
        if self.people is not None:
            self.people.leave = leave

    def _drop(self, tracks: tuple[Track, ...]) -> None:
        """Nothing follows from what was seen of these: neither read nor passage nor person."""
        for track in tracks:
            self._watch.readings.pop(track.id, None)
            self._read_times.pop(track.id, None)
            self._vehicles.forget(track.id)
            if self.people is not None:
                self.people.forget(track)

    async def _look_at_people(self, sight: Sight) -> None:
        """Faces come after plates: they take what the budget of the cores has left."""
        people, workers = self.people, self._shared.environment.workers
        if people is None or sight.time is None:
            return
        due = people.due(sight.seen, self._watch.rows, sight.time)
        if due and self._shared.budget.spare(HEAD_S * len(due)):
            async with self._shared.turns.turn(self.id, self._weight):
                found = await workers.run(self._watch.people_picture, sight.time)
                if found is not None:
                    await workers.run(people.look, found[0], due, found[1])
        if sight.ended:
            await workers.run(people.end, sight.ended)

    async def _read(self, sight: Sight) -> None:
        """Spend a reading on the best chance, when there is one and the budgets allow it."""
        if self._watch.reader is None or sight.time is None:
            return
        if not sight.analysed:
            if self._pace.is_idle:
                self._watch.rest()
            return
        self._let_go(sight.seen)
        # Also those that have just left: a keyframe may show them.
        open_tracks = [track for track in self._watch.tracker.tracks if not self._announcer.is_done(track.id)]
        chance = self._watch.best_chance(open_tracks, sight.time, self._read_times)
        price = self._shared.price
        if chance is None:
            await self._search(sight, sight.time)
        elif self._own_budget.take(self.id) and self._shared.budget.take(self.id, price.reading_s):
            async with self._shared.turns.turn(self.id, self._weight):
                began = self._shared.environment.clock.elapsed()
                reading = await self._shared.environment.workers.run(self._watch.read_plate, chance)
                price.learn(self._shared.environment.clock.elapsed() - began)
            self._read_times[chance.track.id] = sight.time
            self._keep(chance.track, reading)

    def _let_go(self, seen: tuple[Track, ...]) -> None:
        """Open tracks anew whose vehicle was announced and has driven away: they often go over to the next one."""
        for track in seen:
            if self._announcer.is_done(track.id) and self._watch.chances.is_gone(track):
                self._announcer.let_go(track)
                self._watch.readings.pop(track.id, None)
                self._read_times.pop(track.id, None)

    async def _search(self, sight: Sight, time: Time) -> None:
        """In the dark, where something moves and no vehicle is seen: look for plates themselves, once a second."""
        if not sight.dark or any(track.kind == "vehicle" for track in sight.seen):
            return
        if (self._searched is not None and time - self._searched < SECOND) or not self._shared.budget.take(
            self.id, self._shared.price.search_s
        ):
            return
        self._searched = time
        async with self._shared.turns.turn(self.id, self._weight):
            readings = await self._shared.environment.workers.run(self._watch.search_whole, time)
        for reading in readings:
            track = self._watch.track_of(reading, time)
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
        for track in sight.ended:
            self._keep_passage(track)
        for track_id in ended:
            self._watch.readings.pop(track_id, None)
            self._read_times.pop(track_id, None)

    def _announce_one(self, track: Track, now: Time, ended: bool) -> None:
        reading = self._watch.readings.get(track.id)
        for observation in () if reading is None else self._announcer.observations(track, reading, now, ended):
            self.spots.see_plate(observation.plate_box)
            self._waiting.append(observation)
            if len(self._waiting) > _MOST_WAITING:
                self._lost_reads += 1
                _log.error("analyser.read_lost", camera=self.id, lost=self._lost_reads)
                self._waiting.pop(0)

    def _keep_passage(self, track: Track) -> None:
        if not self._watch.leave.vehicles:
            self._vehicles.forget(track.id)
            return
        passage = self._vehicles.passage(track)
        if passage is not None:
            self._keep_newest([*self._passages, passage])

    def take_passages(self) -> list[VehicleSeen]:
        """The vehicles that have passed since the last time; they are handed over with this."""
        taken, self._passages = self._passages, []
        return taken

    def give_back(self, passages: list[VehicleSeen]) -> None:
        """They were not taken, and wait before those that came since."""
        self._keep_newest([*passages, *self._passages])

    def _keep_newest(self, passages: list[VehicleSeen]) -> None:
        """The oldest give way when too many wait, and are counted."""
        lost = max(0, len(passages) - _MOST_PASSAGES)
        if lost:
            self._lost_passages += lost
            _log.error("analyser.passages_lost", camera=self.id, lost=self._lost_passages)
        self._passages = passages[lost:]

    async def _hand_over(self) -> None:
        """Emit what waits, oldest first; what the receiver refuses is offered again at the next turn."""
        while self._waiting:
            await self._shared.emit(self._waiting[0])
            self._waiting.pop(0)

    async def finish(self) -> None:
        """Announce what the open tracks have."""
        ended = self._watch.tracker.close()
        for track in ended:
            self._announce_one(track, track.last_seen, ended=True)
            self._keep_passage(track)
        if self.people is not None:
            self.people.end(ended)
        await self._hand_over()

    def state(self) -> AnalyserStateRow:
        """The camera's state since the last time that it was asked for."""
        clock, tally = self._shared.environment.clock, self._tally
        now, elapsed = clock.now(), clock.elapsed()
        seconds = max(0.001, elapsed - tally.since)
        behind = 0.0 if tally.looked is None else max(0.0, (now - tally.looked) / SECOND)
        wanted, done = self._looks.within(elapsed)
        row = AnalyserStateRow(
            camera_id=self.id,
            updated=now,
            analysed_fps=round(tally.analysed / seconds, 2),
            behind_s=round(behind, 3),
            dropped_frames=self._queue.dropped,
            vehicles_now=tally.vehicles,
            reads_total=self._announcer.announced,
            looks_wanted=wanted,
            looks_done=done,
        )
        tally.analysed, tally.since = 0, elapsed
        return row
