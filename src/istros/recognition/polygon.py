"""Polygons in a picture, corners in shares of its width and height."""

from __future__ import annotations

from istros.devices.camera import Zone


def contains(zone: Zone, x: float, y: float) -> bool:
    """Whether a point (shares of the picture) lies inside a polygon: the even-odd rule over its edges."""
    inside = False
    for (x1, y1), (x2, y2) in zip(zone, (*zone[1:], zone[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
