"""What a redacted film must hide in a picture: heads and plates. It would rather find too much than too little.

There is no face model in the project: a head is the upper part of each person found, whichever way it looks. A plate is
whatever the plate detector thinks possible, far below what it takes to be read.
"""

from __future__ import annotations

from pathlib import Path

from istros.recognition.detector import SIZES, StreetDetector
from istros.recognition.models.cards import PLATE_DETECTOR, STREET_DETECTOR
from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.plates.plate_detector import FoundPlate, PlateDetector

LEAST_SCORE = 0.15
"""Half of what recognition asks for: a false person costs a spot of colour, a missed one a face."""

HEAD_SHARE = 0.34
"""The upper part of a standing person's box that holds the head, generously (a head is an eighth of a body's height)."""

SQUAT = 1.6
"""A box less than this many times as high as wide may be a person seen in part or sitting: half of it is hidden."""

_ABOVE, _BESIDE = 0.25, 0.35
"""Shares of a person's height and width added round the head: boxes of far people are often a little low or narrow."""

_PLATE_MARGIN = 0.35
"""Share of a plate's height added on each side."""

PLATE_SIDES = (1280, 512)
"""Longer sides of the picture that the plate detector sees: for far plates, and for one that fills the picture."""

LEAST_PLATE_SCORE = 0.12
"""A third of what reading asks for: a false plate costs a spot of colour."""

_QUARTER = 0.56
"""Side of a quarter as a share of the picture's: they overlap by an eighth, so that nobody is cut in two by all of them."""

QUARTERS = tuple((left, top) for top in (0.0, 1 - _QUARTER) for left in (0.0, 1 - _QUARTER))


class HeadAndPlateFinder:
    """Finds heads and plates; boxes are shares of the picture."""

    names = (STREET_DETECTOR.name, PLATE_DETECTOR.name)

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._street = StreetDetector(SIZES["wide"], folder)
        self._plates = PlateDetector(folder)

    def find(self, picture: Picture) -> tuple[list[Box], list[Box]]:
        """(heads, plates) in a BGR picture. Blocks."""
        rows, columns = picture.shape[:2]
        heads = [head_of(person) for person in self._people(picture)]
        plates = [each for side in PLATE_SIDES for each in self._plates.find(picture, side, LEAST_PLATE_SCORE)]
        return heads, [plate_of(plate, columns, rows) for plate in plates]

    def _people(self, picture: Picture) -> list[Detection]:
        """In the whole picture, and in its quarters, where far people are twice as large for the net."""
        found = self._street.detect(picture, LEAST_SCORE)
        for left, top in QUARTERS:
            rows, columns = picture.shape[:2]
            x, y = round(left * columns), round(top * rows)
            part = picture[y : y + round(_QUARTER * rows), x : x + round(_QUARTER * columns)]
            found += [_moved(each, left, top) for each in self._street.detect(part, LEAST_SCORE)]
        return [each for each in found if each.label in ("person", "bicycle", "motorcycle")]


def _moved(detection: Detection, left: float, top: float) -> Detection:
    """From shares of a quarter to shares of the picture."""
    box = detection.box
    moved = Box(
        left + box.left * _QUARTER, top + box.top * _QUARTER, left + box.right * _QUARTER, top + box.bottom * _QUARTER
    )
    return Detection(moved, detection.label, detection.score)


def head_of(person: Detection) -> Box:
    """The part of a person's box that holds the head. A rider is found as bicycle or motorcycle: the upper half."""
    box = person.box
    width, height = box.right - box.left, box.bottom - box.top
    share = HEAD_SHARE if person.label == "person" and height * 9 / 16 > width * SQUAT else 0.5
    margin = _ABOVE * height
    return Box(
        max(0.0, box.left - width * _BESIDE),
        max(0.0, box.top - margin),
        min(1.0, box.right + width * _BESIDE),
        min(1.0, box.top + height * share),
    )


def plate_of(plate: FoundPlate, columns: int, rows: int) -> Box:
    """The upright box round a plate, with a margin."""
    left, top, right, bottom = plate.bounds
    margin = plate.height_px * _PLATE_MARGIN
    return Box(
        max(0.0, (left - margin) / columns),
        max(0.0, (top - margin) / rows),
        min(1.0, (right + margin) / columns),
        min(1.0, (bottom + margin) / rows),
    )
