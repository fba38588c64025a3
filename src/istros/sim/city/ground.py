"""The plan of the ground: two pictures seen from above that say what covers it and what is painted on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
PAVING, CONCRETE, GRASS, COBBLES = range(4)
WHITE, YELLOW, DARK, OPEN = range(4)


class GroundPlan:
    """Coverage of each kind and paint, 0..255, over a rectangle in metres; what nothing covers is asphalt."""

    def __init__(self, left: float, near: float, width: float, depth: float, detail: float = 20.0) -> None:
        """`detail`: pixels per metre. The shader sharpens the edges, so that lines stay lines close to the camera."""
        self.box = (left, near, width, depth)
        self.detail = detail
        rows, columns = round(depth * detail), round(width * detail)
        self._kind = [np.zeros((rows, columns), np.uint8) for _ in range(4)]
        self._paint = [np.zeros((rows, columns), np.uint8) for _ in range(3)] + [
            np.full((rows, columns), 255, np.uint8)
        ]

    def _pixels(self, points: Iterable[Point]) -> NDArray[np.int32]:
        at = (np.array(list(points), np.float64) - self.box[:2]) * self.detail * 16
        return np.round(at).astype(np.int32)

    def _fill(self, layer: NDArray[np.uint8], outline: Sequence[Point], value: int = 255) -> None:
        cv2.fillPoly(layer, [self._pixels(outline)], value, cv2.LINE_AA, 4)

    def cover(self, kind: int, outline: Sequence[Point]) -> None:
        """Covers a polygon with PAVING, CONCRETE, GRASS or COBBLES."""
        for i, layer in enumerate(self._kind):
            self._fill(layer, outline, 255 if i == kind else 0)

    def paint(self, colour: int, outline: Sequence[Point], value: int = 255) -> None:
        """Paints a polygon WHITE, YELLOW or DARK."""
        self._fill(self._paint[colour], outline, value)

    def line(
        self,
        start: Point,
        end: Point,
        width: float = 0.12,
        dash: tuple[float, float] | None = None,
        colour: int = WHITE,
    ) -> None:
        """A line of `width` metres, or dashes of (length, gap)."""
        a, b = np.array(start, np.float64), np.array(end, np.float64)
        length = float(np.linalg.norm(b - a))
        along = (b - a) / length
        side = np.array([-along[1], along[0]]) * width / 2
        pieces = [(0.0, length)]
        if dash:
            pieces = [(at, min(at + dash[0], length)) for at in np.arange(0, length, sum(dash))]
        for first, last in pieces:
            p, q = a + along * first, a + along * last
            self.paint(colour, [tuple(p + side), tuple(q + side), tuple(q - side), tuple(p - side)])

    def crossing(self, centre: Point, length: float, depth: float, turned: bool = False) -> None:
        """A zebra crossing: bars of half a metre; `length` is what people walk, along x or, `turned`, along y."""
        x, y = centre
        for at in np.arange(-length / 2 + 0.25, length / 2 - 0.4, 1.0):
            if turned:
                self.line((x - depth / 2, y + at + 0.25), (x + depth / 2, y + at + 0.25), 0.5)
            else:
                self.line((x + at + 0.25, y - depth / 2), (x + at + 0.25, y + depth / 2), 0.5)

    def tracks(self, start: Point, end: Point, strength: int = 42) -> None:
        """The dark band that wheels and oil leave along a lane."""
        self._soft(self._paint[DARK], [(start, end, 0.35, strength), (start, end, 1.9, strength // 2)])

    def _soft(self, layer: NDArray[np.uint8], strokes: Sequence[tuple[Point, Point, float, int]]) -> None:
        for start, end, width, value in strokes:
            stroke = np.zeros_like(layer)
            a, b = self._pixels([start, end])
            cv2.line(
                stroke,
                (int(a[0]), int(a[1])),
                (int(b[0]), int(b[1])),
                value,
                max(1, round(width * self.detail)),
                cv2.LINE_AA,
                4,
            )
            kernel = round(width * self.detail) | 1
            cv2.add(layer, cv2.blur(stroke, (kernel, kernel)), layer)

    def spot(self, at: Point, radius: float, strength: int = 120, colour: int = DARK) -> None:
        """A round patch: a manhole, a drain, oil."""
        centre = self._pixels([at])[0]
        cv2.circle(
            self._paint[colour],
            (int(centre[0]), int(centre[1])),
            int(radius * self.detail * 16),
            strength,
            -1,
            cv2.LINE_AA,
            4,
        )

    def shade(self, outline: Sequence[Point], reach: float = 2.5) -> None:
        """Less sky around a building that stands on the outline."""
        near = np.zeros_like(self._paint[OPEN])
        self._fill(near, outline)
        kernel = round(reach * self.detail) | 1
        near = cv2.blur(cv2.blur(near, (kernel, kernel)), (kernel, kernel))  # type: ignore[assignment]
        cv2.subtract(self._paint[OPEN], near, self._paint[OPEN])

    def pictures(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Kinds and paints as (rows, columns, 4), the first row nearest."""
        softened: Any = [cv2.GaussianBlur(layer, (0, 0), 0.8) for layer in (*self._kind, *self._paint)]
        return np.dstack(softened[:4]), np.dstack(softened[4:])
