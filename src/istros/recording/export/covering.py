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

_EDGE = 0.04
"""A thing that was last seen this near to the picture's edge has left it."""

_FAR = 1.6
"""A sighting belongs to a box no further away than this many of its sides."""


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


@dataclass(slots=True)
class _Followed:
    """One thing from look to look."""

    sightings: list[tuple[Time, FoundBox]] = field(default_factory=list)

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
                yield first[1]
                yield from self._further(first, self.sightings[min(1, len(self.sightings) - 1)], time)
        elif time >= last[0]:
            if time - last[0] <= KEPT_US:
                yield last[1]
                yield from self._further(self.sightings[max(-2, -len(self.sightings))], last, time)
        else:
            place = bisect_right([seen for seen, _ in self.sightings], time)
            yield _between(self.sightings[place - 1], self.sightings[place], time)

    @staticmethod
    def _further(one: tuple[Time, FoundBox], other: tuple[Time, FoundBox], time: Time) -> Iterable[FoundBox]:
        """Where it would be had it moved on as it moved last."""
        if other[0] > one[0]:
            yield _between(one, other, time)


def _between(one: tuple[Time, FoundBox], other: tuple[Time, FoundBox], time: Time) -> FoundBox:
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
            ((_distance(thing.last, box), number, place) for number, thing in enumerate(going) for place, box in enumerate(look.boxes)),
        )  # fmt: skip
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
    """How far apart two boxes lie, in sides of the larger; infinite for another kind or a quite different size."""
    if one.kind != other.kind:
        return float("inf")
    width = max(one.right - one.left, other.right - other.left)
    height = max(one.bottom - one.top, other.bottom - other.top)
    least = min(one.right - one.left, other.right - other.left)
    if width <= 0 or height <= 0 or least < width / 3:
        return float("inf")
    across = abs(one.left + one.right - other.left - other.right) / 2 / width
    down = abs(one.top + one.bottom - other.top - other.bottom) / 2 / height
    return float(np.hypot(across, down))


def _at_edge(box: FoundBox) -> bool:
    return box.left < _EDGE or box.top < _EDGE or box.right > 1 - _EDGE or box.bottom > 1 - _EDGE


def moments(times: Iterable[Time], apart_us: int = SECOND) -> list[Time]:
    """The times with those left out that follow another closely: a person looks at a second, not at a picture."""
    ordered = sorted(times)
    return ordered[:1] + [later for earlier, later in pairwise(ordered) if later - earlier >= apart_us]
