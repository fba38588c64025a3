"""Colours' names, clothes and bags, on drawn people and on the simulated city's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from istros.base.time import SECOND, Time
from istros.recognition.appearance.clothes import clothes_in
from istros.recognition.appearance.person_seen import AppearanceWatch, bags_of
from istros.recognition.colour_names import ColourName, Light, light_of, name_of, shares_of
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.tracker import Tracker
from tests.recognition.simulated_faces import NAME, square
from tools.simulated_people import bodies, clothes_of

PLAIN = Light((1.0, 1.0, 1.0))


@pytest.mark.parametrize(
    ("red", "green", "blue", "name"),
    [
        (15, 15, 15, "black"), (250, 250, 250, "white"), (128, 128, 128, "grey"), (200, 25, 30, "red"),
        (240, 130, 20, "orange"), (240, 220, 40, "yellow"), (30, 130, 50, "green"), (90, 160, 90, "green"),
        (30, 60, 160, "blue"), (110, 160, 220, "blue"), (120, 50, 150, "purple"), (245, 170, 190, "pink"),
        (110, 70, 40, "brown"), (30, 38, 75, "blue"), (90, 20, 25, "red"), (196, 170, 120, "yellow"),
    ],
)  # fmt: skip
def test_colours_have_the_names_that_people_give_them(red: int, green: int, blue: int, name: ColourName) -> None:
    assert name_of((blue, green, red)) == name


def _scene(tint: tuple[float, float, float], strength: float) -> tuple[Picture, Box]:
    """A person in a blue coat and brown trousers before a pale wall, under a light."""
    picture = np.full((360, 640, 3), (205, 210, 212), np.float32)
    picture[250:] = (150, 155, 158)
    picture[100:125, 308:332] = (120, 140, 190)
    picture[125:200, 295:345] = (150, 70, 40)
    picture[200:290, 300:340] = (45, 75, 115)
    picture += np.random.default_rng(2).normal(0, 4, picture.shape)
    linear = (np.clip(picture, 0, 255) / 255) ** 2.2 * np.array(tint) * strength
    return (np.clip(linear, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8), Box(290 / 640, 98 / 360, 350 / 640, 292 / 360)


@pytest.mark.parametrize("tint", [(1.0, 1.0, 1.0), (0.6, 0.9, 1.25), (1.25, 1.0, 0.75)])
@pytest.mark.parametrize("strength", [0.25, 0.6, 1.0])
def test_clothes_keep_their_colour_under_other_light(tint: tuple[float, float, float], strength: float) -> None:
    picture, person = _scene(tint, strength)
    look = clothes_in(picture, person, light_of(picture))
    assert look is not None
    assert next(iter(look.upper)) == "blue"
    assert next(iter(look.lower)) == "brown"
    assert sum(look.upper.values()) == pytest.approx(1.0)


def test_people_who_cannot_be_seen_well_are_left_out() -> None:
    picture, person = _scene((1.0, 1.0, 1.0), 1.0)
    light = light_of(picture)
    small = np.asarray(cv2.resize(picture, (128, 72)), np.uint8)
    assert clothes_in(small, person, light) is None
    assert clothes_in(picture, Box(person.left, 0.0, person.right, person.bottom), light) is None
    assert clothes_in(picture, Box(0.2, person.top, 0.8, person.bottom), light) is None
    cut = clothes_in(picture[:210], Box(person.left, person.top * 360 / 210, person.right, 1.0), light)
    assert cut is not None and next(iter(cut.upper)) == "blue" and cut.lower == {}


def test_a_colour_of_no_pixels_has_no_name() -> None:
    assert shares_of(np.zeros((0, 3), np.uint8), PLAIN) == {}
    dark = light_of(np.zeros((36, 64, 3), np.uint8))
    assert all(np.isfinite(dark.gains)) and max(dark.gains) <= 12


def test_the_upper_clothes_of_the_square_are_named() -> None:
    """Against what the simulator dressed people in; a look in one frame each."""
    right = total = 0
    for number in (40, 70):
        frame = square(number)
        light = light_of(frame)
        for person, box in bodies(NAME, number, 0.9).items():
            look = clothes_in(frame, box, light)
            truth = clothes_of(NAME, person)
            if look is None or truth is None:
                continue
            total += 1
            right += truth[0] == next(iter(look.upper))
    assert total >= 6
    assert right / total >= 0.75


def test_a_walk_becomes_an_observation() -> None:
    numbers = iter(range(100))
    tracker, watch = Tracker(lambda: f"t{next(numbers)}"), AppearanceWatch("camera-1")
    picture, person = _scene((1.0, 1.0, 1.0), 1.0)
    bag = Detection(Box(person.right - 0.01, 0.45, person.right + 0.02, 0.6), "handbag", 0.5)
    for step in range(6):
        shift = 24 * step
        frame = np.roll(picture, shift, axis=1)
        box = Box(person.left + shift / 640, person.top, person.right + shift / 640, person.bottom)
        found = [Detection(box, "person", 0.8), Detection(Box(0.1, 0.1, 0.2, 0.2), "car", 0.8)]
        if step % 2:
            found.append(
                Detection(Box(bag.box.left + shift / 640, 0.45, bag.box.right + shift / 640, 0.6), "handbag", 0.5)
            )
        time = Time(step * SECOND // 5)
        tracked = tracker.update([each for each in found if each.label != "handbag"], time)
        watch.see(frame, tracked.seen, found)
    ended = {track.label: watch.ended(track, "p1") for track in tracker.close()}
    assert ended["car"] is None
    seen = ended["person"]
    assert seen is not None and seen.appearance is not None
    assert (seen.camera_id, seen.direction, seen.appearance.bag, seen.appearance.looks) == (
        "camera-1",
        "right",
        "handbag",
        6,
    )
    assert seen.appearance.upper[0].name == "blue" and seen.appearance.lower[0].name == "brown"
    assert seen.age_sex is None and 180 < seen.height_px < 210
    fits = seen.appearance.agreement
    assert fits("blue", "brown", "handbag") > 0.8 > 0.5 > fits("red", "green", "backpack")
    assert fits() == 1.0 and fits("blue") > fits("blue", "black")


def test_one_frame_is_no_appearance() -> None:
    tracker, watch = Tracker(lambda: "t"), AppearanceWatch("camera-1")
    picture, person = _scene((1.0, 1.0, 1.0), 1.0)
    tracked = tracker.update([Detection(person, "person", 0.8)], Time(0))
    watch.see(picture, tracked.seen, [])
    (track,) = tracker.close()
    seen = watch.ended(track, "p")
    assert seen is not None and seen.appearance is None
    assert watch.ended(track, "p") is None


def test_a_bag_belongs_to_who_carries_it() -> None:
    person = Box(0.4, 0.2, 0.5, 0.6)
    carried = Detection(Box(0.48, 0.4, 0.54, 0.5), "backpack", 0.4)
    elsewhere = Detection(Box(0.8, 0.4, 0.85, 0.5), "suitcase", 0.9)
    assert bags_of(person, [carried, elsewhere]) == ["backpack"]
