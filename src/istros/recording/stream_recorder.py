"""One stream of one camera: its session, which always comes back, its packets to the fan-out and to the writer."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.retry import Backoff
from istros.base.said import NOTHING, Said, say
from istros.base.time import DAY, Span, Time
from istros.devices.camera import Stream
from istros.recording.archive import Archive
from istros.recording.gaps import GapLedger, What
from istros.recording.journal import Journal
from istros.recording.policy import RecordingPolicy
from istros.recording.preroll import Preroll
from istros.recording.schedule import Mode, StreamSchedule
from istros.recording.segmenter import SegmentEnds, Segmenter
from istros.recording.syncing import Syncer
from istros.recording.writer import StreamWriter
from istros.store.rows import GapCause, GapRow, StreamStateRow, StreamStatus
from istros.video.errors import CameraSilent, CameraUnreachable, StreamBroken
from istros.video.fanout import Fanout
from istros.video.packet import Packet, PacketOpener, hand_on

NOTICED_S = 2.0
"""A sign of an event is noticed within this: signals are read each second, and the schedule is followed twice."""

SETTLED_S = 5.0
"""A session that lasted this long was a success: the next attempt comes quickly again."""

_RATE_WINDOWS = 3
_LOG = structlog.get_logger("istros.recording")


class Scheduled:
    """The schedule of a stream at this moment; `mode` is what the last look found."""

    def __init__(self, schedule: StreamSchedule) -> None:
        self._schedule = schedule
        self._span = Span(Time(0), Time(0))
        self.mode: Mode = schedule.mode

    def at(self, now: Time) -> Mode:
        """The mode now; worked out once for each stretch."""
        if not self._span.contains(now):
            self._span, self.mode = self._schedule.stretches(Span(now, Time(now + DAY)))[0]
        return self.mode


class StreamRecorder:
    """Owns one stream. No error leaves it, whatever its camera, the disk or the database do."""

    def __init__(
        self,
        environment: Environment,
        stream: Stream,
        opener: PacketOpener,
        archive: Archive,
        journal: Journal,
        policy: RecordingPolicy,
        syncer: Syncer,
    ) -> None:
        self.key = stream.key
        self.fanout = Fanout(stream.key)
        self._environment = environment
        self._stream = stream
        self._opener = opener
        self._policy = policy
        self._syncer = syncer
        self._ledger = GapLedger(stream.key, environment.ids, journal)
        self.writer = StreamWriter(environment, archive, stream.key, policy, journal, self._ledger, syncer)
        self._segmenter: Segmenter | None = None
        self._backoff = Backoff(environment.random)
        self._session: asyncio.Task[None] | None = None
        self._session_began = 0.0
        self._is_settled = False
        self._last_packet: float | None = None
        self._is_silent = False
        self._newest: Packet | None = None
        self._last_keyframe: Time | None = None
        self._status: StreamStatus = "starting"
        self._since = environment.clock.now()
        self._frames = self._bytes = self._lost = self._reconnects = 0
        self._counts: deque[tuple[float, int, int]] = deque(maxlen=_RATE_WINDOWS + 1)
        self._problem = NOTHING
        self._scheduled = Scheduled(policy.schedules.of(stream.key))
        self._is_wanted = True
        self._why = (GapCause.CAMERA, What("camera-silent", "The camera has not sent anything yet."))
        self._admitted = asyncio.Event()
        self._admitted.set()
        self._is_renewed = False
        """Whether the session was ended to be opened again at once, with sound or without."""
        self._preroll = Preroll(policy.schedules.before_s + NOTICED_S, policy.memory_bytes)
        self.unrecorded = 0
        """Packets that came while nothing could be recorded."""

    def begin_recording(self, floor: Time | None, gap: GapRow | None) -> None:
        """The index is known: record from `floor` on, inside the gap that lasts since then."""
        self._segmenter = Segmenter(self._policy, floor)
        self._ledger.restore(gap, None if gap is None else floor)
        if not self._is_wanted:
            self._ledger.unwanted(self._environment.clock.now())

    def admit(self, admitted: bool, sound: bool) -> None:
        """Film from now on, or not; with its sound or without, for which the session is opened anew. What ends, ends at once."""
        hears_otherwise = self._stream.sound != sound
        self._stream = replace(self._stream, sound=sound)
        if admitted and not self._admitted.is_set():
            self._admitted.set()
            self._set_status("starting")
            self._problem = NOTHING
        elif not admitted and self._admitted.is_set():
            self._admitted.clear()
            self._bar()
        if self._session is not None and (hears_otherwise or not admitted):
            self._is_renewed = admitted
            self._session.cancel()

    def _bar(self) -> None:
        """Nothing is taken from the camera, and the ledger says why."""
        self._end_segment()
        self._preroll.take()
        what = What("not-assessed", f"The assessment of camera {self.key.camera_id} is not in force.")
        self._missing(GapCause.PLANNED, what)
        self._set_status("barred")
        sentence = f"Camera {self.key.camera_id} does not film: its assessment is not in force."
        self._problem = say("not-assessed", sentence, camera=self.key.camera_id)

    def follow_schedule(self, event_until: Time) -> None:
        """Record or leave it, as the schedule and the camera's events say at this moment."""
        now = self._environment.clock.now()
        mode = self._scheduled.at(now)
        is_wanted = mode == "always" or (mode == "event" and now < event_until)
        if mode != "event":
            self._preroll.take()
        if is_wanted == self._is_wanted:
            return
        if is_wanted:
            self._is_wanted = True
            self._ledger.wanted()
            for packet in self._preroll.take():
                self._record(packet)
            if self._status != "live":
                self._ledger.missing(None, now, *self._why)
        else:
            self._end_segment()
            self._is_wanted = False
            self._ledger.unwanted(now)

    async def run(self, delay_s: float) -> None:
        """Keep a session open until cancelled."""
        await self._environment.clock.sleep(delay_s)
        while True:
            await self._admitted.wait()
            error = await self._one_session()
            if not self._admitted.is_set():
                self._bar()
                continue
            if self._is_renewed:
                self._is_renewed = False
                self._end_segment()
                continue
            self._session_ended(error)
            await self._environment.clock.sleep(self._backoff.next_s())
            self._reconnects += 1

    def tick(self) -> None:
        """Notice silence: write out what is in memory, open a gap, and end a session that is dead."""
        elapsed = self._environment.clock.elapsed()
        session = self._session
        if session is None or session.done():
            return
        quiet_s = elapsed - max(self._last_packet or 0.0, self._session_began)
        if quiet_s > self._policy.dead_s:
            session.cancel()
        elif quiet_s > self._policy.silence_s and self._status == "live":
            self._set_status("stale")
            quiet = f"Camera {self.key.camera_id} sends no pictures on its stream {self.key.name}."
            self._problem = say("no-pictures", quiet, camera=self.key.camera_id, stream=self.key.name)
            sentence = "The camera sent nothing although the connection stood."
            self._missing(GapCause.CAMERA, What("camera-silent", sentence))

    def finish(self) -> None:
        """The recorder ends in order: close the segment and say why nothing follows."""
        self._end_segment()
        self._missing(GapCause.PLANNED, What("recorder-stopped", "The recorder was stopped."))
        self._set_status("offline")
        self._problem = say("recorder-stopped", "The recorder was stopped.")
        self.fanout.close()

    def state(self, index_problem: Said) -> StreamStateRow:
        """How the stream does now; call it every two seconds, as the rates count from call to call."""
        parameters = self._newest.parameters if self._newest else None
        fps, bitrate = self._rates()
        offset_us = self._newest.clock_offset_us if self._newest else None
        return StreamStateRow(
            camera_id=self.key.camera_id,
            stream=self.key.name,
            status=self._status,
            since=self._since,
            updated=self._environment.clock.now(),
            recording=self._segmenter is not None and self._segmenter.is_recording and not self.writer.problem,
            codec=parameters.codec.value if parameters else "",
            width=parameters.width if parameters else 0,
            height=parameters.height if parameters else 0,
            fps=fps,
            bitrate_bps=bitrate,
            lost_packets=self._lost,
            reconnects=self._reconnects,
            last_keyframe=self._last_keyframe,
            problem=self._problem or self.writer.problem or self._syncer.problem or index_problem,
            clock_offset_ms=None if offset_us is None else round(offset_us / 1000),
        )

    async def _one_session(self) -> IstrosError:
        """Open the stream and take its packets until it ends; returns why it did."""
        self._session_began = self._environment.clock.elapsed()
        self._is_settled = False
        self._session = asyncio.create_task(self._read(), name=f"session-{self.key}")
        try:
            await self._session
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            told = say("sends-nothing", f"Camera {self.key.camera_id} sends nothing.", camera=self.key.camera_id)
            return CameraSilent(told, "Look whether it is on and not overloaded.")
        except IstrosError as error:
            return error
        except Exception as error:
            _LOG.exception("session-failed", stream=str(self.key))
            camera, stream, fault = self.key.camera_id, self.key.name, type(error).__name__
            told = say(
                "session-failed",
                f"Camera {camera}, stream {stream}: {fault}.",
                camera=camera,
                stream=stream,
                fault=fault,
            )
            return StreamBroken(told, "It is tried again; see the recorder's log if it stays so.")
        ended = f"Camera {self.key.camera_id} ended its stream {self.key.name}."
        return StreamBroken(
            say("stream-broke", ended, camera=self.key.camera_id, stream=self.key.name), "It is tried again."
        )

    async def _read(self) -> None:
        await hand_on(self._opener(self._stream), self._take, lambda: self.fanout.patience_s)

    def _take(self, packet: Packet) -> None:
        if not self._admitted.is_set():
            return
        self.fanout.publish(packet)
        elapsed = self._environment.clock.elapsed()
        self._last_packet = elapsed
        self._newest = packet
        self._frames += 1
        self._bytes += len(packet.data)
        self._lost += packet.lost_before
        if packet.is_key:
            self._last_keyframe = packet.time
        if self._status != "live":
            self._set_status("live")
            self._problem = NOTHING
        if not self._is_settled and elapsed - self._session_began > SETTLED_S:
            self._is_settled = True
            self._backoff.reset()
        self._record(packet)

    def _record(self, packet: Packet) -> None:
        if not self._is_wanted:
            if self._scheduled.mode == "event":
                self._preroll.push(packet)
            return
        if self._segmenter is None or not self.writer.accepts:
            self.unrecorded += 1
            if self._segmenter is not None:
                self.writer.refusing(None)
            return
        for cut in self._segmenter.push(packet):
            if not self.writer.offer(cut):
                self.unrecorded += 1 + self._segmenter.abandon()
                return

    def _session_ended(self, error: IstrosError) -> None:
        self._end_segment()
        away = isinstance(error, CameraUnreachable | StreamBroken)
        self._missing(GapCause.NETWORK if away else GapCause.CAMERA, What(error.code, error.message))
        self._set_status("offline")
        self._problem = error.said

    def _end_segment(self) -> None:
        if self._segmenter is None:
            return
        try:
            for cut in self._segmenter.finish():
                if not self.writer.offer(cut):
                    self._segmenter.abandon()
                    break
        except Exception:
            _LOG.exception("segment-abandoned", stream=str(self.key))
            self._segmenter.abandon()
            self.writer.offer(SegmentEnds(self._segmenter.end or self._environment.clock.now()))

    def _missing(self, cause: GapCause, what: What) -> None:
        self._why = (cause, what)
        since = None
        if self._segmenter is not None:
            for cut in self._segmenter.flush():
                if not self.writer.offer(cut):
                    self._segmenter.abandon()
                    break
            since = self._segmenter.end
        self._ledger.missing(since, self._environment.clock.now(), cause, what)

    def _set_status(self, status: StreamStatus) -> None:
        if status != self._status:
            self._status, self._since = status, self._environment.clock.now()

    def _rates(self) -> tuple[float, int]:
        """(frames a second, bits a second) over the last few calls."""
        self._counts.append((self._environment.clock.elapsed(), self._frames, self._bytes))
        (then, frames, count), (now, frames_now, count_now) = self._counts[0], self._counts[-1]
        if now <= then:
            return 0.0, 0
        return round((frames_now - frames) / (now - then), 1), round(8 * (count_now - count) / (now - then))
