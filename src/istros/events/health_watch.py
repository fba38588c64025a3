"""Watches the streams' states and keeps the health of every camera, from tables only (docs/design/0022)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from istros.base.environment import Environment
from istros.base.time import DAY, HOUR, SECOND, Time, after, to_datetime
from istros.compliance.assessments import WARN_US, Clearance, clearances
from istros.devices.camera import Camera
from istros.events.audit_health import AUDIT_KINDS, audit_measures
from istros.events.bounds import bounds_of
from istros.events.health_alarms import HealthAlarms
from istros.events.health_record import note_changes
from istros.events.hysteresis import Hysteresis
from istros.events.repeating import repeat
from istros.events.stream_measures import Counters, Measured, learn, measure, usual_of
from istros.settings import HealthKind, HealthSettings
from istros.store import Database, Transaction
from istros.store.health import HealthStateRow, StreamUsualRow
from istros.store.rows import AnalyserStateRow, StreamStateRow

PERIOD_S = 2.0
"""Between two looks; the recorder writes its streams' states as often."""

FRESH = 10 * SECOND
"""Microseconds after which a state says nothing: then it is the recorder that is silent, not the camera."""

REFRESH_S = 30.0
"""Between two writings of figures that move although no state changed."""

LEARN_S = 60.0
FORGET_S = 3600.0
RECORDER_SILENT: HealthKind = "recorder-silent"
ANALYSIS_SHORT: HealthKind = "analysis-short"
REVIEW_DUE: HealthKind = "review-due"
REVIEW_OVERDUE: HealthKind = "review-overdue"
_OF_NO_STREAM = (RECORDER_SILENT, ANALYSIS_SHORT, REVIEW_DUE, REVIEW_OVERDUE, *AUDIT_KINDS)

LEAST_LOOKS = 10
"""Looks within the minute from which their share says something."""

Place = tuple[str, str, str]
"""Camera, stream and kind."""


@dataclass(slots=True)
class _Kept:
    """What is remembered of one stream."""

    promised_fps: float | None
    counters: Counters = field(default_factory=Counters)
    usuals: dict[int, StreamUsualRow] = field(default_factory=dict)


