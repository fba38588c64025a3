"""The motion gate: looks at the luma plane alone, so that a quiet camera costs half a millisecond a frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from istros.recognition.picture import Floats, Picture, reduced
from istros.recognition.zones import PictureZones

_COLUMNS = 160
_LEAST_CHANGE = 14
"""Grey levels; above the noise of a coded night picture after the blur."""
_LEAST_SHARE = 0.0012
"""Share of the small picture that must change: a person 40 px high in 640x360."""
_CUT_SHARE = 0.06
"""Share that changes at a cut, at least; below it the tiles are not compared, so that a quiet camera pays nothing."""
_TILE = 10
_STRUCTURE = 4.0
"""Deviation in grey levels from which a tile shows something that can be known again."""
_LIKE = 0.7
_LEAST_KEPT = 0.45
"""Share of tiles that a fixed camera shows again: at least 0.59 in all our films, 0.23 in the middle at cuts (0012)."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a picture is beside the one before: something `moved` in it, or all of it is another scene (a `cut`)."""

    moved: bool
    cut: bool


class MotionGate:
    """Tells whether something moved since the last picture, and whether the camera now shows another scene."""

    def __init__(self, zones: PictureZones | None = None) -> None:
        self._zones = zones or PictureZones()
        self._reference: Picture | None = None

    def use(self, zones: PictureZones) -> None:
        """Look at other parts from now on; the next picture counts as moved, for the last one was masked otherwise."""
        self._zones, self._reference = zones, None

    def see(self, luma: Picture, cuts: bool = True) -> Change:
        """Compare a luma plane (rows, columns) with the last one; the first, and one of another size, always moved.

        Without `cuts` nobody asks whether it is another scene, which costs as much as all the rest.
        """
        small = _small(luma)
        mask = self._zones.mask(*small.shape[:2])
        if mask is not None:
            small *= mask
        reference, self._reference = self._reference, small
        if reference is None:
            return Change(moved=True, cut=False)
        if reference.shape != small.shape:
            return Change(moved=True, cut=True)
        counts = cv2.calcHist([cv2.absdiff(small, reference)], [0], mask, [256], [0, 256])
        # Light that changes everywhere at once (a cloud, the camera's gain) is no motion: the median is taken off.
        looked_at = small.size if mask is None else int(mask.sum())
        common = int(np.searchsorted(np.cumsum(counts), looked_at // 2 + 1))
        changed = int(counts[_LEAST_CHANGE + common + 1 :].sum()) / small.size
        return Change(changed > _LEAST_SHARE, cuts and changed > _CUT_SHARE and _kept(small, reference) < _LEAST_KEPT)


def _small(luma: Picture) -> Picture:
    """The picture at `_COLUMNS` columns, blurred."""
    rows = max(1, round(_COLUMNS * luma.shape[0] / luma.shape[1]))
    return np.asarray(cv2.blur(reduced(luma, _COLUMNS, rows), (3, 3)), np.uint8)


def _kept(one: Picture, other: Picture) -> float:
    """The share of tiles with a structure that both pictures show, whatever their light: normalised cross-correlation."""
    first, second = _tiles(one), _tiles(other)
    deviations = first.std(axis=1), second.std(axis=1)
    structured = np.maximum(*deviations) > _STRUCTURE
    if not structured.any():
        return 1.0
    likeness = (first * second).mean(axis=1) / (deviations[0] * deviations[1] + 1e-3)
    return float((likeness[structured] > _LIKE).mean())


def _tiles(picture: Picture) -> Floats:
    """(tiles, pixels), each less its mean; what is left over at the right and below is left out."""
    rows, columns = (max(1, length // _TILE) for length in picture.shape)
    cropped = picture[: rows * _TILE, : columns * _TILE].astype(np.float32)
    tiles = (
        cropped.reshape(rows, -1, columns, cropped.shape[1] // columns)
        .transpose(0, 2, 1, 3)
        .reshape(rows * columns, -1)
    )
    level: Floats = tiles - tiles.mean(axis=1, keepdims=True)
    return level
