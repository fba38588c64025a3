"""Polygons in a picture, corners in shares of its width and height."""

from __future__ import annotations

from istros.devices.camera import Zone

_ROWS, _SHARES = 24, (0.1, 0.3, 0.5, 0.7, 0.9)


def contains(zone: Zone, x: float, y: float) -> bool:
    """Whether a point (shares of the picture) lies inside a polygon: the even-odd rule over its edges."""
    inside = False
    for (x1, y1), (x2, y2) in zip(zone, (*zone[1:], zone[0]), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def crossing(zone: Zone) -> tuple[int, int] | None:
    """The first two edges that meet where they should not, by the places of their first corners; None where none do.

    Neighbours share a corner and may meet there alone; one that runs back over the other crosses it.
    """
    edges = list(zip(zone, (*zone[1:], zone[0]), strict=True))
    for one, (a, b) in enumerate(edges):
        for other in range(one + 1, len(edges)):
            c, d = edges[other]
            if other == one + 1 or (one == 0 and other == len(edges) - 1):
                start, middle, end = (a, b, d) if other == one + 1 else (c, a, b)
                if _turns(start, middle, end) == 0 and _goes_back(start, middle, end):
                    return one, other
            elif _meet(a, b, c, d):
                return one, other
    return None


def area(zone: Zone) -> float:
    """The share of the picture inside a polygon that does not cross itself (the shoelace formula)."""
    doubled = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(zone, (*zone[1:], zone[0]), strict=True))
    return abs(doubled) / 2


_Point = tuple[float, float]


def _turns(a: _Point, b: _Point, c: _Point) -> int:
    """1 where the way from a over b to c turns one way, -1 the other way, 0 straight on."""
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (cross > _EXACT) - (cross < -_EXACT)


_EXACT = 1e-12
"""Twice the area, as a share of the picture, under which three points lie on one line."""


def _goes_back(a: _Point, b: _Point, c: _Point) -> bool:
    return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) <= 0


def _meet(a: _Point, b: _Point, c: _Point, d: _Point) -> bool:
    """Whether two edges have a point in common, ends among them."""
    turns = _turns(a, b, c), _turns(a, b, d), _turns(c, d, a), _turns(c, d, b)
    if turns[0] != turns[1] and turns[2] != turns[3]:
        return True
    ends = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _lies_between(start, end, point) for turn, start, end, point in ends)


def _lies_between(start: _Point, end: _Point, point: _Point) -> bool:
    return all(min(a, b) <= at <= max(a, b) for a, b, at in zip(start, end, point, strict=True))


def bounds(zone: Zone) -> Zone:
    """The upright rectangle round a polygon: it holds all of it."""
    across, down = [x for x, _ in zone], [y for _, y in zone]
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    return (left, top), (right, top), (right, bottom), (left, bottom)


def holds(outer: Zone, inner: Zone, off: float) -> bool:
    """Whether a polygon holds another, but for `off` (a share of the picture) along its edge.

    Looked at in some places of the inner one: five in each stretch of 24 rows, so that the thinnest has its own.
    """
    (left, top), _, (right, bottom), _ = bounds(inner)
    across, down = min(off, (right - left) / 4), min(off, (bottom - top) / 4)
    near = ((0.0, 0.0), (across, 0.0), (-across, 0.0), (0.0, down), (0.0, -down))
    return len(outer) > 2 and all(
        any(contains(outer, x + dx, y + dy) for dx, dy in near)
        for row in range(_ROWS)
        for x, y in _places(inner, top + (row + 0.5) / _ROWS * (bottom - top))
    )


def _places(zone: Zone, y: float) -> list[_Point]:
    """Points inside a polygon at one height."""
    edges = zip(zone, (*zone[1:], zone[0]), strict=True)
    met = sorted((x2 - x1) * (y - y1) / (y2 - y1) + x1 for (x1, y1), (x2, y2) in edges if (y1 > y) != (y2 > y))
    return [(a + share * (b - a), y) for a, b in zip(met[::2], met[1::2], strict=True) for share in _SHARES]
