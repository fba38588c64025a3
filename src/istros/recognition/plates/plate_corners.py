"""Moves a found plate's corners to where they are, with a small net of our own (docs/models/plate-corners.md).

The detector tells four corners from one cell of its map; that is good to a fifth of the plate's height. Here the plate is
cut out straight by those corners, always at the same size, and the net says how far each one is off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from istros.recognition.models.cards import PLATE_CORNERS
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.picture import Floats, Picture
from istros.recognition.plates.plate_detector import FoundPlate

ROWS, COLUMNS = 80, 192
LEFT, TOP, RIGHT, BOTTOM = 38.0, 25.0, 154.0, 55.0
"""Where the corners as found lie in the cut; the plate itself may be half its height higher, lower or steeper."""
INNER = np.array([[LEFT, TOP], [RIGHT, TOP], [RIGHT, BOTTOM], [LEFT, BOTTOM]], np.float32)
UNIT_PX = 16.0
"""The net's numbers are in so many pixels of the cut."""
_LOOKS = 2
_SHRINK_FROM = 1.5


class PlateCorners:
    """Holds the net (half a millisecond a plate and look, docs/benchmarks/plates.md)."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._session = open_session(PLATE_CORNERS, folder=folder)

    def moved(self, picture: Picture, plates: Sequence[FoundPlate]) -> list[FoundPlate]:
        """The same plates of a BGR or grey picture with exact corners."""
        for _ in range(_LOOKS if plates else 0):
            cuts = np.stack([warped(picture, plate.corners, INNER, (ROWS, COLUMNS)) for plate in plates])
            (offsets,) = self._session.run(None, {"cuts": cuts[:, None].astype(np.float32) / np.float32(255)})
            plates = [
                replace(plate, corners=corners_after(plate.corners, offset))
                for plate, offset in zip(plates, offsets, strict=True)
            ]
        return list(plates)


def corners_after(corners: Floats, offsets: Floats) -> Floats:
    """Corners (4, 2) in the picture, moved by the net's numbers (8), which belong to the cut."""
    back = cv2.getPerspectiveTransform(INNER, corners.astype(np.float32))
    found = INNER + np.asarray(offsets, np.float32).reshape(4, 2) * np.float32(UNIT_PX)
    return np.asarray(cv2.perspectiveTransform(found[None], back)[0], np.float64)


def warped(picture: Picture, corners: Floats, goal: Floats, size: tuple[int, int]) -> Picture:
    """A grey cut of `size` (rows, columns) in which the picture's `corners` lie at `goal`.

    Where the cut is much smaller than what it shows, the picture is reduced before: a single warp would skip pixels.
    """
    rows, columns = size
    points, wanted = corners.astype(np.float32), goal.astype(np.float32)
    outline = np.array([[[0, 0], [columns, 0], [columns, rows], [0, rows]]], np.float32)
    shown = cv2.perspectiveTransform(outline, cv2.getPerspectiveTransform(wanted, points))[0]
    # Steep corners can put the cut's edge at the horizon: what is farther than two plates away is left out.
    reach = 2 * (points.max(axis=0) - points.min(axis=0)).max()
    low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
    shown = np.clip(shown, low, high)
    limits = np.array([picture.shape[1], picture.shape[0]])
    left, top = np.clip(np.floor(shown.min(axis=0)).astype(int) - 2, 0, limits - 1)
    right, bottom = np.clip(np.ceil(shown.max(axis=0)).astype(int) + 3, 1, limits)
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    if part.ndim == 3:
        part = np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), np.uint8)
    points = points - np.array([left, top], np.float32)
    along = [np.linalg.norm(points[1] - points[0]), np.linalg.norm(points[3] - points[0])]
    across = [np.linalg.norm(wanted[1] - wanted[0]), np.linalg.norm(wanted[3] - wanted[0])]
    shrink = float(min(a / b for a, b in zip(along, across, strict=True)))
    if shrink > _SHRINK_FROM:
        reduced = max(1, round(part.shape[1] / shrink)), max(1, round(part.shape[0] / shrink))
        points = points * np.array([reduced[0] / part.shape[1], reduced[1] / part.shape[0]], np.float32)
        part = np.asarray(cv2.resize(part, reduced, interpolation=cv2.INTER_AREA), np.uint8)
    transform = cv2.getPerspectiveTransform(points, wanted)
    return np.asarray(
        cv2.warpPerspective(part, transform, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )
