"""The second reader for doubtful plates: PP-OCR's recogniser on the same straightened plate, line by line."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.picture import Floats, Picture
from istros.recognition.plates.plate_detector import FoundPlate
from istros.recognition.plates.reading import Reading, interpret
from istros.recognition.plates.text_recogniser import TextRecogniser

_ROWS = 56
"""Rows of a line's cut: a little more than the recogniser's 48, so that it is the one to shrink."""
_GROWN_ACROSS, _GROWN_DOWN = 0.02, 0.12
"""Shares of the plate's width and height added on each side: the net was trained on loose lines."""
_MOST_COLUMNS = 640
_SEAM, _OVERLAP = 0.5, 0.05


class SecondReader:
    """Holds PP-OCR's recogniser (some 20 ms a line, docs/benchmarks/plates.md)."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._recogniser = TextRecogniser(folder)

    def read(self, picture: Picture, plate: FoundPlate) -> Reading | None:
        """What this reader sees on the plate; None where it is nothing that could be a plate."""
        characters = tuple(character for line in lines_of(picture, plate) for character in self._recogniser.read(line))
        return interpret(characters) if characters else None


def lines_of(picture: Picture, plate: FoundPlate) -> list[Picture]:
    """Straight cuts (rows, columns, 3) BGR of the plate's lines, from top to bottom: two where the detector sees several."""
    share = 2 if plate.has_lines else 1
    straight = _straight(picture, plate, _ROWS * share)
    if not plate.has_lines:
        return [straight]
    rows = straight.shape[0]
    upper, lower = round(rows * (_SEAM + _OVERLAP)), round(rows * (_SEAM - _OVERLAP))
    return [straight[:upper], straight[lower:]]


def _straight(picture: Picture, plate: FoundPlate, rows: int) -> Picture:
    columns = int(np.clip(round(rows * plate.width_px / max(1.0, plate.height_px)), rows, _MOST_COLUMNS))
    x, y = _GROWN_ACROSS * columns, _GROWN_DOWN * rows
    goal = np.array([[x, y], [columns - x, y], [columns - x, rows - y], [x, rows - y]], np.float32)
    corners: Floats = plate.corners
    shrink = plate.height_px / rows
    if shrink > 1.5:
        size = max(2, round(picture.shape[1] / shrink)), max(2, round(picture.shape[0] / shrink))
        corners = corners * np.array([size[0] / picture.shape[1], size[1] / picture.shape[0]])
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    transform = cv2.getPerspectiveTransform(corners.astype(np.float32), goal)
    return np.asarray(
        cv2.warpPerspective(
            picture, transform, (columns, rows), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )
