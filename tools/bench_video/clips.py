"""The films of the measured cameras: a moving test picture with noise, as the reference floors were taken with."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType
from av.video.stream import VideoStream

FOLDER = Path(tempfile.gettempdir()) / "istros-bench-clips"
MAIN_BITS, SUB_BITS = 3_100_000, 410_000
SECONDS = 20


def main_film() -> Path:
    """1920x1080, 25 frames a second, 3.1 Mbit/s, a keyframe every 2 s, no B-frames."""
    return _film("main", (1920, 1080), 25, MAIN_BITS)


def sub_film() -> Path:
    """640x360, 10 frames a second, 0.41 Mbit/s, a keyframe every 2 s, no B-frames."""
    return _film("sub", (640, 360), 10, SUB_BITS)


def _film(name: str, size: tuple[int, int], fps: int, bits: int) -> Path:
    path = FOLDER / f"{name}.mp4"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new.mp4")
        _encode(fresh, size, fps, bits)
        fresh.rename(path)
    return path


def _encode(path: Path, size: tuple[int, int], fps: int, bits: int) -> None:
    source = f"testsrc2=size={size[0]}x{size[1]}:rate={fps},noise=alls=12:allf=t,format=yuv420p"
    options = {"preset": "veryfast", "profile": "main", "bf": "0", "g": str(2 * fps), "keyint_min": str(2 * fps)}
    with av.open(source, format="lavfi") as pictures, av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=fps, options={**options, "sc_threshold": "0"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *size, "yuv420p", bits
        for number, frame in enumerate(pictures.decode(video=0)):
            if number == SECONDS * fps:
                break
            frame.pts, frame.time_base = number, Fraction(1, fps)
            frame.pict_type = PictureType.NONE  # Raw pictures come marked as keyframes, and x264 would make each one.
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
