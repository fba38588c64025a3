"""Finds number plates by their four corners, with our own net (docs/models/plate-detector.md).

The net sees grey only and gives three maps, of one cell for 8, 16 and 32 pixels: far, middling and near plates. A cell
says how likely a plate's middle is there, where its corners are, and whether it has several lines. After X. Zhou et al.,
"Objects as Points", 2019 (peaks of a map instead of boxes), and Z. Tian et al., "FCOS", ICCV 2019 (a map for each size).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from istros.recognition.models.cards import PLATE_DETECTOR
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.picture import Floats, Picture, reduced
from istros.recognition.plates.plate_crop import sides_px

LEAST_SCORE = 0.25
STRIDES = (8, 16, 32)
"""Pixels of a cell in each of the net's maps."""
CORNER_UNIT = 4.0
"""The net gives a corner's distance from the cell's middle in so many cells."""
CHANNELS = 10
"""Of each map: the score's logit, x and y of four corners, the logit of several lines."""
_MOST_PEAKS = 60
_SAME_PLATE = 0.35
_INSIDE = 0.7


@dataclass(frozen=True, slots=True)
class FoundPlate:
    """A plate in pixels of the picture: `corners` (4, 2) clockwise from the text's top left; `score` 0 to 1."""

    corners: Floats
    score: float
    has_lines: bool
    """Whether its text seems to stand in several lines."""

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        (left, top), (right, bottom) = self.corners.min(axis=0), self.corners.max(axis=0)
        return float(left), float(top), float(right), float(bottom)

    @property
    def width_px(self) -> float:
        """Mean length of the edges along the text."""
        return sides_px(self.corners)[0]

    @property
    def height_px(self) -> float:
        """Mean length of the edges across the text."""
        return sides_px(self.corners)[1]


class PlateDetector:
    """Holds the net and nothing else: safe to share between threads."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._session = open_session(PLATE_DETECTOR, folder=folder)

    def find(self, picture: Picture, side: int, least: float = LEAST_SCORE) -> list[FoundPlate]:
        """The plates in a BGR or grey picture looked at with `side` pixels at its longer side, best first."""
        height, width = picture.shape[:2]
        tensor = prepared(picture, side)
        levels = self._session.run(None, {"grey": tensor})
        scale = np.array([width / tensor.shape[3], height / tensor.shape[2]], np.float64)
        return [
            FoundPlate(plate.corners * scale, plate.score, plate.has_lines)
            for plate in decoded([level[0] for level in levels], least)
        ]


def prepared(picture: Picture, side: int) -> npt.NDArray[np.float32]:
    """The net's input (1, 1, rows, columns), 0 to 1: sides are rounded to multiples of 32."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    columns, rows = (max(32, round(length * scale / 32) * 32) for length in (width, height))
    grey = picture if picture.ndim == 2 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    if scale < 1:
        grey = reduced(grey, columns, rows)
    else:
        grey = np.asarray(cv2.resize(grey, (columns, rows), interpolation=cv2.INTER_LINEAR), np.uint8)
    return np.ascontiguousarray(grey[None, None], np.float32) / np.float32(255)


def decoded(levels: Sequence[npt.NDArray[np.float32]], least: float) -> list[FoundPlate]:
    """Plates in pixels of the net's input from its maps (channels, rows, columns), one a plate, best first."""
    found: list[FoundPlate] = []
    for stride, level in zip(STRIDES, levels, strict=True):
        found += _peaks(level, stride, least)
    kept: list[FoundPlate] = []
    for plate in sorted(found, key=lambda each: -each.score)[:_MOST_PEAKS]:
        if not any(_is_same(plate, other) for other in kept):
            kept.append(plate)
    return kept


def _peaks(level: npt.NDArray[np.float32], stride: int, least: float) -> list[FoundPlate]:
    logits = np.ascontiguousarray(level[0])
    is_peak = (logits >= cv2.dilate(logits, np.ones((3, 3), np.uint8))) & (logits > np.log(least / (1 - least)))
    plates = []
    for row, column in np.argwhere(is_peak):
        middle = (np.array([column, row], np.float64) + 0.5) * stride
        corners = level[1:9, row, column].astype(np.float64).reshape(4, 2) * (CORNER_UNIT * stride) + middle
        score = float(1 / (1 + np.exp(-float(logits[row, column]))))
        plates.append(FoundPlate(corners, score, bool(level[9, row, column] > 0)))
    return plates


def _is_same(one: FoundPlate, other: FoundPlate) -> bool:
    """Whether two boxes cover each other, or one lies in the other."""
    shared, *areas = shared_areas(one, other)
    return shared > 0 and (shared > _SAME_PLATE * (sum(areas) - shared) or shared > _INSIDE * min(areas))


def shared_areas(one: FoundPlate, other: FoundPlate) -> tuple[float, float, float]:
    """Square pixels that the upright boxes of two plates have in common, and those of each."""
    a, b = one.bounds, other.bounds
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    first, second = ((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return max(0.0, width) * max(0.0, height), first, second
