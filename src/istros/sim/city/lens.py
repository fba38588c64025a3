"""What happens between the city and the sensor: glare around lamps, and rain that repeats with the clip."""

from __future__ import annotations

import random

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.sim.city.scene import Weather

Picture = NDArray[np.uint8]


def glare(picture: Picture, lamps: float) -> Picture:
    """The picture with a soft glow around its brightest spots; `lamps` 0..1 is how strongly lamps burn."""
    if lamps < 0.4:
        return picture
    rows, columns = picture.shape[:2]
    small = cv2.resize(picture, (columns // 4, rows // 4), interpolation=cv2.INTER_AREA).astype(np.float32)
    bright = np.maximum(small - 175, 0) * 2.2
    glow = cv2.GaussianBlur(bright, (0, 0), 3) * 0.35 + cv2.GaussianBlur(bright, (0, 0), 14) * 0.55
    wide = cv2.resize(np.clip(glow * lamps, 0, 255).astype(np.uint8), (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.add(picture, wide), np.uint8)


class Rain:
    """Streaks in three depths; each falls a whole number of times in a round, so that the clip's ends meet."""

    def __init__(self, weather: Weather, seed: int, size: tuple[int, int], seconds: float) -> None:
        self._size, self._seconds = size, seconds
        generator = random.Random(seed)
        count = round(150 * weather.rain)
        self._drops = [
            (
                generator.random(),
                generator.random(),
                round(seconds * generator.uniform(1.5, 2.3) / (1 + depth * 0.45)),
                depth,
                generator.randrange(1 << 16),
            )
            for depth in range(3)
            for _ in range(count * (depth + 1) // 2)
        ]

    def fall(self, picture: Picture, time: float) -> Picture:
        """The picture with the rain of that time."""
        if not self._drops:
            return picture
        columns, rows = self._size
        layer = np.zeros((rows, columns), np.uint8)
        for x, phase, falls, depth, salt in self._drops:
            done = (time / self._seconds + phase) * falls
            length = (0.16, 0.10, 0.06)[depth] * rows
            number = int(done) % falls
            top = (done % 1.0) * (rows + 2 * length) - length
            left = ((x + number * 0.618 + salt * 1e-3) % 1.0) * columns - top * 0.06
            start = (round(left * 16), round(top * 16))
            end = (round((left - length * 0.06) * 16), round((top + length) * 16))
            cv2.line(layer, start, end, (26, 22, 18)[depth], (2, 1, 1)[depth], cv2.LINE_AA, 4)
        layer = cv2.GaussianBlur(layer, (3, 5), 0)  # type: ignore[assignment]
        return np.asarray(cv2.add(picture, cv2.merge([layer, layer, layer])), np.uint8)
