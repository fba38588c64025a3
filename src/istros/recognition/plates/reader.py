"""Reads the plates in a picture: find them by their corners, straighten, read, weigh, and ask a second reader in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.picture import Floats, Picture
from istros.recognition.plates.grammar import is_home
from istros.recognition.plates.plate_corners import PlateCorners
from istros.recognition.plates.plate_crop import plate_crop
from istros.recognition.plates.plate_detector import FoundPlate, PlateDetector, shared_areas
from istros.recognition.plates.plate_recogniser import PlateRecogniser
from istros.recognition.plates.reading import Reading
from istros.recognition.plates.second_reader import SecondReader
from istros.recognition.plates.weighing import agreed, first_reading

SIDES = (640, 960)
"""Longer sides that the detector gets: the second only when the first showed no good plate."""
GOOD = 0.8
"""Confidence from which nothing more is tried."""
LEAST_CONFIDENCE = 0.1
STILL_ENOUGH = 0.4
"""Confidence of a plate in a still from which it is not searched at the next size: a larger picture shows more plates, and
none more clearly, for they are read from the picture at its own size."""
NEAR_SIDE = 320
"""The last size for a still without a plate: one that fills the picture is too large for the net otherwise."""
SURE, SURE_ABROAD = 0.92, 0.95
"""Confidence from which no second reader is asked and the place not read again: of a text in a home format, and of others, for
what is left of a plate whose edge was lost often has the format of some country far away."""
_LARGE_PX, _SMALL_PX = 1600, 60.0
"""A picture at least so long can hide a second plate where the first one is narrower than this in the search."""
_LEAST_PLATE_PX = 16.0
_LEAST_PICTURE_PX = 18
_MOST_PLATES = 12
"""Plates of a picture that are read at most, the likeliest ones."""
_MOST_SECOND = 2
"""Plates of a picture that the second reader gets at most: it costs more than all the rest."""
_SECOND_LEAST_PX = 11.0
"""Height of a plate below which it reads almost none."""
_LIKELY = 0.5
"""Score from which the second reader is asked about a plate on which our own reader saw nothing."""
_SAME = 0.3


@dataclass(frozen=True, slots=True)
class PixelBox:
    """An upright rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PlateReadCandidate:
    """A plate read in one picture; pixels are the whole picture's. `corners` (four x, y) go clockwise from the text's top left."""

    box: PixelBox
    corners: tuple[tuple[float, float], ...]
    text: str
    country: str | None
    confidence: float
    characters: tuple[float, ...]
    """Confidence of each character of `text`."""
    alternatives: tuple[tuple[str, float], ...]
    """Other texts and their confidences, best first."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A plate where it was found, and what was read there."""

    plate: FoundPlate
    reading: Reading | None

    @property
    def confidence(self) -> float:
        return 0.0 if self.reading is None else self.reading.confidence

    @property
    def is_sure(self) -> bool:
        return is_sure(self.reading)


