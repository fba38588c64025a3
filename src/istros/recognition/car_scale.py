"""How high a car is at each place of a fixed camera's picture, learnt from the cars that passed: a ruler for the others.

The height of a thing on flat ground is linear in where its feet stand in the picture (a pinhole camera without roll; a
term for the column takes up a little roll), so three numbers suffice, fitted by least squares with the worst left out.
"""

from __future__ import annotations

from collections import deque
from statistics import median

import numpy as np
from numpy.typing import NDArray

from istros.recognition.observation import Box, is_whole
from istros.recognition.tracker import Track

_EDGE = 0.01
_MOST_SAMPLES, _SAMPLES_A_TRACK = 300, 6
_LEAST_TRACKS, _LEAST_SAMPLES = 3, 12
_KEPT = 0.8
"""Share of the samples that the second fit keeps: vans that were taken for cars are left out."""
_LEAST_HEIGHT = 0.01
_REACH = 0.12
"""How far beyond the rows that were sampled the ruler may be read, as a share of the picture's height."""
_CAR = 0.9
"""Share of the votes from which a track is a car beyond doubt."""


class CarScale:
    """One camera's ruler; empty until enough cars have passed."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float, float]] = deque(maxlen=_MOST_SAMPLES)
        self._tracks = 0
        self._fit: NDArray[np.float64] | None = None
        self._rows = (0.0, 0.0)

    def learn(self, track: Track) -> None:
        """Take a track that ended into account, if it surely was a car seen whole."""
        votes = sum(track.labels.values())
        whole = whole_boxes(track)
        if track.labels["car"] < _CAR * votes or len(whole) < 3:
            return
        step = max(1, len(whole) // _SAMPLES_A_TRACK)
        for box in whole[::step]:
            self._samples.append((box.bottom, box.middle[0], box.height))
        self._tracks += 1
        if self._tracks >= _LEAST_TRACKS and len(self._samples) >= _LEAST_SAMPLES:
            self._refit()

    def height_of(self, track: Track) -> float | None:
        """The track's height in car heights: the median over its places; None while the ruler is not known there."""
        ratios = [ratio for box in whole_boxes(track) if (ratio := self._ratio(box)) is not None]
        return median(ratios) if len(ratios) >= 2 else None

    def _ratio(self, box: Box) -> float | None:
        low, high = self._rows
        if self._fit is None or not low - _REACH <= box.bottom <= high + _REACH:
            return None
        expected = float(self._fit @ (1.0, box.bottom, box.middle[0]))
        return box.height / expected if expected > _LEAST_HEIGHT else None

    def _refit(self) -> None:
        bottoms, columns, heights = np.array(self._samples, np.float64).T
        places = np.stack([np.ones_like(bottoms), bottoms, columns], axis=1)
        fit = _least_squares(places, heights)
        errors = np.abs(places @ fit - heights) / np.maximum(heights, _LEAST_HEIGHT)
        kept = errors <= np.quantile(errors, _KEPT)
        self._fit = _least_squares(places[kept], heights[kept])
        self._rows = (float(bottoms.min()), float(bottoms.max()))


def _least_squares(places: NDArray[np.float64], heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """With a faint pull towards zero, for cars of one lane leave row and column undecided."""
    pull = np.diag([0.0, 1e-4, 1e-3]) * len(heights)
    return np.asarray(np.linalg.lstsq(places.T @ places + pull, places.T @ heights, rcond=None)[0])


def whole_boxes(track: Track) -> list[Box]:
    """The track's remembered boxes that the picture's edges do not cut."""
    return [box for _, box in track.places if is_whole(box, _EDGE)]
