"""How wide a plate is at a spot: by what was read, by two marks, by the height of cars; and the level that it reaches."""

from __future__ import annotations

import pytest

from istros.base.time import Time
from istros.recognition.observation import Box
from istros.recognition.plate_spots import SpotBook
from istros.recognition.plate_widths import PLATE_M, level_of, scale_of, widths
from istros.recognition.tracker import Track
from istros.store.plate_spots import PlateSpotRow

SIZE = (1920, 1080)
UPPER, LOWER = (0.4, 0.3, 0.45, 0.3, 1.92), (0.3, 0.8, 0.5, 0.8, 1.92)


@pytest.mark.parametrize(
    ("px_per_m", "level"),
    [(12.4, "none"), (12.5, "monitor"), (25, "detect"), (62.5, "observe"), (125, "recognise"), (250, "identify")],
)
def test_the_levels_are_those_of_the_standard(px_per_m: float, level: str) -> None:
    assert level_of(px_per_m) == level


def test_what_was_read_counts_before_the_scale_and_that_before_cars() -> None:
    rows = [
        PlateSpotRow("IZ-07", 8, 7, 4, 4 * 0.06, 9, 9 * 0.5),
        PlateSpotRow("IZ-07", 8, 3, 0, 0.0, 5, 5 * 0.25),
    ]
    by_cars = {(spot.across, spot.down): spot for spot in widths(rows, (), SIZE)}
    assert set(by_cars) == {(8, 7), (8, 3)}
    read, guessed = by_cars[8, 7], by_cars[8, 3]
    assert (read.source, read.count, round(read.width_px)) == ("plates", 4, 115)
    assert (guessed.source, guessed.count) == ("vehicles", 5)
    assert guessed.width_px == pytest.approx(0.25 * 1080 / 1.5 * PLATE_M)
    by_scale = {(spot.across, spot.down): spot for spot in widths(rows, (UPPER, LOWER), SIZE)}
    assert by_scale[8, 7].source == "plates"
    assert by_scale[8, 3].source == "scale"
    assert by_scale[0, 3].width_px == by_scale[15, 3].width_px < by_scale[0, 8].width_px


def test_two_marks_make_a_line_from_the_horizon_down() -> None:
    scale = scale_of((UPPER, LOWER), SIZE)
    assert scale is not None
    assert scale[0] + scale[1] * 0.3 == pytest.approx(50)
    assert scale[0] + scale[1] * 0.8 == pytest.approx(200)
    above = [spot for spot in widths((), (UPPER, LOWER), SIZE) if spot.down == 0]
    assert above == []
    assert scale_of((UPPER, UPPER), SIZE) is None
    assert scale_of((UPPER,), SIZE) is None


def test_spots_in_the_plate_zone_are_told() -> None:
    zone = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
    found = widths((), (UPPER, LOWER), SIZE, (zone,))
    assert {spot.in_zone for spot in found if spot.down <= 3} == {False}
    assert {spot.in_zone for spot in found if spot.down >= 5} == {True}


def _car(name: str, box: Box, score: float = 0.9) -> Track:
    track = Track(name, box, Time(0), Time(0), score)
    track.labels["car"] += 90
    return track


def test_a_parked_car_counts_once_and_one_cut_off_by_the_edge_never() -> None:
    book = SpotBook("IZ-07")
    for _ in range(100):
        book.see_vehicles((_car("parked", Box(0.4, 0.4, 0.6, 0.7)), _car("cut", Box(0.0, 0.4, 0.2, 0.7))))
    book.see_vehicles((_car("other", Box(0.4, 0.3, 0.6, 0.7)), _car("doubtful", Box(0.4, 0.3, 0.6, 0.7), 0.3)))
    book.see_plate(Box(0.48, 0.6, 0.54, 0.62))
    rows = book.take()
    assert [(row.vehicles, round(row.vehicle_heights, 3)) for row in rows if row.vehicles] == [(2, 0.7)]
    assert [(row.across, row.down, row.plates) for row in rows if row.plates] == [(8, 5, 1)]
    assert book.take() == []
    book.give_back(rows)
    assert book.take() == rows