class PlateReader:
    """Holds the models and nothing else: safe to share between threads."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._detector = PlateDetector(folder)
        self._corners = PlateCorners(folder)
        self._recogniser = PlateRecogniser(folder)
        self._second = SecondReader(folder)

    def read(
        self,
        picture: Picture,
        region: PixelBox | None = None,
        *,
        sides: tuple[int, ...] = SIDES,
        enough: float = GOOD,
        second: bool = True,
    ) -> list[PlateReadCandidate]:
        """The plates in a BGR picture, or in a region of it, most certain first; one entry a plate.

        The picture is searched at one size after the other until a plate is read with the confidence `enough`; above 1
        every size is searched, so that a far plate beside a near one is found too. Without `second` nobody else is asked
        in doubt: that is for films, in which the next frame is a second opinion for less.
        """
        part, x, y = _part(picture, region)
        seen: list[_Seen] = []
        for side in sides if min(part.shape[:2]) >= _LEAST_PICTURE_PX else ():
            seen = self._look(part, side, seen)
            if seen and seen[0].confidence >= enough:
                break
        return _candidates(self._doubted(part, seen) if second else seen, x, y)

    def read_still(self, picture: Picture) -> list[PlateReadCandidate]:
        """The plates in a BGR picture of which there is no second look, most certain first.

        It is searched at the second size where the first one showed nothing that can be read or can have hidden a far
        plate, and smaller where there is nothing still.
        """
        seen: list[_Seen] = []
        for side in (*SIDES, NEAR_SIDE) if min(picture.shape[:2]) >= _LEAST_PICTURE_PX else ():
            seen = self._look(picture, side, seen)
            if _is_all(seen, max(picture.shape[:2]), side):
                break
        return _candidates(self._doubted(picture, seen), 0, 0)

    def _look(self, picture: Picture, side: int, known: list[_Seen]) -> list[_Seen]:
        """The plates found at one size and those known before; what is sure already is not read again."""
        sure = [each.plate for each in known if each.is_sure]
        plates = [
            plate
            for plate in self._detector.find(picture, side)
            if plate.width_px >= _LEAST_PLATE_PX and not any(_overlap(plate, other) >= _SAME for other in sure)
        ]
        return _without_doubles(known + self._read(picture, plates[:_MOST_PLATES]))

    def _read(self, picture: Picture, plates: Sequence[FoundPlate]) -> list[_Seen]:
        if not plates:
            return []
        exact = self._corners.moved(picture, plates)
        texts = self._recogniser.read([plate_crop(picture, plate.corners) for plate in exact])
        return [_Seen(plate, first_reading(text, plate.score)) for plate, text in zip(exact, texts, strict=True)]

    def _doubted(self, picture: Picture, seen: Iterable[_Seen]) -> list[_Seen]:
        """The same plates; the second reader was asked about the first few doubtful ones."""
        result, asked = [], 0
        for each in seen:
            if asked < _MOST_SECOND and not each.is_sure and is_worth_asking(each.plate, each.reading):
                other = self._second.read(picture, each.plate)
                each, asked = replace(each, reading=agreed(each.reading, other)), asked + 1
            result.append(each)
        return sorted(result, key=lambda item: -item.confidence)


def is_sure(reading: Reading | None) -> bool:
    """Whether nobody else need be asked about a plate that was read like this."""
    return reading is not None and reading.confidence >= (SURE if is_home(reading.text) else SURE_ABROAD)


def is_worth_asking(plate: FoundPlate, reading: Reading | None) -> bool:
    """Whether the second reader can help in doubt: where the letters are high enough for it and it knows them all."""
    if plate.height_px < _SECOND_LEAST_PX:
        return False
    return plate.score >= _LIKELY if reading is None else reading.text.isascii()


def _candidates(seen: Iterable[_Seen], x: float, y: float) -> list[PlateReadCandidate]:
    return [
        _candidate(_shifted(each.plate, x, y), each.reading)
        for each in seen
        if each.reading is not None and each.confidence >= LEAST_CONFIDENCE
    ]


def _candidate(plate: FoundPlate, reading: Reading) -> PlateReadCandidate:
    return PlateReadCandidate(
        PixelBox(*plate.bounds),
        tuple((float(x), float(y)) for x, y in plate.corners),
        reading.text,
        reading.country,
        reading.confidence,
        reading.characters,
        reading.alternatives,
    )


def _is_all(seen: list[_Seen], longest_px: int, side: int) -> bool:
    """Whether a still need not be searched at the next size: something was read, and there is no room for far plates."""
    read = [each.plate for each in seen if each.confidence >= STILL_ENOUGH]
    if not read:
        return False
    narrowest = min(plate.width_px for plate in read) * side / longest_px
    return side > SIDES[0] or longest_px < _LARGE_PX or narrowest >= _SMALL_PX


def _part(picture: Picture, region: PixelBox | None) -> tuple[Picture, int, int]:
    if region is None:
        return picture, 0, 0
    rows, columns = picture.shape[:2]
    left, top = max(0, int(region.left)), max(0, int(region.top))
    right, bottom = min(columns, int(region.right) + 1), min(rows, int(region.bottom) + 1)
    return picture[top : max(top, bottom), left : max(left, right)], left, top


def _shifted(plate: FoundPlate, x: float, y: float) -> FoundPlate:
    corners: Floats = plate.corners + np.array([x, y])
    return replace(plate, corners=corners)


def _without_doubles(seen: Iterable[_Seen]) -> list[_Seen]:
    """Of plates that cover each other only the best read one stays; best first."""
    kept: list[_Seen] = []
    for each in sorted(seen, key=lambda item: (-item.confidence, -item.plate.score)):
        if not any(_overlap(each.plate, other.plate) >= _SAME for other in kept):
            kept.append(each)
    return kept


def _overlap(one: FoundPlate, other: FoundPlate) -> float:
    """Shared area as a share of the smaller upright box."""
    shared, *areas = shared_areas(one, other)
    return shared / max(1.0, min(areas))
