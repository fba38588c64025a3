"""Zones: where plates are read, and what nobody looks at."""

from __future__ import annotations

import numpy as np

from istros.devices.polygon import contains
from istros.recognition.motion import MotionGate
from istros.recognition.observation import Box
from istros.recognition.zones import PictureZones

LOWER = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
HOOK = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.3), (0.0, 1.0))


def test_points_are_in_a_polygon_or_not_also_where_it_is_hollow() -> None:
    assert contains(HOOK, 0.5, 0.1)
    assert not contains(HOOK, 0.5, 0.8)
    assert contains(HOOK, 0.05, 0.8)
    assert not contains(LOWER, 0.5, 0.4)


def test_a_vehicle_is_read_where_its_plate_can_be_in_the_zone() -> None:
    zones = PictureZones(plates=(LOWER,))
    assert zones.may_read(Box(0.2, 0.3, 0.4, 0.6))
    assert not zones.may_read(Box(0.2, 0.1, 0.4, 0.45))
    assert PictureZones().may_read(Box(0.2, 0.1, 0.4, 0.45))
    assert zones.plate_bounds() == Box(0.0, 0.5, 1.0, 1.0)


def test_no_plate_counts_that_lies_where_nobody_looks() -> None:
    zones = PictureZones(ignored=(LOWER,))
    assert zones.holds_plate(Box(0.2, 0.1, 0.3, 0.2))
    assert not zones.holds_plate(Box(0.2, 0.7, 0.3, 0.8))


def test_motion_where_nobody_looks_is_no_motion() -> None:
    still = np.full((360, 640), 90, np.uint8)
    moved = still.copy()
    moved[250:330, 100:200] = 200
    for zones, expected in ((PictureZones(), True), (PictureZones(ignored=(LOWER,)), False)):
        gate = MotionGate(zones)
        gate.see(still)
        assert gate.see(moved).moved is expected
    gate = MotionGate(PictureZones(ignored=(LOWER,)))
    gate.see(still)
    moved[20:100, 100:200] = 200
    assert gate.see(moved).moved


def test_hiding_blanks_the_zone_in_the_whole_and_in_a_part() -> None:
    zones = PictureZones(ignored=(((0.5, 0.5), (0.75, 0.5), (0.75, 0.75), (0.5, 0.75)),))
    whole = zones.hide(np.zeros((100, 200, 3), np.uint8))
    assert whole[60, 120].tolist() == [114, 114, 114]
    assert not whole[40, 120].any() and not whole[60, 160].any()
    part = zones.hide(np.zeros((50, 100, 3), np.uint8), Box(0.5, 0.5, 1.0, 1.0))
    assert part[10, 20].tolist() == [114, 114, 114]
    assert not part[10, 60].any()
