"""A face in one picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

Point = tuple[float, float]
"""Column and row, pixels."""

Landmarks = tuple[Point, Point, Point, Point, Point]
"""The eye at the picture's left, the eye at its right, the tip of the nose, the mouth's corners at left and right."""


@dataclass(frozen=True, slots=True)
class Face:
    """Where a face is; sides and landmarks are pixels of the picture, and may lie outside it where a face is cut off."""

    left: float
    top: float
    right: float
    bottom: float
    score: float
    landmarks: Landmarks

    @property
    def width(self) -> float:
        """Columns of the box."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Rows of the box, from the hair's edge to the chin."""
        return self.bottom - self.top

    @property
    def eyes_px(self) -> float:
        """Distance between the eyes, pixels."""
        (x, y), (other_x, other_y) = self.landmarks[0], self.landmarks[1]
        return hypot(other_x - x, other_y - y)

    def moved(self, columns: float, rows: float) -> Face:
        """The same face in a picture whose origin lies `columns` further left and `rows` further up."""
        return self._mapped(1.0, columns, rows)

    def scaled(self, factor: float) -> Face:
        """The same face in a picture `factor` times as large."""
        return self._mapped(factor, 0.0, 0.0)

    def _mapped(self, factor: float, columns: float, rows: float) -> Face:
        one, two, three, four, five = ((x * factor + columns, y * factor + rows) for x, y in self.landmarks)
        return Face(
            self.left * factor + columns,
            self.top * factor + rows,
            self.right * factor + columns,
            self.bottom * factor + rows,
            self.score,
            (one, two, three, four, five),
        )


def face_overlap(one: Face, other: Face) -> float:
    """Intersection over union of two faces' boxes, 0 to 1."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)
