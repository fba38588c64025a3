"""Cameras whose streams do what a test says, and the watch that looks at them every two seconds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from istros.base.environment import Environment
from istros.base.said import NOTHING
from istros.base.time import Time, after
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.events.health_watch import PERIOD_S, HealthWatch
from istros.settings import HealthSettings
from istros.store import Database
from istros.store.rows import AlarmRow, StreamName, StreamStateRow, StreamStatus
from tests.events.city import START, HandClock

BOTH: tuple[StreamName, StreamName] = ("main", "sub")


def camera(name: str, host: str, network: str = "") -> Camera:
    """A camera with two streams that promises 25 and 10 frames a second."""
    streams = tuple(Stream(StreamKey(name, each), SecretUrl(f"rtsp://a:b@{host}:554/{each}")) for each in BOTH)
    return Camera(
        name, Place(name, "Izmail"), "Izmail", streams, fps_expected={"main": 25.0, "sub": 10.0}, network=network
    )


@dataclass
class Ward:
    """Moves the clock on, writes the streams' rows as a recorder does, and lets the watch look."""

    environment: Environment
    clock: HandClock
    database: Database
    cameras: list[Camera]
    settings: HealthSettings = field(default_factory=HealthSettings)
    rows: dict[tuple[str, str], StreamStateRow] = field(default_factory=dict)
    silent: bool = False
    """While true the recorder writes nothing."""

    def __post_init__(self) -> None:
        self.watch = self.restarted()
        for each in self.cameras:
            for name in BOTH:
                self.rows[each.id, name] = StreamStateRow(
                    camera_id=each.id, stream=name, status="live", since=START, updated=START, recording=True,
                    codec="h264", width=640, height=360, fps=25.0 if name == "main" else 10.0, bitrate_bps=400_000,
                    lost_packets=0, reconnects=0, last_keyframe=START, problem=NOTHING,
                )  # fmt: skip

    def restarted(self) -> HealthWatch:
        """A watch that knows only what is in the tables."""
        self.watch = HealthWatch(self.environment, self.database, self.cameras, self.settings)
        return self.watch

    def set(self, camera_id: str, status: StreamStatus, streams: tuple[StreamName, ...] = BOTH) -> None:
        """The camera's streams become so now."""
        for name in streams:
            self.rows[camera_id, name] = replace(self.rows[camera_id, name], status=status, since=self.clock.time)

    def change(self, camera_id: str, stream: StreamName = "main", **values: object) -> None:
        """Figures of one stream."""
        self.rows[camera_id, stream] = replace(self.rows[camera_id, stream], **values)  # type: ignore[arg-type]

    def run(self, seconds: float) -> list[AlarmRow]:
        """Let time pass; returns the alarms that are not closed."""
        end = after(self.clock.time, seconds)
        while self.clock.time < end:
            self.clock.time = Time(min(end, after(self.clock.time, PERIOD_S)))
            for key, row in self.rows.items():
                fresh = self.clock.time if row.status == "live" else row.last_keyframe
                keyframe = row.last_keyframe if row.problem.text == "no keyframes" else fresh
                self.rows[key] = replace(row, updated=self.clock.time, last_keyframe=keyframe)
            if not self.silent:
                self.database.write_now(lambda tx: tx.streams.put(list(self.rows.values())))
            asyncio.run(self.watch.look())
        return self.open()

    def open(self) -> list[AlarmRow]:
        """Alarms that are not closed."""
        return self.database.read_now(lambda tx: tx.alarms.by_states(("new", "acknowledged"), 1000))

    def all(self) -> list[AlarmRow]:
        """Every alarm that there ever was."""
        return self.database.read_now(lambda tx: tx.alarms.by_states(("new", "acknowledged", "closed"), 1000))

    def acknowledge(self, alarm: AlarmRow) -> None:
        """An operator takes it."""
        self.database.write_now(lambda tx: tx.alarms.acknowledge(alarm.id, self.clock.time, "olena"))

    def actions(self) -> list[str]:
        """What the audit log says, oldest first."""
        return [row.action for row in self.database.read_now(lambda tx: tx.audit.walk())]
