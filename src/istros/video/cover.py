"""Hides parts of a picture for good: everything in them becomes one colour, their own mean.

A mosaic or a blur can be undone for plates and faces by comparing candidates or by joining many pictures
(Hill et al., "On the (In)effectiveness of Mosaicing and Blurring as Tools for Document Redaction", PoPETs 2016); of a
single mean nothing can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom as shares of the picture."""

Polygon = Sequence[tuple[float, float]]
_PLANAR = ("yuv420p", "yuvj420p")


def cover(frame: VideoFrame, rectangles: Iterable[Rectangle], polygons: Iterable[Polygon]) -> VideoFrame:
    """The picture with those parts hidden, in 4:2:0."""
    plain = frame if frame.format.name in _PLANAR else frame.reformat(format="yuv420p")
    pixels: NDArray[np.uint8] = np.array(plain.to_ndarray(), np.uint8)
    height, width = plain.height, plain.width
    planes = _planes(pixels, width, height)
    for left, top, right, bottom in rectangles:
        box = _inside(left, right, width), _inside(top, bottom, height)
        for plane, scale in planes:
            _fill(plane, *_scaled(box, scale), None)
    for polygon in polygons:
        _cover_polygon(planes, polygon, width, height)
    covered = VideoFrame.from_ndarray(pixels, format=plain.format.name)
    covered.pts, covered.time_base = frame.pts, frame.time_base
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
    """Whole even pixels that hold the stretch."""
    first = max(0, int(low * size) // 2 * 2)
    return first, min(size, -(-int(np.ceil(high * size)) // 2) * 2)


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


def _cover_polygon(planes: list[tuple[NDArray[np.uint8], int]], polygon: Polygon, width: int, height: int) -> None:
    if len(polygon) < 3:
        return
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    box = _inside(min(xs), max(xs), width), _inside(min(ys), max(ys), height)
    (left, right), (top, bottom) = box
    if right <= left or bottom <= top:
        return
    mask = inside([(x * width, y * height) for x, y in polygon], left, top, right, bottom)
    coarse = mask.reshape(mask.shape[0] // 2, 2, mask.shape[1] // 2, 2).any(axis=(1, 3)) if not _odd(mask) else None
    for plane, scale in planes:
        _fill(plane, *_scaled(box, scale), mask if scale == 1 else coarse)


def _odd(mask: NDArray[np.bool_]) -> bool:
    rows, columns = mask.shape
    return bool(rows % 2 or columns % 2)


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