class HealthWatch:
    """Judges every stream every two seconds, writes what changed, and lets `HealthAlarms` call people."""

    def __init__(
        self,
        environment: Environment,
        database: Database,
        cameras: Sequence[Camera],
        settings: HealthSettings,
        authorities: Sequence[str] = (),
    ) -> None:
        self._environment = environment
        self._database = database
        self._authorities = tuple(authorities)
        self._settings = settings
        self._bounds = bounds_of(settings)
        self._streams = {
            (stream.key.camera_id, stream.key.name): _Kept(camera.fps_expected.get(stream.key.name))
            for camera in cameras
            for stream in camera.streams
        }
        self._cameras = {camera.id: camera.is_here for camera in cameras}
        self._machines: dict[Place, Hysteresis] | None = None
        self._told: dict[Place, Measured] = {}
        self._news: list[HealthStateRow] = []
        self._alarms = HealthAlarms(environment, database, cameras, settings)
        self._began = environment.clock.elapsed()
        self._refreshed = self._learned = self._forgot = self._began

    async def run(self, stop: asyncio.Event) -> None:
        """Look every two seconds until told to stop."""

        async def step() -> bool:
            await self.look()
            return False

        await repeat(self._environment, stop, PERIOD_S, "health watch", step)

    async def look(self) -> None:
        """Judge every stream once, then the alarms."""
        now, elapsed = self._environment.clock.now(), self._environment.clock.elapsed()
        learning = self._machines is None or elapsed - self._learned >= LEARN_S
        machines = self._machines if self._machines is not None else await self._restore(now, elapsed)
        anchors_days = self._settings.anchors_days
        rows, analysers, usuals, held, audit = await self._database.read(
            lambda tx: (
                tx.streams.all(), tx.analysers.all(), tx.health.usuals() if learning else None,
                clearances(tx, now, self._cameras), audit_measures(tx, self._authorities, anchors_days, now),
            )
        )  # fmt: skip
        if usuals is not None:
            self._take_usuals(usuals)
            self._learned = elapsed
        measures = (
            self._measures(rows, now, elapsed) | self._shortness(analysers, now) | self._reviews(held, now)
            | {each: None for each in machines if each[2] in AUDIT_KINDS} | audit
        )  # fmt: skip
        self._news += [self._row(machines, place, now) for place in self._judge(machines, measures, now, elapsed)]
        learned = self._learn(machines, rows, now) if learning else []
        due = elapsed - self._refreshed >= REFRESH_S
        if self._news or due or learned:
            await self._write([self._row(machines, place, now) for place in self._told] if due else [], learned)
            self._refreshed = elapsed if due else self._refreshed
        await self._alarms.look()
        await self._forget(elapsed)

    async def _write(self, standing: list[HealthStateRow], learned: list[StreamUsualRow]) -> None:
        """What changed waits until the database has taken it."""
        news = list(self._news)

        def work(tx: Transaction) -> None:
            note_changes(tx, self._environment, news, "health")
            tx.health.put(standing)
            tx.health.put_usuals(learned)

        await self._database.write(work)
        del self._news[: len(news)]

    async def _restore(self, now: Time, elapsed: float) -> dict[Place, Hysteresis]:
        """Go on where the last process stopped; what belongs to no configured stream is unknown from now on."""

        def work(tx: Transaction) -> dict[Place, Hysteresis]:
            found: dict[Place, Hysteresis] = {}
            orphans = []
            for row in tx.health.states():
                if (row.camera_id, row.stream) in self._streams or self._is_of_no_stream(row):
                    lately = tx.health.fallings(row.camera_id, row.stream, row.kind, Time(now - HOUR))
                    found[row.camera_id, row.stream, row.kind] = Hysteresis(row.state, row.since, [elapsed] * lately)
                elif row.state == "bad" and (row.stream or row.camera_id not in self._cameras):
                    orphans.append(HealthStateRow(row.camera_id, row.stream, row.kind, "unknown", now, now, None, None))
            note_changes(tx, self._environment, orphans, "health")
            return found

        self._machines = await self._database.write(work)
        return self._machines

    def _is_of_no_stream(self, row: HealthStateRow) -> bool:
        """Whether it is a state that belongs to no stream: the recorder's, or a configured camera's."""
        return row.kind in _OF_NO_STREAM and row.camera_id in {"", *self._cameras}

    def _take_usuals(self, rows: Sequence[StreamUsualRow]) -> None:
        for kept in self._streams.values():
            kept.usuals = {}
        for row in rows:
            found = self._streams.get((row.camera_id, row.stream))  # type: ignore[arg-type]
            if found is not None:
                found.usuals[row.hour] = row

    def _measures(self, rows: Sequence[StreamStateRow], now: Time, elapsed: float) -> dict[Place, Measured | None]:
        """What the recorder's rows tell, where they are fresh."""
        fresh = [row for row in rows if now - row.updated <= FRESH and (row.camera_id, row.stream) in self._streams]
        measures: dict[Place, Measured | None] = {
            ("", "", str(RECORDER_SILENT)): self._recorder_silence(rows, now, elapsed)
        }
        for row in fresh:
            for kind, measured in self._measure(row, now, elapsed).items():
                measures[row.camera_id, row.stream, kind] = measured
        return measures

    def _shortness(self, rows: Sequence[AnalyserStateRow], now: Time) -> dict[Place, Measured | None]:
        """Of each camera that is analysed, how many of the looks that were due could not be done for want of cores."""
        found: dict[Place, Measured | None] = {}
        for row in rows:
            if row.camera_id in self._cameras:
                known = now - row.updated <= FRESH and row.looks_wanted >= LEAST_LOOKS
                missed = 1 - row.looks_done / row.looks_wanted if known else 0.0
                told = Measured(max(0.0, missed), row.looks_done, row.looks_wanted) if known else None
                place = row.camera_id, "", str(ANALYSIS_SHORT)
                if told is not None or place in (self._machines or {}):
                    found[place] = told
        return found

    def _reviews(self, held: Mapping[str, Clearance], now: Time) -> dict[Place, Measured | None]:
        """Of each camera that films, whether the review of its assessment is near, or late; the value is the days left."""
        found: dict[Place, Measured | None] = {}
        for camera_id, clearance in held.items():
            left = None if clearance.due is None else (clearance.due - now) / DAY
            for kind, limit in ((REVIEW_DUE, WARN_US / DAY), (REVIEW_OVERDUE, 0.0)):
                place = camera_id, "", str(kind)
                if left is not None:
                    found[place] = Measured(float(left <= limit), round(left, 1))
                elif place in (self._machines or {}):
                    found[place] = None
        return found

    def _judge(
        self, machines: dict[Place, Hysteresis], measures: dict[Place, Measured | None], now: Time, elapsed: float
    ) -> list[Place]:
        """The places whose state changed."""
        changed = []
        for place, measured in measures.items():
            if measured is not None:
                self._told[place] = measured
            machine = machines.setdefault(place, Hysteresis("unknown", now))
            badness = None if measured is None else measured.badness
            if machine.step(badness, self._bounds[place[2]], now, elapsed):
                changed.append(place)
        return changed

    def _recorder_silence(self, rows: Sequence[StreamStateRow], now: Time, elapsed: float) -> Measured | None:
        """Seconds since the recorder last said anything; None while there is no camera that it could speak of."""
        if not self._streams:
            return None
        newest = max((row.updated for row in rows if (row.camera_id, row.stream) in self._streams), default=None)
        seconds = elapsed - self._began if newest is None else max(0.0, (now - newest) / SECOND)
        return Measured(seconds, seconds)

    def _measure(self, row: StreamStateRow, now: Time, elapsed: float) -> dict[HealthKind, Measured | None]:
        kept = self._streams[row.camera_id, row.stream]
        usual = usual_of(kept.usuals, to_datetime(now).hour)
        return measure(row, kept.promised_fps, usual, kept.counters, now, elapsed)

    def _row(self, machines: dict[Place, Hysteresis], place: Place, now: Time) -> HealthStateRow:
        machine, told = machines[place], self._told.get(place)
        camera, stream, kind = place
        value = None if told is None or machine.state == "unknown" else told.value
        bound = None if told is None else told.limit
        return HealthStateRow(camera, stream, kind, machine.state, machine.since, now, value, bound)

    def _learn(
        self, machines: dict[Place, Hysteresis], rows: Sequence[StreamStateRow], now: Time
    ) -> list[StreamUsualRow]:
        """One more minute of what is usual, of the streams that do well."""
        hour, found = to_datetime(now).hour, []
        for row in rows:
            kept = self._streams.get((row.camera_id, row.stream))
            if kept is None or row.status != "live" or now - row.updated > FRESH or row.bitrate_bps <= 0:
                continue
            if now - row.since > 60 * SECOND and self._does_well(machines, row):
                found += [learn(kept.usuals.get(slot), row, slot) for slot in (hour, -1)]
        return found

    def _does_well(self, machines: dict[Place, Hysteresis], row: StreamStateRow) -> bool:
        """Neither ill nor on the way to it: what is unusual must not become usual while it waits to be told."""
        for kind in ("bitrate", "frame-rate", "loss"):
            machine = machines.get((row.camera_id, row.stream, kind))
            if machine is not None and (machine.state == "bad" or machine.is_falling):
                return False
        return True

    async def _forget(self, elapsed: float) -> None:
        """Once an hour, remove history and signals whose time is over."""
        if elapsed - self._forgot < FORGET_S:
            return
        self._forgot = elapsed
        before = after(self._environment.clock.now(), -self._settings.history_days * 86_400)
        await self._database.write(lambda tx: (tx.health.remove_before(before), tx.signals.remove_before(before)))
