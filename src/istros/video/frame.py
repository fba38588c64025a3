"""The frame: one decoded picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from istros.base.time import Time
from istros.devices.camera import StreamKey

Pixels = NDArray[np.uint8]

_WITH_LUMA = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"})


@dataclass(frozen=True)
class Frame:
    """A picture of a stream and the wall time of its capture; pixels are converted when they are first asked for."""

    key: StreamKey
    time: Time
    width: int
    height: int
    is_key: bool
    _decoded: VideoFrame = field(repr=False)

    @cached_property
    def luma(self) -> Pixels:
        """Brightness, height x width, 0 to 255 (or 16 to 235): a view of the decoder's memory, not to be written to."""
        decoded = self._decoded
        if decoded.format.name not in _WITH_LUMA:
            decoded = decoded.reformat(format="gray")
        plane = decoded.planes[0]
        rows: Pixels = np.frombuffer(cast(memoryview, plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: self.height, : self.width]

    def bgr(self) -> Pixels:
        """Colours, height x width x 3 in the order blue, green, red; made anew at each call."""
        return np.asarray(self._decoded.to_ndarray(format="bgr24"), np.uint8)
