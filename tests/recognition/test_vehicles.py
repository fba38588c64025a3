"""Class, colour, standing and direction of vehicles, over their tracks."""

from __future__ import annotations

from itertools import count

import cv2
import numpy as np
import pytest

from istros.base.time import SECOND, Time
from istros.recognition.car_scale import CarScale
from istros.recognition.colour_names import ColourName
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.tracker import Track, Tracker
from istros.recognition.vehicle_class import judge
from istros.recognition.vehicle_colour import colour_of, look_at_colour
from istros.recognition.vehicle_looks import VehicleLooks
from tests.recognition.pictures import street

CAR = 0.16
"""Height of a car, as a share of its feet's distance below the horizon, in the street of these tests."""
HORIZON = 0.2


def _track(name: str, votes: dict[str, int], height: float = 1.0, x: float = 0.5) -> Track:
    """Drives down the picture; `height` in car heights."""
    track: Track | None = None
    for step in range(8):
        bottom = 0.45 + 0.05 * step
        tall = CAR * (bottom - HORIZON) * 2 * height
        box = Box(x - tall / 2, bottom - tall, x + tall / 2, bottom)
        time = Time(step * SECOND // 5)
        if track is None:
            track = Track(name, box, time, time, 0.8)
        else:
            track.seen(Detection(box, "car", 0.8), time)
    assert track is not None
    track.labels.clear()
    track.labels.update(votes)
    return track


def _scale(cars: int = 5) -> CarScale:
    scale = CarScale()
    for number in range(cars):
        heights = (0.95, 1.05, 1.0, 1.1, 0.92)
        scale.learn(_track(f"c{number}", {"car": 100}, heights[number % 5], 0.3 + 0.1 * (number % 5)))
    return scale


def test_cars_are_the_ruler_for_the_others() -> None:
    scale = _scale()
    for height in (0.9, 1.5, 2.1):
        assert scale.height_of(_track("t", {"car": 100}, height)) == pytest.approx(height, rel=0.06)


def test_a_ruler_needs_a_few_cars_and_reads_only_where_they_drove() -> None:
    assert _scale(2).height_of(_track("t", {"car": 100})) is None
    far = Track("t", Box(0.5, 0.1, 0.52, 0.13), Time(0), Time(0), 0.8)
    far.seen(Detection(Box(0.5, 0.1, 0.52, 0.13), "car", 0.8), Time(SECOND))
    assert _scale().height_of(far) is None


def test_vans_that_pass_for_cars_do_not_bend_the_ruler() -> None:
    scale = _scale(8)
    scale.learn(_track("van", {"car": 98, "lorry": 2}, 1.6))
    assert scale.height_of(_track("t", {"car": 100})) == pytest.approx(1.0, rel=0.1)


@pytest.mark.parametrize(
    ("votes", "height", "thing"),
    [
        ({"car": 100}, 1.0, "car"),
        ({"car": 82, "lorry": 16, "bus": 2}, 1.14, "car"),
        ({"car": 99, "lorry": 1}, 1.5, "van"),
        ({"bus": 76, "lorry": 24}, 1.5, "van"),
        ({"bus": 84, "lorry": 16}, 2.0, "bus"),
        ({"lorry": 80, "car": 20}, 2.3, "lorry"),
        ({"train": 60, "bus": 10, "lorry": 30}, 2.0, "bus"),
        ({"van": 60, "car": 40}, 1.0, "van"),
        ({"person": 90, "car": 10}, 1.2, "person"),
        ({"motorcycle": 85, "bicycle": 15}, 1.1, "bicycle"),
        ({"motorcycle": 97, "bicycle": 3}, 1.1, "motorcycle"),
    ],
)
def test_votes_and_height_say_what_it_is(votes: dict[str, int], height: float, thing: str) -> None:
    judged = judge(_track("t", votes, height), _scale())
    assert judged is not None
    assert judged.thing == thing
    assert 0.5 <= judged.confidence <= 1


@pytest.mark.parametrize(
    ("votes", "thing"),
    [
        ({"car": 95, "lorry": 5}, "car"),
        ({"car": 64, "bus": 11, "lorry": 25}, "van"),
        ({"lorry": 51, "bus": 28, "car": 21}, "van"),
        ({"bus": 90, "car": 10}, "bus"),
        ({"lorry": 66, "car": 34}, "lorry"),
    ],
)
def test_without_a_ruler_wavering_votes_are_a_van(votes: dict[str, int], thing: str) -> None:
    judged = judge(_track("t", votes))
    assert judged is not None
    assert judged.thing == thing


def test_what_has_no_name_or_is_an_animal_is_nothing() -> None:
    assert judge(_track("t", {"mover": 9})) is None
    assert judge(_track("t", {"dog": 90})) is None


PAINTS: dict[ColourName, tuple[int, int, int]] = {
    "white": (225, 228, 230),
    "grey": (120, 120, 118),
    "black": (28, 26, 26),
    "red": (35, 30, 150),
    "orange": (30, 110, 235),
    "yellow": (40, 200, 235),
    "green": (70, 110, 40),
    "blue": (140, 70, 30),
    "brown": (35, 60, 95),
    "beige": (150, 185, 205),
}
BOX = Box(0.4, 0.4, 0.6, 0.7)


def _painted(paint: tuple[int, int, int], light: tuple[float, float, float] = (1, 1, 1)) -> Picture:
    """A body with windows above and a shadow below on a grey street under a white sky, in some light (BGR)."""
    picture = street()
    picture[:60] = 235
    left, top, right, bottom = 256, 144, 384, 252
    cv2.rectangle(picture, (left, top), (right, bottom), paint, -1)
    cv2.rectangle(picture, (left + 18, top + 6), (right - 18, top + 36), (45, 42, 40), -1)
    cv2.rectangle(picture, (left, bottom - 16), (right, bottom), (25, 25, 25), -1)
    return np.clip(picture * np.array(light), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", PAINTS)
@pytest.mark.parametrize("light", [(1, 1, 1), (0.62, 0.62, 0.62), (0.85, 0.95, 1.0)], ids=["sun", "shade", "evening"])
def test_paint_has_its_name_in_different_light(name: ColourName, light: tuple[float, float, float]) -> None:
    found = colour_of(look_at_colour(_painted(PAINTS[name], light), BOX))
    assert found is not None
    assert found[0] == name


def test_a_tiny_body_has_no_colour() -> None:
    assert look_at_colour(street(), Box(0.5, 0.5, 0.51, 0.51)).total() == 0
    assert colour_of(look_at_colour(street(), Box(0.5, 0.5, 0.51, 0.51))) is None


def _looks() -> VehicleLooks:
    numbers = count(1)
    return VehicleLooks("IZ-07", lambda: f"id{next(numbers)}", bearing=90.0)


def test_one_vehicle_makes_one_observation() -> None:
    """Drives in from the left, stands for four seconds, and drives on."""
    looks, tracker = _looks(), Tracker(iter("abcdefgh").__next__)
    passages = []
    places = [0.15 + 0.03 * n for n in range(10)] + [0.42] * 20 + [0.42 + 0.03 * n for n in range(1, 10)]
    for frame, x in enumerate(places):
        time, picture = Time(frame * SECOND // 5), street()
        picture[:60] = 235
        box = Box(x, 0.4, x + 0.2, 0.6)
        cv2.rectangle(picture, (round(x * 640), 144), (round((x + 0.2) * 640), 216), PAINTS["red"], -1)
        tracked = tracker.update([Detection(box, "car", 0.8)], time)
        looks.see(picture, tracked.seen, time)
        passages += [looks.passage(track) for track in tracked.ended]
    passages += [looks.passage(track) for track in tracker.close()]
    (passage,) = passages
    assert passage is not None
    assert (passage.vehicle_class, passage.colour, passage.direction, passage.heading) == ("car", "red", "right", 180.0)
    assert 3.0 <= passage.stood_s <= 4.2
    assert passage.first_seen <= passage.box_time <= passage.last_seen
    assert (passage.camera_id, passage.track_id, passage.first_seen) == ("IZ-07", "a", 0)


def test_persons_and_blinks_are_no_passages() -> None:
    looks = _looks()
    assert looks.passage(_track("p", {"person": 90})) is None
    blink = Track("b", BOX, Time(0), Time(0), 0.5)
    blink.labels["car"] = 50
    assert looks.passage(blink) is None


def test_in_the_dark_no_colour_is_told() -> None:
    looks = _looks()
    picture = (_painted(PAINTS["red"]) // 5).astype(np.uint8)
    track = Track("t", BOX, Time(0), Time(0), 0.8)
    track.labels["car"] = 80
    for frame in range(4):
        track.seen(Detection(BOX, "car", 0.8), Time(frame * SECOND))
        looks.see(picture, (track,), Time(frame * SECOND))
    passage = looks.passage(track)
    assert passage is not None
    assert passage.colour is None
