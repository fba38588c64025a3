"""The recorder: owns the sessions of all its cameras' streams, their segments, their index and their deletion."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import structlog

from istros.base.environment import Environment
from istros.base.retry import Backoff
from istros.base.said import NOTHING
from istros.base.workers import Workers
from istros.devices.camera import Camera, StreamKey
from istros.recording.archive import Archive
from istros.recording.journal import Journal
from istros.recording.policy import RecordingPolicy
from istros.recording.repair import Survey, mend, survey
from istros.recording.schedule import note_schedules
from istros.recording.stream_recorder import StreamRecorder
from istros.recording.syncing import Syncer
from istros.recording.triggers import Triggers
from istros.recording.upkeep import Upkeep
from istros.store import Database
from istros.store.schedules import ScheduleChangeRow
from istros.video.fanout import Fanout
from istros.video.packet import PacketOpener

TICK_S = 0.5
STATE_TICKS = 4
DRAIN_S = 5.0
"""How long an orderly end waits for the disk."""

_LOG = structlog.get_logger("istros.recording")


class Recorder:
    """Records every stream of `cameras`; see docs/design/0011. Packets reach the fan-outs whatever else fails."""

    def __init__(
        self,
        environment: Environment,
        database: Database,
        archive: Archive,
        cameras: Sequence[Camera],
        opener: PacketOpener,
        policy: RecordingPolicy,
        upkeep_workers: Workers | None = None,
    ) -> None:
        self._environment = environment
        self._database = database
        self._archive = archive
        self._policy = policy
        self._journal = Journal(database)
        self._syncer = Syncer(environment)
        self.upkeep = Upkeep(environment, database, archive, policy, upkeep_workers or environment.workers)
        self._triggers = self._make_triggers(upkeep_workers or environment.workers)
        self._streams = {
            stream.key: StreamRecorder(environment, stream, opener, archive, self._journal, policy, self._syncer)
            for camera in cameras
            for stream in camera.streams
        }
        self._sound = {stream.key: stream.sound for camera in cameras for stream in camera.streams}

    def _make_triggers(self, workers: Workers) -> Triggers:
        world, policy = replace(self._environment, workers=workers), self._policy
        return Triggers(world, self._database.beside(workers), policy.events, policy.schedules.after_s, self._on_event)

    def _on_event(self, camera_id: str) -> list[StreamKey]:
        """The streams of a camera that are recorded on events at this moment."""
        now, schedules = self._environment.clock.now(), self._policy.schedules
        return [key for key in self._streams if key.camera_id == camera_id and schedules.of(key).at(now) == "event"]

    def fanout(self, key: StreamKey) -> Fanout | None:
        """Where the packets of a stream come out; None for a stream that this recorder does not own."""
        stream = self._streams.get(key)
        return None if stream is None else stream.fanout

    def admit(self, cameras: Mapping[str, bool]) -> None:
        """Film these cameras and no other; the value says whether their sound may be taken where it was asked for."""
        for key, stream in self._streams.items():
            stream.admit(key.camera_id in cameras, self._sound[key] and cameras.get(key.camera_id, False))

    async def run(self, stop: asyncio.Event) -> None:
        """Record until `stop` is set, then close segments and rows in order."""
        sessions = [
            asyncio.create_task(self._forever(str(key), partial(stream.run, self._jitter_s())))
            for key, stream in self._streams.items()
        ]
        others = [asyncio.create_task(stream.writer.run()) for stream in self._streams.values()]
        others.append(asyncio.create_task(self._begin_recording()))
        own = {"tick": self._tick, "index": self._keep_index, "sync": self._syncer.run, "triggers": self._triggers.run}
        steady: dict[str, Callable[[], Awaitable[object]]] = {**own, **self.upkeep.loops()}
        others += [asyncio.create_task(self._forever(name, work)) for name, work in steady.items()]
        try:
            await stop.wait()
        finally:
            await _end(sessions)
            await self._finish()
            await _end(others)

    def _jitter_s(self) -> float:
        """Streams connect spread over a little time, so that a restart is no storm for network and disk."""
        spread = min(self._policy.connect_spread_s * len(self._streams), self._policy.connect_spread_most_s)
        return self._environment.random.random() * spread

    async def _begin_recording(self) -> None:
        """Learn from index and disk where each stream stands, then let them record; what was left over is mended beside."""
        await self._until_done("schedule", self._note_schedules)
        backoff = Backoff(self._environment.random, 0.25, 5.0)
        found: Survey | None = None
        while found is None:
            try:
                found = await survey(self._environment, self._database, self._archive, list(self._streams))
            except Exception as error:
                _LOG.error("index-unreadable", error=str(error))
                await self._environment.clock.sleep(backoff.next_s())
        for key, stream in self._streams.items():
            stream.begin_recording(found.floors.get(key), found.gaps.get(key))
        surveyed = found
        await self._until_done("repair", lambda: mend(self._environment, self._database, self._archive, surveyed))

    async def _note_schedules(self) -> None:
        """The past is judged by the schedule of its time: what the configuration says now holds from now on."""
        now = self._environment.clock.now()
        rows = [
            ScheduleChangeRow(key.camera_id, key.name, now, self._policy.schedules.of(key).as_text())
            for key in self._streams
        ]
        await self._database.write(lambda tx: note_schedules(tx, self._environment, rows))

    async def _tick(self) -> None:
        count = 0
        while True:
            for stream in self._streams.values():
                stream.follow_schedule(self._triggers.until(stream.key.camera_id))
                stream.tick()
                if count % STATE_TICKS == 0:
                    self._journal.state(stream.state(self._journal.problem))
            count += 1
            await self._environment.clock.sleep(TICK_S)

    async def _keep_index(self) -> None:
        while True:
            await self._environment.clock.sleep(self._policy.index_s)
            await self._journal.flush()

    async def _until_done(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        backoff = Backoff(self._environment.random, 1.0, 60.0)
        while True:
            try:
                await work()
                return
            except Exception:
                _LOG.exception("part-failed", part=name)
                await self._environment.clock.sleep(backoff.next_s())

    async def _forever(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            await self._until_done(name, work)

    async def _finish(self) -> None:
        for stream in self._streams.values():
            stream.finish()
        clock = self._environment.clock
        deadline = clock.elapsed() + DRAIN_S
        while clock.elapsed() < deadline and not all(stream.writer.is_idle for stream in self._streams.values()):
            await clock.sleep(0.02)
        await self._syncer.drain(max(0.5, deadline - clock.elapsed()))
        for stream in self._streams.values():
            self._journal.state(stream.state(NOTHING))
        await self._journal.flush()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
