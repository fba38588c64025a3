"""What a redacted film hides, and when: drawn fields with their times, and what a finder saw, followed through the span.

A box that was once found is kept before and after, and between two looks it moves along: covering too much is the error
that this chooses.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from istros.base.time import SECOND, Time

Hidden = Literal["head", "plate"]
Point = tuple[float, float]

KEPT_US = 7 * SECOND // 10
"""How long a box stays before it was first and after it was last found."""

BRIDGED_US = 3 * SECOND // 2
"""Two sightings no further apart than this are one thing; in between it is hidden too."""

_HEIGHT = 9 / 16

_EDGE = 0.04
"""A thing that was last seen this near to the picture's edge has left it."""

_FAR = 1.2
"""A sighting belongs to a thing that is expected no further away than this many of its longer sides."""

HULL_US = SECOND // 4
"""Up to this far between or beside two sightings the whole way is hidden, not only the place where it should be."""


@dataclass(frozen=True, slots=True)
class FoundBox:
    """One thing to hide; sides as shares of the picture."""

    kind: Hidden
    left: float
    top: float
    right: float
    bottom: float


class Finder(Protocol):
    """Finds what must be hidden in a picture; wired from recognition by the composition root."""

    names: tuple[str, ...]
    """The models that look, for the manifest."""

    def find(self, picture: NDArray[np.uint8]) -> list[FoundBox]:
        """Heads and plates in a BGR picture. Blocks."""
        ...


