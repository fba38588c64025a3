"""Lends recognition's detectors to redacted exports; `recording` knows nothing of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from istros.recognition.hiding import HeadAndPlateFinder
from istros.recording.export.covering import FoundBox


class RecognitionFinder:
    """Implements `recording.export.covering.Finder` by the detectors of people, faces and plates."""

    def __init__(self) -> None:
        self._finder = HeadAndPlateFinder()
        self.names: tuple[str, ...] = self._finder.names

    def find(self, picture: NDArray[np.uint8]) -> list[FoundBox]:
        """Heads and plates in a BGR picture. Blocks."""
        heads, plates = self._finder.find(picture)
        return [
            *(FoundBox("head", box.left, box.top, box.right, box.bottom) for box in heads),
            *(FoundBox("plate", box.left, box.top, box.right, box.bottom) for box in plates),
        ]


def open_finder() -> RecognitionFinder:
    """Load the models."""
    return RecognitionFinder()
