"""Real cameras over RTSP, the real recorder, SQLite and a disk that a test can make slow: what the pressure tests press."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from istros.base.environment import Environment
from istros.base.time import SECOND, Span, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.recording.archive import Archive
from istros.recording.check import check
from istros.recording.policy import RecordingPolicy
from istros.recording.recorder import Recorder
from istros.sim.cameras import CameraServer, SimulatedCamera, serve_cameras
from istros.sim.clips import clips
from istros.store import Database, open_database
from istros.store.disk import Disk
from istros.store.disk_local import LocalDisk
from istros.store.rows import GapRow, SegmentRow
from istros.video.fmp4 import walk_fragments
from istros.video.rtsp import open_rtsp

EVER = Span(Time(0), Time(1 << 60))
POLICY = RecordingPolicy(bytes_max=1 << 40, free_bytes_min=0, segment_s=4, fragment_s=0.5)


class PressedDisk(LocalDisk):
    """A real folder whose writes take `delay_s` longer, or fail as those of a file system that turned read-only."""

    delay_s = 0.0
    is_read_only = False

    def append(self, path: str, data: bytes) -> None:
        """Write, late or not at all."""
        time.sleep(self.delay_s)
        if self.is_read_only:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        super().append(path, data)


@dataclass(slots=True)
class Site:
    """A recorder at work on simulated cameras."""

    environment: Environment
    server: CameraServer
    recorder: Recorder
    database: Database
    disk: Disk
    cameras: Sequence[Camera]

    async def wait(self, seconds: float) -> None:
        """Let it run."""
        await self.environment.clock.sleep(seconds)

    async def until_recorded(self, segments: int) -> None:
        """Until each stream has so many closed segments."""
        async with asyncio.timeout(120):
            while await self.fewest_segments() <= segments:
                await self.environment.clock.sleep(0.1)

    async def fewest_segments(self) -> int:
        """Of the stream that has fewest."""
        return min([len(await self.segments(key)) for key in self.keys])

    @property
    def keys(self) -> list[StreamKey]:
        """Every stream."""
        return [stream.key for camera in self.cameras for stream in camera.streams]

    async def segments(self, key: StreamKey) -> list[SegmentRow]:
        """Its segments, by start."""
        return await self.database.read(lambda tx: tx.segments.between(key.camera_id, key.name, EVER))

    async def gaps(self, key: StreamKey) -> list[GapRow]:
        """Its gaps but for the one before the recorder began and the one after it ended."""
        rows = await self.database.read(lambda tx: tx.gaps.between(key.camera_id, key.name, EVER))
        return [row for row in rows if row.cause.value not in ("recorder", "planned")]

    async def longest_gap_s(self) -> float:
        """Over all streams."""
        lengths = [
            ((gap.end or self.environment.clock.now()) - gap.start) for key in self.keys for gap in await self.gaps(key)
        ]
        return max(lengths, default=0) / SECOND


def site_cameras(port: int, count: int, streams: Sequence[str] = ("main",)) -> list[Camera]:
    """Cameras as the configuration would make them."""
    return [
        Camera(
            name := f"P-{number:02d}",
            Place("Pressure", "Izmail"),
            "City",
            tuple(
                Stream(StreamKey(name, stream), SecretUrl(f"rtsp://127.0.0.1:{port}/{name}/{stream}"))  # type: ignore[arg-type]
                for stream in streams
            ),
        )
        for number in range(count)
    ]


@asynccontextmanager
async def recording(
    environment: Environment,
    folder: Path,
    count: int = 2,
    disk: Disk | None = None,
    policy: RecordingPolicy = POLICY,
) -> AsyncIterator[Site]:
    """A recorder on `count` cameras of the simulated city; in the end everything must agree."""
    films = clips()
    served = [
        SimulatedCamera(f"P-{number:02d}", films[number % len(films)].sub_path, films[number % len(films)].sub_path)
        for number in range(count)
    ]
    server = await serve_cameras(served, "127.0.0.1", 0, environment)
    cameras = site_cameras(server.port, count)
    disk = disk or LocalDisk(folder / "recordings")
    stop = asyncio.Event()
    with closing(open_database(f"sqlite:///{folder}/index.sqlite3", environment.workers)) as database:
        recorder = Recorder(environment, database, Archive.of(disk), cameras, open_rtsp(environment), policy)
        running = asyncio.create_task(recorder.run(stop))
        try:
            yield Site(environment, server, recorder, database, disk, cameras)
        finally:
            stop.set()
            await running
            await server.close()
        report = await check(environment, database, Archive.of(disk), repair=False)
        assert report.findings == []


def frames_in(disk: Disk, rows: Sequence[SegmentRow]) -> int:
    """Pictures in the files of these segments."""
    return sum(fragment.frames for row in rows for fragment in walk_fragments(disk.read(row.path)))


def tell(name: str, **figures: object) -> None:
    """Print a line of figures; `pytest -s` shows it, docs/benchmarks/pressure.md keeps it."""
    print(f"\n{name}: " + ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in figures.items()))
