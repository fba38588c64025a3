"""Recorded footage without a recorder: segments of a test pattern on a disk, with their rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.recording.archive import Archive
from istros.recording.files import path_of
from istros.store import Database, open_database
from istros.store.disk_local import LocalDisk
from istros.store.exports import ExportJobRow, ExportKind, ExportState
from istros.store.rows import GapCause, GapRow, SegmentRow, SegmentState
from istros.video.codec_names import mime_type
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.packet import Codec, Packet
from tests.video.packets import packets_of

START = Time(1_795_000_000 * SECOND)
FPS, GOP, FRAMES = 10, 10, 40
SEGMENT_US = FRAMES * SECOND // FPS


@dataclass(slots=True)
class Footage:
    """A node's recordings, as an exporter reads them."""

    environment: Environment
    database: Database
    archive: Archive
    disk: LocalDisk
    cameras: tuple[Camera, ...]

    def record(self, camera_id: str, number: int, codec: Codec = Codec.H264, **settings: object) -> SegmentRow:
        """A closed segment of four seconds, the `number`-th after START."""
        key = StreamKey(camera_id, "main")
        start = Time(START + number * SEGMENT_US)
        packets = packets_of(
            codec, fps=FPS, key=key, **{"width": 320, "height": 240, "frames": FRAMES, "gop": GOP} | settings
        )
        data = as_file(packets, start)
        path = path_of(key, start)
        self.disk.append(path, data)
        end = Time(start + SEGMENT_US)
        row = SegmentRow(
            f"{camera_id}-{number}", camera_id, "main", start, end, path, len(data), FRAMES,
            mime_type(packets[0].parameters), SegmentState.OPEN,
        )  # fmt: skip

        def add(tx: object) -> None:
            tx.segments.add(row)  # type: ignore[attr-defined]
            digest = hashlib.sha256(data).hexdigest()
            tx.segments.close(row.id, end=end, size_bytes=len(data), frames=FRAMES, sha256=digest)  # type: ignore[attr-defined]

        self.database.write_now(add)
        found = self.database.read_now(lambda tx: tx.segments.get(row.id))
        assert found is not None
        return found

    def lose(self, camera_id: str, number: int) -> None:
        """A gap where a segment would be."""
        start = Time(START + number * SEGMENT_US)
        gap = GapRow(f"g{number}", camera_id, "main", start, Time(start + SEGMENT_US), GapCause.NETWORK, "no link")
        self.database.write_now(lambda tx: tx.gaps.open(gap))

    def order(self, first: float, last: float, kind: ExportKind = "exact", **more: object) -> ExportJobRow:
        """An export of the seconds from `first` to `last` after START."""
        job = ExportJobRow(
            self.environment.ids.new(), ExportState.WAITING, kind, tuple(camera.id for camera in self.cameras), "main",
            at(first), at(last), kind == "exact", '{"fields":[],"people":true,"plates":true}', "a theft", "en",
            self.environment.clock.now(), "olena", "police", "p1", "P-2026-0001", "offence", "Art. 40", "C-17",
            **more,  # type: ignore[arg-type]
        )  # fmt: skip
        self.database.write_now(lambda tx: tx.exports.add(job))
        return job


def at(seconds: float) -> Time:
    """A moment after START."""
    return Time(START + round(seconds * SECOND))


def as_file(packets: list[Packet], start: Time) -> bytes:
    """A segment as the recorder writes it: one fragment a second."""
    ticks = 90_000 // FPS
    samples = [Sample(ticks, packet.data, packet.is_key) for packet in packets]
    data = init_segment(packets[0].parameters)
    for number, first in enumerate(range(0, len(samples), FPS)):
        wall = Time(start + first * SECOND // FPS)
        data += fragment(number + 1, first * ticks, samples[first : first + FPS], wall)
    return data


def camera(camera_id: str) -> Camera:
    """A camera with one stream."""
    stream = Stream(StreamKey(camera_id, "main"), SecretUrl(f"rtsp://eye:secret@127.0.0.1/{camera_id}"))
    return Camera(camera_id, Place("Harbour <gate>", "Izmail", 45.3, 28.8), "izmail", (stream,), True, {"main": 10.0})


def make_footage(environment: Environment, folder: Path, *cameras: str) -> Footage:
    """An empty node."""
    database = open_database(f"sqlite:///{folder / 'istros.sqlite3'}", environment.workers)
    disk = LocalDisk(folder / "recordings")
    return Footage(environment, database, Archive.of(disk), disk, tuple(camera(each) for each in cameras or ("IZ-07",)))