@dataclass(frozen=True, slots=True)
class FieldKey:
    """Where a drawn field lies from a moment on; no points: it is not there any more."""

    time: Time
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class DrawnField:
    """A polygon drawn by hand; between two keys of as many points it moves evenly."""

    camera_id: str
    keys: tuple[FieldKey, ...]

    def at(self, time: Time) -> tuple[Point, ...]:
        """Its corners at a moment; before its first key it lies where that one says."""
        place = bisect_right([key.time for key in self.keys], time)
        before = self.keys[max(0, place - 1)]
        if place == 0 or place == len(self.keys) or not before.points:
            return before.points
        after = self.keys[place]
        if len(after.points) != len(before.points):
            return before.points
        share = (time - before.time) / (after.time - before.time)
        return tuple(
            (x + (x2 - x) * share, y + (y2 - y) * share)
            for (x, y), (x2, y2) in zip(before.points, after.points, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in one picture."""

    time: Time
    boxes: tuple[FoundBox, ...]


_Sighting = tuple[Time, FoundBox]


@dataclass(slots=True)
class _Followed:
    """One thing from look to look."""

    sightings: list[_Sighting] = field(default_factory=list)

    @property
    def last(self) -> FoundBox:
        return self.sightings[-1][1]

    def spans(self, start: Time, end: Time) -> bool:
        return self.sightings[0][0] - KEPT_US < end and self.sightings[-1][0] + KEPT_US >= start

    def at(self, time: Time) -> Iterable[FoundBox]:
        """The boxes that hide it then."""
        first, last = self.sightings[0], self.sightings[-1]
        if time <= first[0]:
            if first[0] - time <= KEPT_US:
                yield self._beyond(first, self.sightings[min(1, len(self.sightings) - 1)], first, time)
        elif time >= last[0]:
            if time - last[0] <= KEPT_US:
                yield self._beyond(self.sightings[max(-2, -len(self.sightings))], last, last, time)
        else:
            place = bisect_right([seen for seen, _ in self.sightings], time)
            one, other = self.sightings[place - 1], self.sightings[place]
            near = other[0] - one[0] <= HULL_US
            yield _hull(one[1], other[1]) if near else _between(one, other, time)

    def expected(self, time: Time) -> FoundBox:
        """Where it should be by now, had it moved on as it moved last."""
        if len(self.sightings) < 2 or time - self.sightings[-1][0] > HULL_US:
            return self.last
        return _between(self.sightings[-2], self.sightings[-1], time)

    @staticmethod
    def _beyond(one: _Sighting, other: _Sighting, nearest: _Sighting, time: Time) -> FoundBox:
        """The box it was seen in, as far as it may have moved from there since."""
        if one[0] == other[0]:
            return nearest[1]
        near = Time(min(max(time, nearest[0] - HULL_US), nearest[0] + HULL_US))
        return _hull(nearest[1], _between(one, other, near))


def _hull(one: FoundBox, other: FoundBox) -> FoundBox:
    return FoundBox(
        one.kind,
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _between(one: _Sighting, other: _Sighting, time: Time) -> FoundBox:
    share = (time - one[0]) / (other[0] - one[0])
    first, second = one[1], other[1]

    def side(a: float, b: float) -> float:
        return a + (b - a) * share

    return FoundBox(
        first.kind,
        side(first.left, second.left),
        side(first.top, second.top),
        side(first.right, second.right),
        side(first.bottom, second.bottom),
    )


class Followed:
    """Everything found in one film, asked picture by picture in the order of time."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self._things: list[_Followed] = []
        self._end = looks[-1].time if looks else Time(0)
        going: list[_Followed] = []
        for look in looks:
            going = [thing for thing in going if look.time - thing.sightings[-1][0] <= BRIDGED_US]
            self._follow(going, look)

    def _follow(self, going: list[_Followed], look: Look) -> None:
        """Give each box to the nearest thing that waits for one; begin a thing with the others."""
        pairs = sorted(
            (_distance(thing.expected(look.time), box), number, place)
            for number, thing in enumerate(going)
            for place, box in enumerate(look.boxes)
        )
        taken_things: set[int] = set()
        taken_boxes: set[int] = set()
        for distance, number, place in pairs:
            if distance <= _FAR and number not in taken_things and place not in taken_boxes:
                going[number].sightings.append((look.time, look.boxes[place]))
                taken_things.add(number)
                taken_boxes.add(place)
        for place, box in enumerate(look.boxes):
            if place not in taken_boxes:
                thing = _Followed([(look.time, box)])
                self._things.append(thing)
                going.append(thing)

    def within(self, start: Time, end: Time) -> Followed:
        """Only what matters in a stretch of time, so that each picture asks few things."""
        part = Followed(())
        part._things = [thing for thing in self._things if thing.spans(start, end)]
        return part

    def at(self, time: Time) -> list[FoundBox]:
        """The boxes to hide in the picture of that moment."""
        return [box for thing in self._things for box in thing.at(time)]

    def lost(self) -> list[Time]:
        """When a thing was lost in the middle of the picture: a person should look there before the film goes out."""
        ends = (thing.sightings[-1] for thing in self._things if len(thing.sightings) > 2)
        return sorted({time for time, box in ends if time < self._end and not _at_edge(box)})


def _distance(one: FoundBox, other: FoundBox) -> float:
    """How far apart two boxes lie, in their longer sides; infinite for another kind or a quite different size.

    Sides are shares of the picture, which is taken to be 16:9.
    """
    widths = sorted((one.right - one.left, other.right - other.left))
    if one.kind != other.kind or widths[0] <= 0 or widths[0] < widths[1] / 3:
        return float("inf")
    height = max(one.bottom - one.top, other.bottom - other.top) * _HEIGHT
    across = abs(one.left + one.right - other.left - other.right) / 2
    down = abs(one.top + one.bottom - other.top - other.bottom) / 2 * _HEIGHT
    return float(np.hypot(across, down)) / max(widths[1], height)


def _at_edge(box: FoundBox) -> bool:
    return box.left < _EDGE or box.top < _EDGE or box.right > 1 - _EDGE or box.bottom > 1 - _EDGE


def moments(times: Iterable[Time], apart_us: int = SECOND) -> list[Time]:
    """The times with those left out that follow another closely: a person looks at a second, not at a picture."""
    ordered = sorted(times)
    return ordered[:1] + [later for earlier, later in pairwise(ordered) if later - earlier >= apart_us]
