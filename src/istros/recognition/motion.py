"""The motion gate: looks at the luma plane alone, so that a quiet camera costs half a millisecond a frame."""

from __future__ import annotations

import cv2
import numpy as np

from istros.recognition.picture import Picture

_COLUMNS = 160
_LEAST_CHANGE = 14
"""Grey levels; above the noise of a coded night picture after the blur."""
_LEAST_SHARE = 0.0012
"""Share of the small picture that must change: a person 40 px high in 640x360."""


class MotionGate:
    """Tells whether something moved since the last picture that it let through or has adapted to."""

    def __init__(self) -> None:
        self._reference: Picture | None = None

    def moved(self, luma: Picture) -> bool:
        """Compare a luma plane (rows, columns) with the reference; the first one, and one of another size, always moved."""
        rows = max(1, round(_COLUMNS * luma.shape[0] / luma.shape[1]))
        small = cv2.blur(cv2.resize(luma, (_COLUMNS, rows), interpolation=cv2.INTER_AREA), (3, 3))
        reference, self._reference = self._reference, np.asarray(small, np.uint8)
        if reference is None or reference.shape != small.shape:
            return True
        difference = cv2.absdiff(small, reference)
        # Light that changes everywhere at once (a cloud, the camera's gain) is no motion.
        common = int(np.median(difference))
        changed = int(np.count_nonzero(difference > _LEAST_CHANGE + common))
        return changed > _LEAST_SHARE * difference.size
