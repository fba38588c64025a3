"""The cameras of the measurement: busy ones show the simulated city's clips, idle ones a street where nothing moves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from istros.base.time import SECOND, Time
from istros.devices.camera import Camera, Place, SecretUrl, Stream, StreamKey
from istros.sim.clips import FOLDER as CLIPS
from istros.store.rows import StreamName
from istros.video.clip_file import Clip, read_clip
from istros.video.files import frames_of
from istros.video.packet import MEDIA_RATE, Packet

SCENES = (
    "izmail-avenue", "izmail-harbour-gate", "tulcea-dusk", "tulcea-ferry", "izmail-crossroads", "tulcea-square",
)  # fmt: skip
_FOLDER = Path(tempfile.gettempdir()) / "istros-bench-analysis"
_IDLE_SECONDS = 6
_NOISE = 2.0
"""Standard deviation of an idle picture's noise in grey levels: a sensor's by day."""
_SHAPES: dict[StreamName, tuple[int, int]] = {"sub": (10, 10), "main": (25, 50)}
"""Pictures a second, and pictures from one keyframe to the next, as the clips have them."""
STREAMS: tuple[StreamName, ...] = ("sub", "main")


@dataclass(frozen=True, slots=True)
class Filmed:
    """One simulated camera: what it shows, and when its film begins in seconds after the others'."""

    id: str
    scene: str
    is_busy: bool
    offset_s: float

    def camera(self) -> Camera:
        """As the analyser knows it."""
        streams = tuple(Stream(StreamKey(self.id, name), SecretUrl("rtsp://127.0.0.1/")) for name in STREAMS)
        return Camera(self.id, Place(self.scene, "Izmail"), "izmail", streams, reads_plates=True)


def filmed(cameras: int, busy_share: float) -> list[Filmed]:
    """So many cameras; the first ones are busy."""
    busy = round(cameras * busy_share)
    return [
        Filmed(f"C{number:02d}", SCENES[number % len(SCENES)], number < busy, number * 0.137)
        for number in range(cameras)
    ]


def packets(one: Filmed, name: StreamName, start: Time, seconds: float) -> Iterator[Packet]:
    """A stream's packets, its film again and again, timed from `start`."""
    clip, key = _clip(one.scene, name, one.is_busy), StreamKey(one.id, name)
    begin = Time(start + round(one.offset_s * SECOND))
    coded = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals) for unit in clip.units]
    ticks_in_all = round(seconds * MEDIA_RATE)
    for number in range(1 + ticks_in_all // clip.duration):
        for unit, data in zip(clip.units, coded, strict=True):
            ticks = number * clip.duration + unit.shown
            if ticks >= ticks_in_all:
                return
            yield Packet(key, clip.parameters, ticks, Time(begin + ticks * SECOND // MEDIA_RATE), unit.is_key, data)


@lru_cache(maxsize=64)
def _clip(scene: str, name: StreamName, busy: bool) -> Clip:
    path = CLIPS / f"{scene}_{name}.mp4"
    return read_clip(path if busy else _idle_film(path, *_SHAPES[name]))


def _idle_film(source: Path, fps: int, gop: int) -> Path:
    """The first picture of a clip for some seconds, with the noise that a camera's sensor has."""
    path = _FOLDER / f"idle-{source.name}"
    if path.exists():
        return path
    _FOLDER.mkdir(parents=True, exist_ok=True)
    still = next(iter(frames_of(source))).frame.bgr()
    random = np.random.default_rng(5)
    noises = [random.normal(0, _NOISE, still.shape[:2]).astype(np.int16)[:, :, None] for _ in range(5)]
    fresh = path.with_suffix(".new.mp4")
    with av.open(str(fresh), "w") as film:
        options = {"preset": "veryfast", "crf": "26", "bf": "0", "g": str(gop), "keyint_min": str(gop)}
        stream = film.add_stream("libx264", rate=fps, options={**options, "sc_threshold": "0"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = still.shape[1], still.shape[0], "yuv420p"
        for number in range(_IDLE_SECONDS * fps):
            noisy = np.clip(still + noises[number % len(noises)], 0, 255).astype(np.uint8)
            frame = VideoFrame.from_ndarray(noisy, format="bgr24")
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, fps), PictureType.NONE
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    fresh.rename(path)
    return path
