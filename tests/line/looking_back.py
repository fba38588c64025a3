"""A node with recordings whose every picture carries its own number, so that a test reads which one is on the glass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np

from istros.api.node import Node
from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.store.disk_local import LocalDisk
from istros.store.rows import GapCause, GapRow, SegmentRow, SegmentState, StreamName
from istros.video.codec_names import mime_type
from istros.video.fmp4 import Sample, fragment, init_segment
from istros.video.packet import Codec
from istros.video.parameter_sets import is_parameter_set, nal_type, parameters_of
from tests.api.site import Site, make_site
from tests.store.rows_made import alarm, read
from tests.video.encodes import split_annexb

FPS, GROUP, PER_SEGMENT = 25, 25, 250
FRAME_US = SECOND // FPS
SEGMENTS_BEFORE, SEGMENTS_AFTER, GAP_S = 3, 3, 20
WIDTH, HEIGHT, BITS = 320, 192, 16
BLOCK = WIDTH // BITS

NUMBER_OF = f"""(picture) => {{
  const canvas = document.createElement('canvas');
  canvas.width = {WIDTH}; canvas.height = {HEIGHT};
  const pen = canvas.getContext('2d', {{ willReadFrequently: true }});
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit++) {{
    const [red] = pen.getImageData(bit * {BLOCK} + {BLOCK // 2}, {HEIGHT // 2}, 1, 1).data;
    number = number * 2 + (red > 127 ? 1 : 0);
  }}
  return number;
}}"""
"""Reads the number in a picture (an image or a video of the page)."""


def numbered(number: int) -> av.VideoFrame:
    """A picture of sixteen bars: its number in binary, white for one."""
    bits = [255 * (number >> (BITS - 1 - place) & 1) for place in range(BITS)]
    row = np.repeat(np.array(bits, np.uint8), BLOCK)
    return av.VideoFrame.from_ndarray(np.tile(row, (HEIGHT, 1)), format="gray")


def number_in(pixels: np.ndarray) -> int:  # type: ignore[type-arg]
    """The number of a decoded picture (rows, columns, 3), of any size."""
    rows, columns = pixels.shape[:2]
    block = columns / BITS
    bits = [pixels[rows // 2, int(block * place + block / 2), 0] > 127 for place in range(BITS)]
    return int("".join("1" if bit else "0" for bit in bits), 2)


@lru_cache(maxsize=1)
def packets() -> tuple[list[list[bytes]], list[list[bytes]]]:
    """NAL units of every access unit; and the parameter sets of the first."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS, 1)
    context.options = {
        "preset": "ultrafast", "tune": "zerolatency",
        "x264-params": f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:repeat-headers=1:bframes=0",
    }  # fmt: skip
    units: list[bytes] = []
    for number in range((SEGMENTS_BEFORE + SEGMENTS_AFTER) * PER_SEGMENT):
        frame = numbered(number).reformat(format="yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in context.encode(frame)]
    units += [bytes(packet) for packet in context.encode(None)]
    nals = [split_annexb(unit) for unit in units]
    return nals, nals[:1]


@lru_cache(maxsize=16)
def segment(first: int) -> tuple[bytes, str]:
    """The file that begins with picture `first`, and its type."""
    nals, (head,) = packets()
    parameters = parameters_of(Codec.H264, head)
    assert parameters is not None
    pieces = [init_segment(parameters)]
    for number, at in enumerate(range(first, first + PER_SEGMENT, GROUP), 1):
        samples = [_sample(nals[place]) for place in range(at, at + GROUP)]
        pieces.append(fragment(number, (at - first) * 3600, samples))
    return b"".join(pieces), mime_type(parameters)


def _sample(nals: list[bytes]) -> Sample:
    kept = [nal for nal in nals if not is_parameter_set(Codec.H264, nal)]
    data = b"".join(len(nal).to_bytes(4, "big") + nal for nal in kept)
    return Sample(3600, data, any(nal_type(Codec.H264, nal) == 5 for nal in kept))


@dataclass(slots=True)
class Recorded:
    """A served node, and where its cameras' recordings begin: each a little later than the one before."""

    site: Site
    starts: dict[str, Time]

    def wall_of(self, camera: str, number: int) -> Time:
        """When the picture of that number was taken."""
        beyond = GAP_S * SECOND if number >= SEGMENTS_BEFORE * PER_SEGMENT else 0
        return Time(self.starts[camera] + number * FRAME_US + beyond)

    def number_at(self, camera: str, wall: int) -> int:
        """The number of the picture that is on the screen at a moment of the recording."""
        passed = wall - self.starts[camera]
        length = SEGMENTS_BEFORE * PER_SEGMENT * FRAME_US
        return (passed - (GAP_S * SECOND if passed >= length + GAP_S * SECOND else 0)) // FRAME_US


class _LookingBackSite(Site):
    __slots__ = ("cameras",)
    cameras: tuple[Camera, ...]

    def _node(self) -> Node:
        return replace(Site._node(self), cameras=self.cameras, web_folder=None)


def make_recorded(folder: Path, count: int) -> Recorded:
    """A node with `count` cameras, each a minute of pictures with a gap in the middle, an hour ago; not yet serving."""
    plain = make_site(folder)
    site = _LookingBackSite(plain.environment, plain.database, plain.relay, plain.folder)
    site.cameras = tuple(
        _camera(f"IZ-{number:02d}" if number % 2 else f"TL-{number:02d}") for number in range(1, count + 1)
    )
    begin = Time((site.environment.clock.now() - 3600 * SECOND) // SECOND * SECOND)
    starts = {camera.id: Time(begin + place * 7_000) for place, camera in enumerate(site.cameras)}
    recorded = Recorded(site, starts)
    disk = LocalDisk(folder / "recordings")
    for camera in site.cameras:
        for stream in camera.streams:
            _record(recorded, disk, camera.id, stream.key.name)
    _happenings(recorded)
    return recorded


def _camera(id: str) -> Camera:
    names: tuple[StreamName, ...] = ("main", "sub")
    streams = tuple(Stream(StreamKey(id, name), SecretUrl(f"rtsp://127.0.0.1/{id}/{name}")) for name in names)
    return Camera(
        id, Place(f"Gate {id}", "Izmail" if id[0] == "I" else "Tulcea", 45.35, 28.84), "izmail", streams, True, {}
    )


def _record(recorded: Recorded, disk: LocalDisk, camera: str, stream: StreamName) -> None:
    site = recorded.site
    for place in range(SEGMENTS_BEFORE + SEGMENTS_AFTER):
        first = place * PER_SEGMENT
        data, mime = segment(first)
        start, path = recorded.wall_of(camera, first), f"{camera}/{stream}/{place}.mp4"
        disk.append(path, data)
        row = SegmentRow(
            site.environment.ids.new(), camera, stream, start, Time(start + PER_SEGMENT * FRAME_US), path, len(data),
            PER_SEGMENT, mime, SegmentState.OPEN,
        )  # fmt: skip
        site.database.write_now(lambda tx, row=row: tx.segments.add(row))
        close = {"end": row.end, "size_bytes": row.size_bytes, "frames": row.frames, "sha256": "0" * 64}
        site.database.write_now(lambda tx, row=row, close=close: tx.segments.close(row.id, **close))


def _happenings(recorded: Recorded) -> None:
    site = recorded.site
    for number, camera in enumerate(recorded.starts):
        start = Time(recorded.wall_of(camera, SEGMENTS_BEFORE * PER_SEGMENT) - GAP_S * SECOND)
        row = GapRow(
            f"g{number}", camera, "main", start, Time(start + GAP_S * SECOND), GapCause.NETWORK, "switch restarted"
        )
        site.database.write_now(lambda tx, row=row: tx.gaps.open(row))
    camera = next(iter(recorded.starts))
    seen = replace(read(1), camera_id=camera, time=recorded.wall_of(camera, 200))
    raised = replace(alarm(1), camera_id=camera, time=recorded.wall_of(camera, 400))
    site.database.write_now(lambda tx: tx.reads.add(seen))
    site.database.write_now(lambda tx: tx.alarms.add(raised))
