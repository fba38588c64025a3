"""Finds lines of text: PP-OCR's detector, and the reading of its probability map.

Source: M. Liao et al., "Real-time Scene Text Detection with Differentiable Binarization", AAAI 2020; the outward offset
is that paper's D = A * r / L, applied to the turned rectangle instead of the polygon, for a plate is one.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from istros.recognition.models.cards import TEXT_DETECTOR
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.picture import Floats, Picture
from istros.recognition.plates.text_box import TextBox

MAP_THRESHOLD = 0.3
BOX_THRESHOLD = 0.4
UNCLIP = 2.0
_MOST_CONTOURS = 300
_LEAST_SIDE_PX = 3.0
_UPRIGHT_TEXT = 1.6
_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32) * 255


class TextDetector:
    """Lines of text in a picture, best first."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._session = open_session(TEXT_DETECTOR, folder=folder)
        self._input = self._session.get_inputs()[0].name

    def find(self, picture: Picture, side: int) -> list[TextBox]:
        """Look at the picture shrunk (or grown) so that its longer side has `side` pixels."""
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        columns, rows = (max(32, round(length * scale / 32) * 32) for length in (width, height))
        flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(picture, (columns, rows), interpolation=flags)
        tensor = ((small.astype(np.float32) - _MEAN) / _DEVIATION).transpose(2, 0, 1)[None]
        (probability,) = self._session.run(None, {self._input: np.ascontiguousarray(tensor)})
        return boxes_of(probability[0, 0], width / columns, height / rows)


def boxes_of(probability: Floats, scale_x: float, scale_y: float) -> list[TextBox]:
    """Boxes (pixels of the original picture) from a probability map (rows, columns), best first."""
    mask = (probability > MAP_THRESHOLD).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours[:_MOST_CONTOURS]:
        (x, y), (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < _LEAST_SIDE_PX:
            continue
        score = _mean_inside(probability, np.asarray(contour))
        if score >= BOX_THRESHOLD:
            boxes.append(_box(x * scale_x, y * scale_y, width * scale_x, height * scale_y, angle, score))
    return sorted(boxes, key=lambda box: -box.score)


def _box(x: float, y: float, width: float, height: float, angle: float, score: float) -> TextBox:
    # A box that is nearly square says nothing about its text's direction: take the one nearer to level.
    if width < height / _UPRIGHT_TEXT or (width < height * _UPRIGHT_TEXT and abs(angle) > 45):
        width, height, angle = height, width, angle + 90
    offset = width * height * UNCLIP / (2 * (width + height))
    return TextBox(x, y, width + 2 * offset, height + 2 * offset, (angle + 90) % 180 - 90, score)


def _mean_inside(probability: Floats, contour: Floats) -> float:
    left, top, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.drawContours(mask, [contour - np.array([left, top])], -1, 1, -1)
    return float(cv2.mean(probability[top : top + height, left : left + width], mask)[0])
