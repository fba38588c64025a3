"""A plate cut out of a picture and straightened: what the plate recogniser reads, in training and in use.

The plate fills the middle of the crop, with a margin around it, so that a plate whose corners were found too close is
still whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from istros.recognition.picture import Floats, Picture

ROWS, COLUMNS = 48, 144
MARGIN_X, MARGIN_Y = 10.0, 5.0
"""Pixels of the crop between its edge and the plate's corners."""
_INNER = np.array(
    [
        [MARGIN_X, MARGIN_Y],
        [COLUMNS - MARGIN_X, MARGIN_Y],
        [COLUMNS - MARGIN_X, ROWS - MARGIN_Y],
        [MARGIN_X, ROWS - MARGIN_Y],
    ],
    np.float32,
)
_SHRINK_FROM = 1.5
"""From this many pixels of the picture to one of the crop, the picture is shrunk before: bilinear reading would skip
pixels."""


@dataclass(frozen=True, slots=True)
class PlateCrop:
    """A plate cut out: `picture` (48, 144) uint8 grey, and the pixels that the camera gave it."""

    picture: Picture
    width_px: float
    height_px: float


def plate_crop(picture: Picture, corners: Floats) -> PlateCrop:
    """The plate with these corners, as `rectified` cuts it, and its size."""
    return PlateCrop(rectified(picture, corners), *sides_px(corners))


def rectified(picture: Picture, corners: Floats) -> Picture:
    """The grey crop (48, 144) uint8 of the plate with these corners, (4, 2) pixels clockwise from its top left.

    `picture` is (rows, columns, 3) BGR or (rows, columns) grey. Corners may lie outside it: its edge is repeated there.
    """
    points = np.asarray(corners, np.float32)
    grown = _grown(points)
    left, top = np.floor(grown.min(axis=0)).astype(int) - 2
    right, bottom = np.ceil(grown.max(axis=0)).astype(int) + 3
    rows, columns = picture.shape[:2]
    left, right = int(np.clip(left, 0, columns - 1)), int(np.clip(right, 1, columns))
    top, bottom = int(np.clip(top, 0, rows - 1)), int(np.clip(bottom, 1, rows))
    cut = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    if cut.ndim == 3:
        cut = np.asarray(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), np.uint8)
    points = points - np.array([left, top], np.float32)
    across = max(np.linalg.norm(points[1] - points[0]), np.linalg.norm(points[2] - points[3])) / (
        COLUMNS - 2 * MARGIN_X
    )
    down = max(np.linalg.norm(points[3] - points[0]), np.linalg.norm(points[2] - points[1])) / (ROWS - 2 * MARGIN_Y)
    shrink_x, shrink_y = (float(value) if value > _SHRINK_FROM else 1.0 for value in (across, down))
    if shrink_x > 1 or shrink_y > 1:
        size = max(1, round(cut.shape[1] / shrink_x)), max(1, round(cut.shape[0] / shrink_y))
        scale = np.array([size[0] / cut.shape[1], size[1] / cut.shape[0]], np.float32)
        cut = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)
        points = (points + 0.5) * scale - 0.5
    matrix = cv2.getPerspectiveTransform(points, _INNER)
    return np.asarray(
        cv2.warpPerspective(cut, matrix, (COLUMNS, ROWS), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    )


def _grown(points: Floats) -> Floats:
    """The corners moved outwards by the crop's margins, as far as a straight plate's would be."""
    centre = points.mean(axis=0)
    share = np.array([COLUMNS / (COLUMNS - 2 * MARGIN_X), ROWS / (ROWS - 2 * MARGIN_Y)], np.float32)
    return np.asarray((points - centre) * share.max() + centre)


def sides_px(corners: Floats) -> tuple[float, float]:
    """Width and height in pixels of a plate with these corners: the mean edges along and across its text."""
    along = corners[1] + corners[2] - corners[0] - corners[3]
    across = corners[3] + corners[2] - corners[0] - corners[1]
    return float(np.hypot(*along)) / 2, float(np.hypot(*across)) / 2


def box_corners(x: float, y: float, width: float, height: float) -> Floats:
    """The corners of an upright box, clockwise from its top left, in its pixels."""
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)
