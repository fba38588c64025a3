"""A line of text in a picture: where it lies, turned, and how to cut it out straight."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, tan

import cv2
import numpy as np

from istros.recognition.picture import Floats, Picture

CROP_HEIGHT_PX = 64
"""Higher than the recogniser's 48, so that it is the one to shrink; a larger cut only costs time."""


@dataclass(frozen=True, slots=True)
class TextBox:
    """A turned rectangle round one line of text; pixels and degrees, `width` along the text, angle -90 to 90 clockwise."""

    x: float
    y: float
    width: float
    height: float
    angle: float
    score: float

    def moved(self, x: float, y: float) -> TextBox:
        """The same box in a picture whose origin lies `x`, `y` further up and left."""
        return TextBox(self.x + x, self.y + y, self.width, self.height, self.angle, self.score)

    def lengthened(self, before: float, after: float) -> TextBox:
        """The same line from earlier on and for longer, as shares of its height (negative: shorter)."""
        shift, angle = (after - before) / 2 * self.height, radians(self.angle)
        x, y = self.x + shift * cos(angle), self.y + shift * sin(angle)
        return TextBox(x, y, self.width + (before + after) * self.height, self.height, self.angle, self.score)

    def corners(self) -> Floats:
        """(4, 2) pixels: from the text's own top left, clockwise."""
        angle = radians(self.angle)
        along = np.array([cos(angle), sin(angle)]) * self.width / 2
        across = np.array([-sin(angle), cos(angle)]) * self.height / 2
        return _outline(self.x, self.y, along, across)

    def sheared_corners(self) -> Floats:
        """Corners of the parallelogram with upright sides that covers the line.

        A plate that is seen from the side runs up- or downhill while its letters stand upright: the turned rectangle
        would slant them.
        """
        angle = radians(self.angle)
        half = max(self.width * cos(angle) - self.height * abs(sin(angle)), self.height) / 2
        along = np.array([half, half * tan(angle)])
        across = np.array([0.0, self.height / cos(angle) / 2])
        return _outline(self.x, self.y, along, across)

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the upright rectangle round the box, pixels."""
        return bounds_of(self.corners())


def _outline(x: float, y: float, along: Floats, across: Floats) -> Floats:
    corners: Floats = np.stack([-along - across, along - across, along + across, across - along]) + np.array([x, y])
    return corners


def bounds_of(corners: Floats) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of points (count, 2)."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def cut(picture: Picture, corners: Floats, height: int = CROP_HEIGHT_PX) -> Picture:
    """The parallelogram as a straight picture of at most `height` rows."""
    run, rise = corners[1] - corners[0], corners[3] - corners[0]
    width_px, height_px = float(np.hypot(*run)), max(1.0, float(np.hypot(*rise)))
    rows = int(min(height, max(8, round(height_px))))
    columns = int(min(16 * rows, max(16, round(width_px / height_px * rows))))
    target = np.array([[0, 0], [columns, 0], [columns, rows]], np.float32)
    transform: Floats = np.asarray(cv2.getAffineTransform(corners[:3].astype(np.float32), target), np.float64)
    shrinks = height_px > 1.5 * rows
    if shrinks:
        return _cut_large(picture, corners, transform, (columns, rows), height_px / rows)
    flags = cv2.INTER_CUBIC
    return np.asarray(
        cv2.warpAffine(picture, transform, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _cut_large(picture: Picture, corners: Floats, transform: Floats, size: tuple[int, int], factor: float) -> Picture:
    """Cut at full size first, then shrink by area: a single warp would skip most pixels of a near plate."""
    whole = min(8, int(np.ceil(factor)))
    enlarged = transform * whole
    columns, rows = size
    big = cv2.warpAffine(
        picture, enlarged, (columns * whole, rows * whole), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cv2.resize(big, size, interpolation=cv2.INTER_AREA), np.uint8)
