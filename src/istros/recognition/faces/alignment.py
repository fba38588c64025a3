"""Chips: a face turned and scaled so that its landmarks lie where a net expects them.

The nets were trained on chips as dlib cuts them (`get_face_chip`, padding 0.25 for the embedder, 0.2 for age and sex). Its
five points are others than the detector's, so the templates were learnt: the median places of the detector's landmarks in
dlib's chips of 14 photographed faces (of test pictures that registry packages ship), made symmetric. On them the
embeddings of our chips lie 0.20 from those of dlib's chips on average; different people lie 0.8 apart.
"""

from __future__ import annotations

from math import hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.faces.face import Face
from istros.recognition.picture import Picture

Template = NDArray[np.float64]
"""(5, 2): places of the landmarks in a chip, shares of its side."""

WIDE = np.array([[0.3209, 0.2956], [0.6939, 0.2956], [0.5074, 0.5154], [0.3496, 0.6966], [0.6651, 0.6966]])
"""For the embedder (dlib's padding 0.25)."""

NARROW = np.array([[0.3081, 0.2810], [0.7077, 0.2810], [0.5079, 0.5165], [0.3389, 0.7107], [0.6769, 0.7107]])
"""For age and sex (dlib's padding 0.2)."""


def chip_of(picture: Picture, face: Face, side: int, template: Template = WIDE) -> Picture:
    """The face's chip (side, side, 3), BGR; what lies outside the picture is filled with its edge."""
    turn = similarity(np.array(face.landmarks), template * side)
    scale = hypot(turn[0, 0], turn[1, 0])
    # Warping looks at four pixels only: a much larger face is reduced first, by the mean of each area.
    if scale < 0.5:
        picture, turn = _reduced(picture, face, turn, scale * 1.5)
    return np.asarray(
        cv2.warpAffine(picture, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _reduced(picture: Picture, face: Face, turn: Template, factor: float) -> tuple[Picture, Template]:
    """The surroundings of a face at `factor` of their size, and the transformation from there to the chip."""
    rows, columns = picture.shape[:2]
    margin = max(face.width, face.height)
    left, top = max(0, int(face.left - margin)), max(0, int(face.top - margin))
    right, bottom = min(columns, int(face.right + margin) + 1), min(rows, int(face.bottom + margin) + 1)
    if right - left < 2 or bottom - top < 2:
        return picture, turn
    size = (max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor)))
    small = np.asarray(cv2.resize(picture[top:bottom, left:right], size, interpolation=cv2.INTER_AREA), np.uint8)
    across, down = (right - left) / size[0], (bottom - top) / size[1]
    back = np.array([[across, 0.0, left + (across - 1) / 2], [0.0, down, top + (down - 1) / 2], [0.0, 0.0, 1.0]])
    return small, turn @ back


def similarity(points: Template, wanted: Template) -> Template:
    """The turn, scale and shift (2, 3) that brings points (n, 2) nearest to the wanted ones in the sense of least squares.

    Source: S. Umeyama, IEEE PAMI 13(4), 1991, in the complex numbers' form. Points that are all one give no turn.
    """
    middle, wanted_middle = points.mean(0), wanted.mean(0)
    there = (points - middle) @ np.array([1, 1j])
    here = (wanted - wanted_middle) @ np.array([1, 1j])
    spread = float((np.abs(there) ** 2).sum())
    factor = complex((np.conj(there) * here).sum() / spread) if spread > 1e-9 else complex(1.0)
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turn, wanted_middle - turn @ middle])
