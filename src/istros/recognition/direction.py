"""Where a vehicle drove: towards the camera or away from it, left or right, and by the compass."""

from __future__ import annotations

from math import log

from istros.recognition.observation import is_whole
from istros.recognition.tracker import Track
from istros.store.rows import Direction

_LEAST_GROWTH = 0.15
"""Logarithm of the ratio of heights from which a vehicle came nearer: about a sixth."""
_LEAST_WAY = 0.5
"""Way across, in vehicle widths, from which it drove across."""
_CROSSING = 3.0
"""Widths of way across for each unit of growth from which it crossed the view rather than came or went."""
_TURN: dict[Direction, float] = {"away": 0.0, "right": 90.0, "towards": 180.0, "left": 270.0}


def direction_of(track: Track) -> Direction | None:
    """From the first and last place where all of it was in the picture; None where it stood or was seen too shortly."""
    whole = [box for _, box in track.places if is_whole(box)]
    if len(whole) < 2:
        return None
    first, last = whole[0], whole[-1]
    growth = log(max(1e-6, last.bottom - last.top) / max(1e-6, first.bottom - first.top))
    width = (first.right - first.left + last.right - last.left) / 2
    way = (last.left + last.right - first.left - first.right) / 2 / max(1e-6, width)
    if abs(growth) >= _LEAST_GROWTH and abs(way) <= _CROSSING * abs(growth):
        return "towards" if growth > 0 else "away"
    if abs(way) >= _LEAST_WAY:
        return "right" if way > 0 else "left"
    return None


def heading_of(direction: Direction | None, bearing: float | None) -> float | None:
    """Degrees from north in which it drove, where the camera's own bearing is known."""
    return None if direction is None or bearing is None else (bearing + _TURN[direction]) % 360
