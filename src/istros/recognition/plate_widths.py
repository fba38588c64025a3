"""How wide plates are at each spot of a camera's picture, and what that suffices for (EN 62676-4:2015).

Plain arithmetic over what the analyser summed and a person marked, so that a server can do it without any model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Literal

from istros.devices.camera import Zone
from istros.devices.polygon import contains
from istros.store.plate_spots import ACROSS, DOWN, PlateSpotRow

PLATE_M = 0.52
"""Width of a European plate (Vienna Convention on Road Traffic; Ukraine DSTU 4278, Romania OMAI 501/2006)."""
CAR_M = 1.5
"""Height of a usual car: 1.40 to 1.70 m, so a width from it can be a seventh off."""
ENOUGH_PX = 70
"""Width from which 95 % of the plates read in one frame are read right (docs/benchmarks/reading.md)."""

Level = Literal["none", "monitor", "detect", "observe", "recognise", "identify"]
LEVELS: tuple[tuple[float, Level], ...] = (
    (250.0, "identify"), (125.0, "recognise"), (62.5, "observe"), (25.0, "detect"), (12.5, "monitor"),
)  # fmt: skip
"""Pixels a metre from which each level holds: EN 62676-4:2015 (4, 8, 16, 40 and 80 mm a pixel)."""

Source = Literal["plates", "scale", "vehicles"]
Mark = tuple[float, float, float, float, float]
"""One end's x and y, the other end's x and y (shares of the picture), and the metres between them."""


@dataclass(frozen=True, slots=True)
class SpotWidth:
    """A spot by its column and row, how wide plates are there, by what it is known, and by how many of those."""

    across: int
    down: int
    width_px: float
    source: Source
    count: int
    in_zone: bool

    @property
    def level(self) -> Level:
        """What the picture is good for there."""
        return level_of(self.width_px / PLATE_M)


def level_of(px_per_m: float) -> Level:
    """The highest level of EN 62676-4 that so many pixels a metre reach."""
    return next((level for least, level in LEVELS if px_per_m >= least), "none")


def widths(
    rows: Sequence[PlateSpotRow], marks: Sequence[Mark], size: tuple[int, int], zones: Sequence[Zone] = ()
) -> list[SpotWidth]:
    """Every spot of which anything is known, row by row; `size` is the picture's width and height in pixels.

    What was read counts before what a person marked, and that before the height of cars.
    """
    known = {(row.across, row.down): row for row in rows}
    slope = scale_of(marks, size)
    found = []
    for down in range(DOWN):
        for across in range(ACROSS):
            x, y = (across + 0.5) / ACROSS, (down + 0.5) / DOWN
            told = _told(known.get((across, down)), slope, y, size)
            if told is not None:
                in_zone = not zones or any(contains(zone, x, y) for zone in zones)
                found.append(SpotWidth(across, down, *told, in_zone))
    return found


def _told(
    row: PlateSpotRow | None, scale: tuple[float, float] | None, y: float, size: tuple[int, int]
) -> tuple[float, Source, int] | None:
    if row is not None and row.plates:
        return row.plate_widths / row.plates * size[0], "plates", row.plates
    px_per_m = 0.0 if scale is None else scale[0] + scale[1] * y
    if px_per_m > 0:
        return px_per_m * PLATE_M, "scale", 0
    if scale is None and row is not None and row.vehicles:
        return row.vehicle_heights / row.vehicles * size[1] / CAR_M * PLATE_M, "vehicles", row.vehicles
    return None


def scale_of(marks: Sequence[Mark], size: tuple[int, int]) -> tuple[float, float] | None:
    """Pixels a metre as (at the picture's upper edge, and by how much more at the lower edge), from two marks.

    On flat ground they grow evenly from the horizon down. None without two marks at different heights of the picture.
    """
    if len(marks) != 2:
        return None
    (y1, one), (y2, two) = (_measured(mark, size) for mark in marks)
    if abs(y1 - y2) < 0.02:
        return None
    slope = (two - one) / (y2 - y1)
    return one - slope * y1, slope


def _measured(mark: Mark, size: tuple[int, int]) -> tuple[float, float]:
    """(the mark's height in the picture, pixels a metre there)."""
    x1, y1, x2, y2, metres = mark
    return (y1 + y2) / 2, hypot((x2 - x1) * size[0], (y2 - y1) * size[1]) / metres
