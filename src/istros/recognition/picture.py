"""Pictures as the recognisers take them."""

from __future__ import annotations

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Picture: TypeAlias = NDArray[np.uint8]
"""Height x width x 3 (BGR), or height x width (luma), 0 to 255."""

Floats: TypeAlias = NDArray[np.floating[Any]]


def reduced(luma: Picture, columns: int, rows: int) -> Picture:
    """The picture at that size, each pixel the mean of its area. Halving first is cheaper: OpenCV has a way for it alone."""
    while luma.shape[1] >= 2 * columns and luma.shape[0] >= 2 * rows:
        half = (luma.shape[1] // 2, luma.shape[0] // 2)
        luma = np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), np.uint8)
    if luma.shape != (rows, columns):
        luma = np.asarray(cv2.resize(luma, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)
    return luma
