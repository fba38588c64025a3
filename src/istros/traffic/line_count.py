"""A line across a picture, and who crossed it which way.

Side `a` lies to the left of somebody who looks from the line's first point to its second, in the picture as it is seen;
for a line from left to right that is above it. A crossing towards `a` has the direction `a`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import hypot
from typing import Literal

from istros.base.time import Time
from istros.recognition.observation import Box, is_whole
from istros.recognition.tracker import Track

Direction = Literal["a", "b"]

_SETTLED = 0.35
"""Share of a thing's half extent across the line by which its middle must be past it: a standing box jitters by less."""
_CUT_OFF = 0.15
"""The same for what drives and is cut off by the picture's edge: its true middle is further out."""
_AT_FIRST = 0.1
"""The same for the first place of a track, which has nothing to be confused with yet."""
_LEAST_PX = 2.0
_BEYOND = 0.02
"""Share of the line's length by which a crossing may miss its ends."""
_LONGEST_PX = 1_000_000.0
LEAST_HITS = 3
"""Sights that a track needs before its crossing counts: false detections rarely last."""


@dataclass(frozen=True, slots=True)
class CountLine:
    """A named line from one point to another, in pixels of the film or stream that it was drawn on."""

    name: str
    start: tuple[float, float]
    end: tuple[float, float]

    def __post_init__(self) -> None:
        # Also false for what is no number.
        if not 1.0 <= self.length <= _LONGEST_PX:
            raise ValueError(f"the line {self.name} has no length, or one that no picture has")

    @property
    def length(self) -> float:
        """In pixels."""
        return hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])

    @property
    def normal(self) -> tuple[float, float]:
        """The unit vector that points to side `b`: to the right of who looks along the line; y goes down."""
        across, down = self.end[0] - self.start[0], self.end[1] - self.start[1]
        return -down / self.length, across / self.length

    def distance(self, x: float, y: float) -> float:
        """Pixels from the endless line through both points; negative on side `a`, positive on side `b`."""
        normal_x, normal_y = self.normal
        return (x - self.start[0]) * normal_x + (y - self.start[1]) * normal_y

    def share(self, x: float, y: float) -> float:
        """Where along the line a point lies: 0 at the first point, 1 at the second."""
        across, down = self.end[0] - self.start[0], self.end[1] - self.start[1]
        return ((x - self.start[0]) * across + (y - self.start[1]) * down) / self.length**2


@dataclass(frozen=True, slots=True)
class Crossing:
    """One thing crossed one line, once."""

    line: str
    track_id: str
    direction: Direction
    time: Time


@dataclass(slots=True)
class _Place:
    """Where a track's middle is about one line."""

    x: float
    y: float
    distance: float
    time: Time
    side: int = 0
    """-1 on side `a`, 1 on side `b`, 0 while that is not known."""
    passed: tuple[float, Time] | None = None
    """The last change of sign: where along the line, and when."""


@dataclass(slots=True)
class LineCounter:
    """Follows tracks across one line. Feed every track at every frame in which it was seen."""

    line: CountLine
    size: tuple[int, int]
    """Columns and rows of the picture that the line's pixels are meant in."""
    _places: dict[str, _Place] = field(default_factory=dict)
    _waiting: dict[str, list[Crossing]] = field(default_factory=dict)
    """Crossings of tracks that have not been seen often enough yet."""

    def see(self, track: Track, time: Time) -> tuple[Crossing, ...]:
        """The track's crossings that count from now on: none, as a rule."""
        crossing = self._moved(track, time)
        waiting = self._waiting.setdefault(track.id, []) if crossing else self._waiting.get(track.id)
        if crossing is not None and waiting is not None:
            waiting.append(crossing)
        if not waiting or track.hits < LEAST_HITS:
            return ()
        return tuple(self._waiting.pop(track.id))

    def forget(self, track_id: str) -> None:
        """The track ended."""
        self._places.pop(track_id, None)
        self._waiting.pop(track_id, None)

    def _moved(self, track: Track, time: Time) -> Crossing | None:
        x, y, reach = self._middle(track.box)
        distance = self.line.distance(x, y)
        place = self._places.get(track.id)
        if place is None:
            side = _side(distance, max(_LEAST_PX, _AT_FIRST * reach))
            self._places[track.id] = _Place(x, y, distance, time, side)
            return None
        if (place.distance < 0) != (distance < 0):
            part = place.distance / (place.distance - distance)
            at = self.line.share(place.x + part * (x - place.x), place.y + part * (y - place.y))
            place.passed = at, Time(place.time + round(part * (time - place.time)))
        place.x, place.y, place.distance, place.time = x, y, distance, time
        settled = _CUT_OFF if not is_whole(track.box) and not track.stands else _SETTLED
        side = _side(distance, max(_LEAST_PX, settled * reach))
        before, place.side = place.side, side or place.side
        if not side or not before or side == before or place.passed is None:
            return None
        at, when = place.passed
        within = -_BEYOND <= at <= 1 + _BEYOND
        return Crossing(self.line.name, track.id, "b" if side > 0 else "a", when) if within else None

    def _middle(self, box: Box) -> tuple[float, float, float]:
        """(x, y of the box's middle, half its extent across the line), in pixels."""
        columns, rows = self.size
        width, height = box.width * columns, box.height * rows
        normal_x, normal_y = self.line.normal
        reach = (abs(normal_x) * width + abs(normal_y) * height) / 2
        return box.middle[0] * columns, box.middle[1] * rows, reach


def _side(distance: float, margin: float) -> int:
    return 0 if abs(distance) < margin else 1 if distance > 0 else -1


def crossings_of(counters: list[LineCounter], track: Track, time: Time) -> Iterator[Crossing]:
    """The crossings of all lines that a track's new place settles."""
    for counter in counters:
        yield from counter.see(track, time)
