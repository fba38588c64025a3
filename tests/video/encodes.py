"""Real H.264 and H.265 streams of a moving test pattern, made by PyAV for the tests."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np

from istros.video.packet import Codec

_ENCODERS = {Codec.H264: "libx264", Codec.H265: "libx265"}


def picture(index: int, width: int, height: int) -> av.VideoFrame:
    """A gradient that moves, with a white square going round."""
    rows, columns = np.mgrid[0:height, 0:width]
    image = np.stack([(columns + 3 * index) % 256, (rows + index) % 256, (rows + columns) % 256], axis=-1).astype(
        np.uint8
    )
    left = (7 * index) % max(1, width - 16)
    image[4:20, left : left + 16] = 255
    return av.VideoFrame.from_ndarray(image, format="rgb24")


@lru_cache(maxsize=32)
def encode(
    codec: Codec,
    width: int = 176,
    height: int = 144,
    frames: int = 20,
    fps: int = 10,
    gop: int = 5,
    profile: str = "",
    pixels: str = "yuv420p",
    extra: str = "",
) -> tuple[bytes, ...]:
    """Annex B access units with parameter sets before each keyframe."""
    context = av.CodecContext.create(_ENCODERS[codec], "w")
    context.width, context.height, context.pix_fmt = width, height, pixels
    context.time_base, context.framerate = Fraction(1, fps), Fraction(fps, 1)
    context.gop_size = gop
    options = {"preset": "ultrafast", "tune": "zerolatency"}
    if codec is Codec.H264:
        options["x264-params"] = f"keyint={gop}:min-keyint={gop}:scenecut=0:repeat-headers=1:bframes=0{extra}"
    else:
        options["x265-params"] = (
            f"keyint={gop}:min-keyint={gop}:scenecut=0:repeat-headers=1:bframes=0:log-level=none{extra}"
        )
    if profile:
        options["profile"] = profile
    context.options = options
    packets: list[bytes] = []
    for index in range(frames):
        frame = picture(index, width, height).reformat(format=pixels)
        frame.pts = index
        packets += [bytes(packet) for packet in context.encode(frame)]
    packets += [bytes(packet) for packet in context.encode(None)]
    return tuple(packets)


def split_annexb(data: bytes) -> list[bytes]:
    """NAL units between start codes."""
    parts = data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return [part for part in parts[1:] if part]


def write_clip(path: Path, codec: Codec, **settings: object) -> Path:
    """An Annex B file of `encode`."""
    path.write_bytes(b"".join(encode(codec, **settings)))  # type: ignore[arg-type]
    return path
