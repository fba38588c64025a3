"""Directions: as the camera sees them, and by the compass."""

from __future__ import annotations

import pytest

from istros.base.time import SECOND, Time
from istros.recognition.direction import direction_of, heading_of
from istros.recognition.observation import Box, Detection
from istros.recognition.tracker import Track, Tracker


def _track(*boxes: Box) -> Track:
    tracker = Tracker(lambda: "t")
    for number, box in enumerate(boxes):
        (track,) = tracker.update([Detection(box, "car", 0.9)], Time(number * SECOND // 5)).seen
    return track


def _box(x: float, y: float, height: float) -> Box:
    return Box(x - height / 2, y - height, x + height / 2, y)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (_box(0.5, 0.5, 0.2), _box(0.55, 0.8, 0.4), "towards"),
        (_box(0.55, 0.8, 0.4), _box(0.5, 0.5, 0.2), "away"),
        (_box(0.2, 0.6, 0.2), _box(0.6, 0.6, 0.2), "right"),
        (_box(0.6, 0.6, 0.2), _box(0.2, 0.6, 0.21), "left"),
        (_box(0.5, 0.5, 0.2), _box(0.51, 0.5, 0.2), None),
    ],
)
def test_the_way_tells_the_direction(first: Box, last: Box, expected: str | None) -> None:
    steps = [Box(*(a + (b - a) * n / 8 for a, b in zip(_sides(first), _sides(last), strict=True))) for n in range(9)]
    assert direction_of(_track(*steps)) == expected


def test_a_vehicle_cut_off_by_the_edge_does_not_grow() -> None:
    assert direction_of(_track(Box(0.0, 0.3, 0.2, 0.5), Box(0.0, 0.3, 0.3, 0.6), Box(0.01, 0.3, 0.31, 0.6))) is None


def test_the_compass_follows_from_the_camera_s_bearing() -> None:
    assert heading_of("towards", 90.0) == 270.0
    assert heading_of("right", 300.0) == 30.0
    assert heading_of("away", None) is None
    assert heading_of(None, 90.0) is None


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
