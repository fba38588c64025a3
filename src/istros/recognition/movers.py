"""What moves in a fixed camera's picture, whatever it is: the background learnt, and what differs from it joined to boxes.

The street detector knows things by their looks from a street's side. From a roof or a high pole, and at night, it misses
most of them; that they move is then all there is to go by. Background: Z. Zivkovic, F. van der Heijden, "Efficient
adaptive density estimation per image pixel for the task of background subtraction", 2006 (OpenCV's MOG2), with its shadows.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.observation import Box, Detection, overlap, shared_area
from istros.recognition.picture import Picture

MOVER = "mover"
"""The label of what moves and has no name yet."""

_COLUMNS = 320
_MEMORY_FRAMES = 150
_BACKGROUND_SHARE = 0.7
"""Share of the memory that is background: what stands still belongs to it after 0.36 memories, 7 to 11 s."""
_DIFFERENCE = 24.0
"""Squared deviations from which a pixel is foreground; MOG2's own 16 gives speckles in coded films."""
_SHADOW = 127
_LEAST_AREA = 0.0012
"""Share of the picture: a car in the distance of a street camera, 25 x 18 pixels of 640x360."""
_LEAST_FILL = 0.35
_TOO_MUCH = 0.5
"""Share of the picture that cannot be things: the camera was turned, or the light changed. The background is learnt anew."""
_LEARN_FRAMES = 3
_CHANGE, _LEAST_CHANGED = 14, 0.04
"""Grey levels between two frames, and the share of a box's foreground that changes by more, from which it moves: what was
there at the beginning and drove off leaves a hole in the background that does not.
"""
_COVERED, _SAME = 0.35, 0.25
"""Share of a mover's box under detections' boxes, or overlap with one of them, from which it is what they show."""
_TOUCH = 0.01
"""Share of the picture within which a smaller mover hangs on a detected thing."""
_SCORE = 0.45


class MoverFinder:
    """One fixed camera's background; frames come in order, a few a second."""

    def __init__(self) -> None:
        self._background = self._new_background()
        self._learnt = 0
        self._last: Picture | None = None

    @staticmethod
    def _new_background() -> cv2.BackgroundSubtractorMOG2:
        background = cv2.createBackgroundSubtractorMOG2(_MEMORY_FRAMES, _DIFFERENCE, True)
        background.setBackgroundRatio(_BACKGROUND_SHARE)
        return background

    def find(self, picture: Picture) -> list[Detection]:
        """Boxes of what moves in a BGR picture, each labelled `MOVER`; nothing while the background is being learnt."""
        rows = max(1, round(_COLUMNS * picture.shape[0] / picture.shape[1]))
        small = np.asarray(
            cv2.blur(cv2.resize(picture, (_COLUMNS, rows), interpolation=cv2.INTER_AREA), (3, 3)), np.uint8
        )
        small = self._in_the_background_light(small)
        self._learnt += 1
        # OpenCV's own rate stays high for the first hundred frames, and a slow lorry's side becomes background.
        rate = 1.0 / self._learnt if self._learnt <= _LEARN_FRAMES else 1.0 / _MEMORY_FRAMES
        mask = self._background.apply(small, learningRate=rate)
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
        last, self._last = self._last, grey
        if self._learnt <= _LEARN_FRAMES or last is None or last.shape != grey.shape:
            return []
        solid = np.asarray(mask > _SHADOW, np.uint8)
        if float(solid.mean()) > _TOO_MUCH:
            self._background, self._learnt = self._new_background(), 0
            return []
        return _boxes(solid, cv2.absdiff(grey, last) > _CHANGE)

    def _in_the_background_light(self, small: Picture) -> Picture:
        """The picture as bright as the background: a white car makes the camera darken everything else.

        Each channel is divided by the median of its ratios to the background, which things on less than half of the
        picture do not move.
        """
        if not self._learnt:
            return small
        background = np.asarray(self._background.getBackgroundImage(), np.float32)
        if background.shape != small.shape:
            return small
        ratios = (small.astype(np.float32) + 8.0) / (background + 8.0)
        gains = np.median(ratios.reshape(-1, 3)[::4], axis=0)
        return np.asarray(np.clip((small + 8.0) / gains - 8.0, 0, 255), np.uint8)


def _boxes(solid: Picture, changed: NDArray[np.bool_]) -> list[Detection]:
    """The joined parts of a foreground mask (rows, columns) of 0 and 1 in which something changed just now."""
    rows, columns = solid.shape
    opened = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    # A car's roof has the road's grey: its outline is joined over about its half, not over the gap to the next car.
    closed = np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.uint8)
    count, _, parts, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    found = []
    for left, top, width, height, area in parts[1:count].tolist():
        moving = int(changed[top : top + height, left : left + width].sum())
        is_large = area >= _LEAST_AREA * rows * columns
        if is_large and area >= _LEAST_FILL * width * height and moving >= _LEAST_CHANGED * area:
            box = Box(left / columns, top / rows, (left + width) / columns, (top + height) / rows)
            found.append(Detection(box, MOVER, _SCORE))
    return found


def unexplained(movers: list[Detection], detections: list[Detection]) -> list[Detection]:
    """The movers that the detections do not cover, less what hangs on a larger detected thing: its shadow, its trailer."""
    return [mover for mover in movers if not _is_explained(mover.box, [other.box for other in detections])]


def _is_explained(mover: Box, found: list[Box]) -> bool:
    covered = sum(shared_area(mover, box) for box in found)
    if covered >= _COVERED * mover.area or any(overlap(mover, box) >= _SAME for box in found):
        return True
    near = Box(mover.left - _TOUCH, mover.top - _TOUCH, mover.right + _TOUCH, mover.bottom + _TOUCH)
    return any(box.area > mover.area and shared_area(near, box) > 0 for box in found)
