"""What an analyser learns of how wide plates are at each spot of a camera's picture; sums alone, no vehicle and no time."""

from __future__ import annotations

from dataclasses import dataclass, field

from istros.recognition.observation import Box, is_whole
from istros.recognition.tracker import Track
from istros.store.plate_spots import ACROSS, DOWN, PlateSpotRow

_SURE = 0.5
"""Score of a car from which its height counts."""
_MOST_SEEN = 400


@dataclass(slots=True)
class _Sums:
    plates: int = 0
    plate_widths: float = 0.0
    vehicles: int = 0
    vehicle_heights: float = 0.0


@dataclass(slots=True)
class SpotBook:
    """One camera's sums since they were last taken."""

    camera_id: str
    _sums: dict[tuple[int, int], _Sums] = field(default_factory=dict)
    _seen: dict[tuple[str, tuple[int, int]], None] = field(default_factory=dict)

    def see_plate(self, plate: Box) -> None:
        """A plate that was announced."""
        sums = self._at(_spot(*plate.middle))
        sums.plates += 1
        sums.plate_widths += plate.right - plate.left

    def see_vehicles(self, tracks: tuple[Track, ...]) -> None:
        """Cars that are wholly in the picture, each once at a spot: one that is parked there must not count for all."""
        for track in tracks:
            box = track.box
            if track.label != "car" or track.score < _SURE or not is_whole(box):
                continue
            spot = _spot(box.middle[0], box.bottom)
            if (track.id, spot) in self._seen:
                continue
            self._seen[track.id, spot] = None
            if len(self._seen) > _MOST_SEEN:
                del self._seen[next(iter(self._seen))]
            sums = self._at(spot)
            sums.vehicles += 1
            sums.vehicle_heights += box.height

    def _at(self, spot: tuple[int, int]) -> _Sums:
        return self._sums.setdefault(spot, _Sums())

    def take(self) -> list[PlateSpotRow]:
        """The sums, which then begin anew."""
        sums, self._sums = self._sums, {}
        return [
            PlateSpotRow(self.camera_id, *spot, each.plates, each.plate_widths, each.vehicles, each.vehicle_heights)
            for spot, each in sums.items()
        ]

    def give_back(self, rows: list[PlateSpotRow]) -> None:
        """The store did not take them: they count again with what comes next."""
        for row in rows:
            sums = self._at((row.across, row.down))
            sums.plates += row.plates
            sums.plate_widths += row.plate_widths
            sums.vehicles += row.vehicles
            sums.vehicle_heights += row.vehicle_heights


def _spot(x: float, y: float) -> tuple[int, int]:
    return min(ACROSS - 1, max(0, int(x * ACROSS))), min(DOWN - 1, max(0, int(y * DOWN)))
