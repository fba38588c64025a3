"""A sheet of small pictures with captions: what went wrong, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from istros.recognition.observation import Box
from istros.recognition.picture import Picture

_WIDTH, _HEIGHT = 240, 150
_LINE = 20
_COLUMNS = 6
_MOST = 120
_GROUND, _BEHIND = (236, 238, 240), (205, 208, 212)
_INK = (30, 30, 30)
_QUALITY = 85
_FONT_PX = 13


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, and up to three short lines under it."""

    picture: Picture = field(repr=False)
    lines: tuple[str, ...]


def part_of(picture: Picture, box: Box, margin: float = 0.35, least_px: int = 16) -> Picture:
    """A copy of a BGR picture's part round a box (shares), `margin` of the box's longer side wider on each side.

    At most as large as a tile is drawn, for hundreds of them are kept until the sheet is made.
    """
    rows, columns = picture.shape[:2]
    left, right = box.left * columns, box.right * columns
    top, bottom = box.top * rows, box.bottom * rows
    around = margin * max(right - left, bottom - top, least_px)
    x1, x2 = _span(left - around, right + around, columns)
    y1, y2 = _span(top - around, bottom + around, rows)
    return reduced_to_tile(picture[y1:y2, x1:x2])


def reduced_to_tile(picture: Picture) -> Picture:
    """A copy that is no larger than a tile."""
    rows, columns = picture.shape[:2]
    scale = min(1.0, _WIDTH / columns, _HEIGHT / rows)
    if scale == 1.0:
        return picture.copy()
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _span(start: float, end: float, limit: int) -> tuple[int, int]:
    """Whole pixels within 0 and the limit, at least one of them."""
    first = min(max(0, int(start)), limit - 1)
    return first, max(first + 1, min(limit, int(end) + 1))


def sheet_jpeg(title: str, tiles: Sequence[Tile]) -> bytes:
    """A JPEG of at most 120 tiles, six a row, and how many more there were."""
    shown = tiles[:_MOST]
    lines = max((len(tile.lines) for tile in shown), default=0)
    height = _HEIGHT + lines * _LINE + 8
    columns = max(1, min(_COLUMNS, len(shown)))
    rows = -(-len(shown) // columns)
    sheet = np.full((rows * (height + 6) + 34, max(420, columns * (_WIDTH + 6) + 6), 3), _GROUND, np.uint8)
    more = f", {len(tiles) - _MOST} more not shown" if len(tiles) > _MOST else ""
    _write(sheet, f"{title}: {len(tiles)} failures{more}", 8, 22)
    for number, tile in enumerate(shown):
        x, y = 6 + number % columns * (_WIDTH + 6), 34 + number // columns * (height + 6)
        sheet[y : y + height, x : x + _WIDTH] = _drawn(tile, height)
    return cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _drawn(tile: Tile, height: int) -> Picture:
    canvas = np.full((height, _WIDTH, 3), 255, np.uint8)
    canvas[:_HEIGHT] = _BEHIND
    rows, columns = tile.picture.shape[:2]
    scale = min(_WIDTH / columns, _HEIGHT / rows)
    width, tall = max(1, round(columns * scale)), max(1, round(rows * scale))
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(tile.picture, (width, tall), interpolation=flags)
    x, y = (_WIDTH - width) // 2, (_HEIGHT - tall) // 2
    canvas[y : y + tall, x : x + width] = small
    for number, line in enumerate(tile.lines):
        _write(canvas, line, 4, _HEIGHT + 16 + number * _LINE)
    return canvas


def _write(picture: Picture, text: str, x: int, y: int) -> None:
    """Latin and Cyrillic, by the font inside OpenCV."""
    cv2.putText(picture, text, (x, y), _INK, cv2.FontFace("sans"), _FONT_PX)
