"""Hides parts of a picture for good: everything in them becomes one colour.

What a redacted film hides gets its own mean. A privacy mask gets the same grey in each picture: a mean would still tell
whether the lamp behind a window is on.

A mosaic or a blur can be undone for plates and faces by comparing candidates or by joining many pictures
(Hill et al., "On the (In)effectiveness of Mosaicing and Blurring as Tools for Document Redaction", PoPETs 2016); of a
single mean nothing can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture."""

Polygon = Sequence[tuple[float, float]]
_PLANAR = ("yuv420p", "yuvj420p")
_MASK_LUMA, _NEUTRAL = 72, 128
"""A dark grey, in full and in limited range alike."""

_FINE = 1000
"""Steps of a picture's side at which a rectangle is held against masks."""


def cover(frame: VideoFrame, rectangles: Iterable[Rectangle], polygons: Iterable[Polygon]) -> VideoFrame:
    """The picture with those parts hidden, in 4:2:0 and with even sides."""
    pixels, format_name = pixels_of(frame)
    width, height = frame.width, frame.height
    planes = _planes(pixels, width + width % 2, height + height % 2)
    for left, top, right, bottom in rectangles:
        box = _inside(left, right, width), _inside(top, bottom, height)
        for plane, scale in planes:
            _fill(plane, *_scaled(box, scale), None)
    for polygon in polygons:
        if (place := _place(tuple(polygon), width, height)) is not None:
            for plane, scale in planes:
                _fill(plane, *_scaled(place.box, scale), place.fine if scale == 1 else place.coarse)
    return frame_of(pixels, format_name, frame)


def paint(frame: VideoFrame, masks: Iterable[Polygon]) -> VideoFrame:
    """The picture with privacy masks painted over, in 4:2:0 and with even sides.

    The frame itself, which a decoder may look at, stays as it is.
    """
    pixels, format_name = pixels_of(frame)
    width, height = frame.width, frame.height
    planes = _planes(pixels, width + width % 2, height + height % 2)
    for mask in masks:
        if (place := _kept_place(tuple(mask), width, height)) is not None:
            for plane, scale in planes:
                part = plane[_scaled(place.box, scale)]
                part[place.fine if scale == 1 else place.coarse] = _MASK_LUMA if scale == 1 else _NEUTRAL
    return frame_of(pixels, format_name, frame)


def touches(masks: Iterable[Polygon], rectangle: Rectangle) -> bool:
    """Whether any part of a rectangle lies under a mask."""
    left, top, right, bottom = rectangle
    across, down = _inside(left, right, _FINE), _inside(top, bottom, _FINE)
    return any(
        bool(inside([(x * _FINE, y * _FINE) for x, y in mask], across[0], down[0], across[1], down[1]).any())
        for mask in masks
    )


def pixels_of(frame: VideoFrame) -> tuple[NDArray[np.uint8], str]:
    """A copy of the pixels in 4:2:0, and the name of their format. An odd side, which x264 does not take, gets its last row
    or column twice."""
    name = frame.format.name if frame.format.name in _PLANAR else "yuv420p"
    right, below = frame.width % 2, frame.height % 2
    if right or below:
        whole = name.replace("420", "444")
        pixels = np.asarray(frame.reformat(format=whole).to_ndarray(), np.uint8)
        padded = np.pad(pixels, ((0, 0), (0, below), (0, right)), "edge")
        frame = VideoFrame.from_ndarray(padded, format=whole)
    return np.ascontiguousarray(frame.reformat(format=name).to_ndarray(), np.uint8), name


def frame_of(pixels: NDArray[np.uint8], format_name: str, frame: VideoFrame) -> VideoFrame:
    """The pixels as a frame with the times and colours of another."""
    covered = VideoFrame.from_ndarray(pixels, format=format_name)
    covered.pts = frame.pts
    if frame.time_base is not None:
        covered.time_base = frame.time_base
    for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
        setattr(covered, name, getattr(frame, name))
    return covered


