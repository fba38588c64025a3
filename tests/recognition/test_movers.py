"""What moves is found without a name: by its difference from the background, in whatever light."""

from __future__ import annotations

import cv2
import numpy as np

from istros.recognition.movers import MOVER, MoverFinder, unexplained
from istros.recognition.observation import Box, Detection, overlap
from istros.recognition.picture import Picture
from tests.recognition.pictures import street


def _with_car(x: int, light: float = 1.0) -> Picture:
    picture = street()
    cv2.rectangle(picture, (x, 150), (x + 90, 210), (215, 215, 220), -1)
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def _ready() -> MoverFinder:
    finder = MoverFinder()
    for _ in range(8):
        assert finder.find(street()) == []
    return finder


def test_what_drives_into_an_empty_street_is_found_once() -> None:
    finder = _ready()
    for x in range(100, 300, 12):
        (mover,) = finder.find(_with_car(x))
        assert mover.label == MOVER
        assert overlap(mover.box, Box(x / 640, 150 / 360, (x + 90) / 640, 210 / 360)) > 0.7


def test_a_camera_that_darkens_its_picture_shows_nothing_new() -> None:
    """A white car comes in and the camera takes its exposure back by a third: the car is found, the street is not."""
    finder = _ready()
    assert [finder.find((street() * (1 - 0.05 * step)).astype(np.uint8)) for step in range(6)] == [[]] * 6
    (mover,) = finder.find(_with_car(300, 0.68))
    assert overlap(mover.box, Box(300 / 640, 150 / 360, 390 / 640, 210 / 360)) > 0.6


def test_the_hole_that_somebody_left_does_not_move() -> None:
    """Parked at first, it is background; when it has driven off, its place differs and stays where it is."""
    finder = MoverFinder()
    for _ in range(8):
        finder.find(_with_car(300))
    finder.find(street())
    assert finder.find(street()) == []


def test_another_scene_begins_anew() -> None:
    finder = _ready()
    blocks = np.kron(np.random.default_rng(6).integers(0, 255, (9, 16)), np.ones((40, 40))).astype(np.uint8)
    for _ in range(4):
        assert finder.find(np.stack([blocks] * 3, axis=2)) == []


def _mover(left: float, top: float, right: float, bottom: float) -> Detection:
    return Detection(Box(left, top, right, bottom), MOVER, 0.45)


def test_what_a_detection_shows_or_what_hangs_on_it_needs_no_second_name() -> None:
    lorry = Detection(Box(0.2, 0.2, 0.5, 0.6), "lorry", 0.7)
    same, shadow = _mover(0.22, 0.25, 0.5, 0.62), _mover(0.5, 0.5, 0.58, 0.62)
    away, around = _mover(0.7, 0.5, 0.8, 0.6), _mover(0.0, 0.0, 0.9, 0.95)
    assert unexplained([same, shadow, away, around], [lorry]) == [away, around]
    assert unexplained([shadow], []) == [shadow]
