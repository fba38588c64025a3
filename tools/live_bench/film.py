"""Films whose pictures carry their own number in black and white blocks, so that a browser can read it back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

COLUMNS, ROWS = 8, 2
BLOCKS_ACROSS = 40
"""A block is this part of the picture's width: 48 pixels of 1920, large enough for any encoder."""

CHECK = 0b1010


def marks(number: int) -> list[int]:
    """Sixteen bits: twelve of the number, four to check them by."""
    check = (number ^ number >> 4 ^ number >> 8 ^ CHECK) & 15
    word = number << 4 | check
    return [word >> (15 - bit) & 1 for bit in range(16)]


def picture(number: int, width: int, height: int, noise: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A street-like picture in grey: a still gradient, some grain, three things that move, and the marks."""
    rows, columns = np.mgrid[0:height, 0:width]
    grey: NDArray[np.uint8] = (96 + 48 * rows / height + 32 * columns / width + noise[number % len(noise)]).astype(
        np.uint8
    )
    for lane in range(3):
        side = width // 12
        left = (number * (lane + 2) * width // 250) % (width - side)
        top = height // 3 + lane * height // 5
        grey[top : top + side // 2, left : left + side] = 60 + 60 * lane
    block = width // BLOCKS_ACROSS
    for bit, mark in enumerate(marks(number)):
        top, left = bit // COLUMNS * block, bit % COLUMNS * block
        grey[top : top + block, left : left + block] = 235 if mark else 16
    return grey


def write_film(path: Path, width: int, height: int, fps: int, seconds: int, mbit_s: float) -> Path:
    """An H.264 film as a camera would send it: no B-frames, a keyframe every two seconds, about that bitrate."""
    random = np.random.default_rng(7)
    noise = random.integers(0, 28, (7, height, width)).astype(np.uint8)
    gop = 2 * fps
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", gop
        stream.bit_rate = round(mbit_s * 1e6)
        stream.time_base = Fraction(1, fps)
        stream.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:"
            f"vbv-maxrate={round(mbit_s * 1200)}:vbv-bufsize={round(mbit_s * 1500)}",
        }
        for number in range(fps * seconds):
            frame = av.VideoFrame.from_ndarray(picture(number, width, height, noise), format="gray")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
