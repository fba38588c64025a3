"""The colours of a person's upper and lower clothes in one frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.colour_names import ColourName, Light, shares_of
from istros.recognition.observation import Box
from istros.recognition.picture import Picture

LEAST_HEIGHT_PX = 48
"""A smaller person shows the background as much as clothes."""

UPPER, LOWER = (0.20, 0.42), (0.58, 0.85)
"""Rows of chest and of legs in a standing person's box, as shares of its height (a head is an eighth of it)."""

_MIDDLE = 0.4
"""Share of the box's width, in its middle, that is looked at."""
_BESIDE = 0.35
"""Shares of the box's width on each side that show the background."""
_ROWS = 24
_BINS = 8
_LEAST_OWN = 0.2
_CUT_OFF = 0.995
_UPRIGHT, _TALL = 1.5, 2.6
"""Height by width of a box from which somebody stands, and of most people who walk."""


@dataclass(frozen=True, slots=True)
class ClothesLook:
    """Shares of the colours in one frame, the largest first; empty where that part was not to be seen."""

    upper: dict[ColourName, float]
    lower: dict[ColourName, float]
    height_px: int


def clothes_in(frame: Picture, person: Box, light: Light) -> ClothesLook | None:
    """Look at a person's clothes in a BGR frame; None where they are too small, cut off above, or do not stand."""
    rows, columns = frame.shape[:2]
    height, width = (person.bottom - person.top) * rows, (person.right - person.left) * columns
    if (
        height < LEAST_HEIGHT_PX
        or person.top <= 1 - _CUT_OFF
        or (height < _UPRIGHT * width and person.bottom < _CUT_OFF)
    ):
        return None
    whole = person.bottom < _CUT_OFF
    if not whole:  # cut off below: taller than the box shows, and the legs are not to be seen
        person = Box(person.left, person.top, person.right, person.top + max(height, _TALL * width) / rows)
    upper = _colours(frame, person, UPPER, light)
    lower = _colours(frame, person, LOWER, light) if whole else {}
    return ClothesLook(upper, lower, round(height))


def _colours(frame: Picture, person: Box, part: tuple[float, float], light: Light) -> dict[ColourName, float]:
    """Colours of the middle of a band of the box, without what looks like the background beside it."""
    rows, columns = frame.shape[:2]
    height, width = person.bottom - person.top, person.right - person.left
    top, bottom = (int((person.top + share * height) * rows) for share in part)
    left, right = person.left * columns, person.right * columns
    wide = width * columns
    middle = (left + right) / 2
    band = frame[top : max(top + 1, bottom)]
    own = _reduced(band[:, max(0, int(middle - wide * _MIDDLE / 2)) : int(middle + wide * _MIDDLE / 2) + 1])
    beside = [
        band[:, max(0, int(left - _BESIDE * wide)) : max(0, int(left))],
        band[:, int(right) : int(right + _BESIDE * wide)],
    ]
    background = [_reduced(each) for each in beside if each.size]
    pixels = _without(own, np.concatenate(background)) if background else own
    return shares_of(pixels, light)


def _reduced(part: Picture) -> NDArray[np.uint8]:
    """A part at no more than `_ROWS` rows, as pixels (n, 3): near people cost no more than far ones."""
    rows, columns = part.shape[:2]
    if rows > _ROWS:
        size = (max(1, round(columns * _ROWS / rows)), _ROWS)
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    return part.reshape(-1, 3)


def _without(own: NDArray[np.uint8], background: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The pixels whose colour is at least as frequent in the person's middle as in the background.

    Colours are compared in coarse bins (8 a channel), as in histogram back-projection (M. Swain and D. Ballard, 1991).
    All pixels where too few would be left: somebody dressed like the wall behind them.
    """
    bins, size = _bins(own), _BINS**3
    here = np.bincount(bins, minlength=size) / len(own)
    there = np.bincount(_bins(background), minlength=size) / len(background)
    kept = own[(here >= there)[bins]]
    return kept if len(kept) >= _LEAST_OWN * len(own) else own


def _bins(pixels: NDArray[np.uint8]) -> NDArray[np.intp]:
    coarse = (pixels // (256 // _BINS)).astype(np.intp)
    return np.asarray(coarse[:, 0] * _BINS * _BINS + coarse[:, 1] * _BINS + coarse[:, 2])
