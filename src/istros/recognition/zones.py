"""Parts of a camera's picture: where plates are read, what is searched by nothing, and what nobody sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from istros.devices.camera import Camera, Zone
from istros.devices.polygon import contains
from istros.recognition.observation import Box
from istros.recognition.picture import Picture
from istros.store.camera_zones import CameraZonesRow

_HEIGHTS = (0.5, 0.75, 1.0)
"""Shares of a vehicle's height at which its plate may be: cars carry it low, lorries and vans seen from a pole higher."""
_FINE = (2160, 3840)
"""Rows and columns at which two sets of zones are compared: a slit that is narrower is painted over by its mask's outline."""
_BLANK = 114
"""Grey that the detectors' own padding has."""


@dataclass(frozen=True, slots=True)
class PictureZones:
    """A camera's zones; the standard has none: plates everywhere, nothing ignored."""

    plates: tuple[Zone, ...] = ()
    ignored: tuple[Zone, ...] = ()
    private: tuple[Zone, ...] = ()
    """Privacy masks (rule L19): whatever shows pictures paints them over (`devices.masks`)."""

    @property
    def unsearched(self) -> tuple[Zone, ...]:
        """What nothing is searched in: the ignored zones and the privacy masks."""
        return self.ignored + self.private

    @classmethod
    def of(cls, camera: Camera) -> PictureZones:
        """The zones that the configuration gives a camera."""
        return cls(camera.plate_zone, camera.ignored_zone, camera.private_zone)

    @classmethod
    def in_force(cls, camera: Camera, drawn: CameraZonesRow | None) -> PictureZones:
        """The zones that hold: what a person drew last, or else the configuration's."""
        if drawn is None or drawn.from_file:
            return cls.of(camera)
        return cls(drawn.plates, drawn.ignored, drawn.private)

    def uncovers(self, before: PictureZones) -> bool:
        """Whether anything would be seen that nobody saw before, or searched that nothing searched."""
        return _uncovers(self.private, before.private) or _uncovers(self.unsearched, before.unsearched)

    def may_read(self, vehicle: Box) -> bool:
        """Whether a vehicle's plate can be in a plate zone: some height of its middle is."""
        if not self.plates:
            return True
        points = [(vehicle.middle[0], vehicle.top + share * vehicle.height) for share in _HEIGHTS]
        return any(contains(zone, *point) for zone in self.plates for point in points)

    def holds_plate(self, plate: Box) -> bool:
        """Whether a plate's middle lies where plates are read, and not where nothing is searched."""
        x, y = plate.middle
        if any(contains(zone, x, y) for zone in self.unsearched):
            return False
        return not self.plates or any(contains(zone, x, y) for zone in self.plates)

    def plate_bounds(self) -> Box:
        """The upright box round all plate zones; the whole picture where there is none."""
        corners = [corner for zone in self.plates for corner in zone] or [(0.0, 0.0), (1.0, 1.0)]
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return Box(min(across), min(down), max(across), max(down))

    def hide(self, picture: Picture, whole: Box | None = None) -> Picture:
        """Blank what nothing is searched in, in place, in a picture of the whole or of the part `whole` of it."""
        part = whole or Box(0.0, 0.0, 1.0, 1.0)
        rows, columns = picture.shape[:2]
        for zone in self.unsearched:
            scale = columns / (part.right - part.left), rows / (part.bottom - part.top)
            corners = [((x - part.left) * scale[0], (y - part.top) * scale[1]) for x, y in zone]
            cv2.fillPoly(picture, [np.round(corners).astype(np.int32)], (_BLANK, _BLANK, _BLANK))
        return picture

    def mask(self, rows: int, columns: int) -> Picture | None:
        """1 where something is searched and 0 elsewhere, at that size; None where everything is."""
        return _mask(self.unsearched, rows, columns) if self.unsearched else None


def _uncovers(new: tuple[Zone, ...], old: tuple[Zone, ...]) -> bool:
    return bool(((_drawn(old, *_FINE) == 0) & (_drawn(new, *_FINE) == 1)).any())


@lru_cache(maxsize=256)
def _mask(covered: tuple[Zone, ...], rows: int, columns: int) -> Picture:
    return _drawn(covered, rows, columns)


def _drawn(covered: tuple[Zone, ...], rows: int, columns: int) -> Picture:
    mask = np.ones((rows, columns), np.uint8)
    for zone in covered:
        cv2.fillPoly(mask, [np.round([(x * columns, y * rows) for x, y in zone]).astype(np.int32)], 0)
    return mask
