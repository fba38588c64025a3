"""Pictures into an H.264 file, the way a surveillance camera codes them: no B-frames, closed groups of pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Coding:
    """How to code: frames a second, frames from one key frame to the next, and quality (x264 CRF, lower is better)."""

    fps: int
    group: int
    quality: float
    preset: str = "medium"


def encode_h264(pictures: Iterable[NDArray[np.uint8]], path: Path, coding: Coding) -> int:
    """Writes (rows, columns, 3) RGB pictures as an MP4 with one H.264 High stream; returns how many.

    The first frame is an IDR frame, so is every `coding.group`-th, and none refers past one. The file appears under
    its name only when it is complete.
    """
    partial = path.with_name(path.name + ".part")
    count = 0
    with av.open(str(partial), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream: Any = None
        for picture in pictures:
            if stream is None:
                stream = _stream(container, picture.shape[1], picture.shape[0], coding)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = count, Fraction(1, coding.fps)
            container.mux(stream.encode(frame))
            count += 1
        if stream is not None:
            container.mux(stream.encode(None))
    partial.replace(path)
    return count


def _stream(container: Any, width: int, height: int, coding: Coding) -> Any:
    stream = container.add_stream("libx264", rate=coding.fps)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.thread_count = 1
    stream.options = {
        "crf": str(coding.quality),
        "preset": coding.preset,
        "profile": "high",
        "x264-params": f"keyint={coding.group}:min-keyint={coding.group}:scenecut=0:bframes=0:open-gop=0:rc-lookahead=25",
    }
    return stream