def _planes(pixels: NDArray[np.uint8], width: int, height: int) -> list[tuple[NDArray[np.uint8], int]]:
    """Views of brightness and the two colours, with how much coarser they are."""
    flat = pixels.reshape(-1)
    whole, part = width * height, (width // 2) * (height // 2)
    size = height // 2, width // 2
    return [
        (flat[:whole].reshape(height, width), 1),
        (flat[whole : whole + part].reshape(size), 2),
        (flat[whole + part : whole + 2 * part].reshape(size), 2),
    ]


def _inside(low: float, high: float, size: int) -> tuple[int, int]:
    """Whole even pixels that hold the stretch; of an odd side one more than it has (`pixels_of`)."""
    first = max(0, int(low * size) // 2 * 2)
    return first, min(size + size % 2, -(-int(np.ceil(high * size)) // 2) * 2)


def _scaled(box: tuple[tuple[int, int], tuple[int, int]], scale: int) -> tuple[slice, slice]:
    (left, right), (top, bottom) = box
    return slice(top // scale, bottom // scale), slice(left // scale, right // scale)


def _fill(plane: NDArray[np.uint8], rows: slice, columns: slice, mask: Any) -> None:
    part = plane[rows, columns]
    if part.size == 0 or (mask is not None and not mask.any()):
        return
    if mask is None:
        part[:] = round(float(part.mean()))
    else:
        part[mask] = round(float(part[mask].mean()))


class _Place(NamedTuple):
    """Where a polygon lies in a picture: its box in whole even pixels, and which pixels of it, for brightness and for colours."""

    box: tuple[tuple[int, int], tuple[int, int]]
    fine: NDArray[np.bool_]
    coarse: NDArray[np.bool_]


def _place(polygon: Polygon, width: int, height: int) -> _Place | None:
    if len(polygon) < 3:
        return None
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    box = _inside(min(xs), max(xs), width), _inside(min(ys), max(ys), height)
    (left, right), (top, bottom) = box
    if right <= left or bottom <= top:
        return None
    fine = inside([(x * width, y * height) for x, y in polygon], left, top, right, bottom)
    if right > width:
        fine[:, -1] = fine[:, -2]
    if bottom > height:
        fine[-1] = fine[-2]
    coarse = fine.reshape(fine.shape[0] // 2, 2, fine.shape[1] // 2, 2).any(axis=(1, 3))
    return _Place(box, fine, np.asarray(coarse, bool))


_kept_place = lru_cache(maxsize=256)(_place)
"""Masks stay where they are from picture to picture."""


def inside(polygon: Polygon, left: int, top: int, right: int, bottom: int) -> NDArray[np.bool_]:
    """Which pixels of a rectangle lie in the polygon or on its outline (even-odd rule)."""
    rows, columns = np.mgrid[top:bottom, left:right] + 0.5
    within = np.zeros(rows.shape, bool)
    outline = np.zeros(rows.shape, bool)
    for (x1, y1), (x2, y2) in _sides(polygon):
        outline |= _near(rows, columns, (x1, y1), (x2, y2))
        if y1 != y2:
            crosses = (rows < y1) != (rows < y2)
            within ^= crosses & (columns < (x2 - x1) * (rows - y1) / (y2 - y1) + x1)
    result: NDArray[np.bool_] = within | outline
    return result


def _near(rows: Any, columns: Any, one: tuple[float, float], other: tuple[float, float]) -> NDArray[np.bool_]:
    """Pixels no further than one from a side."""
    (x1, y1), (x2, y2) = one, other
    length = max((x2 - x1) ** 2 + (y2 - y1) ** 2, 1e-9)
    share = np.clip(((columns - x1) * (x2 - x1) + (rows - y1) * (y2 - y1)) / length, 0, 1)
    away = (columns - x1 - share * (x2 - x1)) ** 2 + (rows - y1 - share * (y2 - y1)) ** 2
    near: NDArray[np.bool_] = away <= 1.0
    return near


def _sides(polygon: Sequence[tuple[float, float]]) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    yield from zip(polygon, [*polygon[1:], polygon[0]], strict=True)
