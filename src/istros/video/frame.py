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

_PLANAR = frozenset({"yuv420p", "yuvj420p"})
"""Brightness whole and both colours at half its width and height, each in a plane of its own."""


@dataclass(frozen=True)
class Frame:
    """A picture of a stream and the wall time of its capture; pixels are converted when they are first asked for."""

    key: StreamKey
    time: Time
    width: int
    height: int
    is_key: bool
    _decoded: VideoFrame = field(repr=False)

    @property
    def decoded(self) -> VideoFrame:
        """As the decoder gave it, with its times; it is still looked at by the decoder, so not to be written to."""
        return self._decoded

    @cached_property
    def luma(self) -> Pixels:
        """Brightness, height x width, 0 to 255 (or 16 to 235): a view of the decoder's memory, not to be written to."""
        decoded = self._decoded
        if decoded.format.name not in _WITH_LUMA:
            decoded = decoded.reformat(format="gray")
        plane = decoded.planes[0]
        rows: Pixels = np.frombuffer(cast(memoryview, plane), np.uint8).reshape(-1, plane.line_size)
        return rows[: self.height, : self.width]

    def part(self, left: int, top: int, right: int, bottom: int) -> Pixels:
        """The colours of a part (left and top are taken down to an even pixel): a tenth of the work of `bgr` for a vehicle."""
        left, top = max(0, left) // 2 * 2, max(0, top) // 2 * 2
        right, bottom = min(self.width, right + right % 2), min(self.height, bottom + bottom % 2)
        across, down = (right - left) // 2 * 2, (bottom - top) // 2 * 2
        if self._decoded.format.name not in _PLANAR or across <= 0 or down <= 0:
            return self.bgr()[top:bottom, left:right]
        rows = np.empty((down * 3 // 2, across), np.uint8)
        rows[:down] = self.luma[top : top + down, left : left + across]
        halves = rows[down:].reshape(2, down // 2, across // 2)
        for number in (1, 2):
            plane = self._decoded.planes[number]
            whole = np.frombuffer(cast(memoryview, plane), np.uint8).reshape(-1, plane.line_size)
            halves[number - 1] = whole[top // 2 : (top + down) // 2, left // 2 : (left + across) // 2]
        cut = VideoFrame.from_ndarray(rows, format=self._decoded.format.name)
        cut.color_range, cut.colorspace = self._decoded.color_range, self._decoded.colorspace
        return np.asarray(cut.to_ndarray(format="bgr24"), np.uint8)

    def bgr(self) -> Pixels:
        """Colours, height x width x 3 in the order blue, green, red; made anew at each call."""
        return np.asarray(self._decoded.to_ndarray(format="bgr24"), np.uint8)
