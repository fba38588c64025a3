"""What a redacted film must hide in a picture: heads and plates. It would rather find too much than too little.

A head is the upper part of each person found, whichever way it looks, and each face found by itself: close to the camera
there is a face and no body. A plate is whatever the plate detector thinks possible, far below what it takes to be read.
"""

from __future__ import annotations

from pathlib import Path

from istros.recognition.detector import SIZES, StreetDetector
from istros.recognition.faces.detector import TILE, FaceDetector
from istros.recognition.faces.face import Face
from istros.recognition.models.cards import FACE_DETECTOR, PLATE_DETECTOR, STREET_DETECTOR
from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.observation import Box, Detection
from istros.recognition.picture import Picture
from istros.recognition.plates.plate_detector import FoundPlate, PlateDetector

LEAST_SCORE = 0.15
"""Half of what recognition asks for: a false person costs a spot of colour, a missed one a face."""

LEAST_FACE_SCORE = 0.2
"""Lower than recognition's, for the same reason; a false face is small."""

HEAD_SHARE = 0.34
"""The upper part of a standing person's box that holds the head, generously (a head is an eighth of a body's height)."""

SQUAT = 1.6
"""A box less than this many times as high as wide may be a person seen in part or sitting: half of it is hidden."""

_ABOVE, _BESIDE = 0.25, 0.35
"""Shares of a person's height and width added round the head: boxes of far people are often a little low or narrow."""

_FACE_BESIDE, _FACE_ABOVE, _FACE_BELOW = 0.3, 0.45, 0.15
"""Shares of a face's width and height added to it: CenterFace's box goes from the hair's edge to the chin."""

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

    names = (STREET_DETECTOR.name, FACE_DETECTOR.name, PLATE_DETECTOR.name)

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._street = StreetDetector(SIZES["wide"], folder)
        self._faces = FaceDetector(folder)
        self._plates = PlateDetector(folder)

    def find(self, picture: Picture) -> tuple[list[Box], list[Box]]:
        """(heads, plates) in a BGR picture. Blocks."""
        rows, columns = picture.shape[:2]
        plates = [each for side in PLATE_SIDES for each in self._plates.find(picture, side, LEAST_PLATE_SCORE)]
        return self.heads(picture), [plate_of(plate, columns, rows) for plate in plates]

    def heads(self, picture: Picture, *, faces: bool = True) -> list[Box]:
        """Heads of people and, with `faces`, round faces by themselves. Blocks."""
        rows, columns = picture.shape[:2]
        heads = [head_of(person) for person in self._people(picture)]
        if faces:
            heads += [head_round(face, columns, rows) for face in self._faces.detect(picture, LEAST_FACE_SCORE, TILE)]
        return heads

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
    width, height = box.width, box.height
    share = HEAD_SHARE if person.label == "person" and height * 9 / 16 > width * SQUAT else 0.5
    margin = _ABOVE * height
    return Box(
        max(0.0, box.left - width * _BESIDE),
        max(0.0, box.top - margin),
        min(1.0, box.right + width * _BESIDE),
        min(1.0, box.top + height * share),
    )


def head_round(face: Face, columns: int, rows: int) -> Box:
    """The head round a face: with the hair above and beside it and the chin."""
    width, height = face.width, face.height
    return Box(
        max(0.0, (face.left - _FACE_BESIDE * width) / columns),
        max(0.0, (face.top - _FACE_ABOVE * height) / rows),
        min(1.0, (face.right + _FACE_BESIDE * width) / columns),
        min(1.0, (face.bottom + _FACE_BELOW * height) / rows),
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
