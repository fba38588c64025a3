"""What two people's verdicts teach about the threshold, camera by camera: a report, which changes nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from istros.recognition.faces.comparing import MATCH_RATE, SHIPPED
from istros.store.faces import FaceCandidateRow
from istros.store.people import FaceCountRow

STEP, STEPS = 0.02, 5
"""Distances below the present threshold at which the report says what would have been raised."""


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """One camera at one threshold (a distance): candidates that would have been raised, by what they turned out to be.

    `rejected` counts those too that were confirmed first and undone afterwards.
    """

    camera_id: str
    threshold: float
    raised: int
    confirmed: int
    rejected: int
    open: int
    comparisons: int

    @property
    def false_rate(self) -> float | None:
        """Rejected candidates among comparisons; None where nothing was compared."""
        return self.rejected / self.comparisons if self.comparisons else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the false rate, after E. B. Wilson, 1927."""
        return wilson(self.rejected, self.comparisons) if self.comparisons else None

    @property
    def expected_rate(self) -> float:
        """What the calibration says of one comparison at this threshold."""
        return SHIPPED.rate_at(self.threshold)


def threshold_lines(candidates: Sequence[FaceCandidateRow], counts: Sequence[FaceCountRow]) -> list[ThresholdLine]:
    """One line a camera and threshold, from the present one downwards."""
    now = SHIPPED.threshold_for(MATCH_RATE)
    compared: dict[str, int] = {}
    for row in counts:
        compared[row.camera_id] = compared.get(row.camera_id, 0) + row.compared
    cameras = sorted(compared.keys() | {row.camera_id for row in candidates})
    return [
        _line(camera, round(now - step * STEP, 3), candidates, compared.get(camera, 0))
        for camera in cameras
        for step in range(STEPS)
    ]


def _line(camera: str, threshold: float, candidates: Sequence[FaceCandidateRow], comparisons: int) -> ThresholdLine:
    here = [row for row in candidates if row.camera_id == camera and row.distance <= threshold]
    outcomes = [row.outcome for row in here]
    return ThresholdLine(
        camera, threshold, len(here), outcomes.count("confirmed"), outcomes.count("rejected") + outcomes.count("undone"),
        outcomes.count("open"), comparisons,
    )  # fmt: skip


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The interval in which a share lies with 95 %, from few trials too."""
    share = hits / trials
    middle = share + z * z / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
