"""Reads the plates in a picture: find text, keep what has a plate's shape, straighten, read, weigh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from istros.recognition.models.registry import MODELS_FOLDER
from istros.recognition.picture import Floats, Picture
from istros.recognition.plates.grammar import is_home, weight_of
from istros.recognition.plates.reading import Reading, interpret
from istros.recognition.plates.stacks import stacks_of
from istros.recognition.plates.text_box import TextBox, bounds_of, cut
from istros.recognition.plates.text_detector import TextDetector
from istros.recognition.plates.text_recogniser import ReadCharacter, TextRecogniser

SIDES = (640, 960)
"""Longer sides that the text detector gets: the second only when the first showed no good plate."""
GOOD = 0.8
"""Confidence from which nothing more is tried."""
LEAST_CONFIDENCE = 0.25
STILL_GOOD = 0.85
"""Confidence of a plate in a still from which it is not searched at the next size."""
_LARGE_PX, _SMALL_PX = 1600, 60.0
"""A picture at least so long can hide a second plate where the first one is narrower than this in the search."""
_STRETCH, _STRETCHED_SIDE, _STRETCHED_LEAST = 2.2, 960, 0.6
_MOST_STRETCHED_PX = 4096
_ASPECT_LEAST, _ASPECT_MOST = 1.6, 9.0
_STACKED_ASPECT_LEAST = 0.7
_LEAST_HEIGHT_PX = 9.0
_MOST_BOXES = 14
_SLANT = 3.0
_STEEPEST = 50.0
_LONGER = ((0.4, 0.4), (0.0, 1.2), (1.2, 0.0), (1.2, 1.2))
"""Shares of a line's height by which it is read again before its beginning and after its end."""
_WHOLE_PLATE = 5.0
_LONGER_LEAST = 0.55


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


class PlateReader:
    """Holds the two models; one reader serves one thread at a time."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._detector = TextDetector(folder)
        self._recogniser = TextRecogniser(folder)

    def read(
        self,
        picture: Picture,
        region: PixelBox | None = None,
        *,
        sides: tuple[int, ...] = SIDES,
        enough: float = GOOD,
    ) -> list[PlateReadCandidate]:
        """The plates in a BGR picture, or in a region of it, most certain first; one entry a plate.

        The picture is searched at one size after the other until a plate is read with the confidence `enough`; above 1
        every size is searched, so that a far plate beside a near one is found too.
        """
        part, x, y = _part(picture, region)
        if min(part.shape[:2]) < 2 * _LEAST_HEIGHT_PX:
            return []
        found: list[PlateReadCandidate] = []
        for side in sides:
            found = _without_doubles(found + self._read_at(part, side))
            if found and found[0].confidence >= enough:
                break
        return [_moved(candidate, x, y) for candidate in found if candidate.confidence >= LEAST_CONFIDENCE]

    def read_still(self, picture: Picture) -> list[PlateReadCandidate]:
        """The plates in a BGR picture of which there is no second look, most certain first.

        It is searched at the second size where the first one left a doubt or can have hidden a far plate, and where there
        is nothing at all, stretched: a plate seen from far aside runs so steeply that the detector takes it for no line.
        """
        found: list[PlateReadCandidate] = []
        if min(picture.shape[:2]) < 2 * _LEAST_HEIGHT_PX:
            return found
        for side in SIDES:
            sure = [candidate.box for candidate in found if candidate.confidence >= STILL_GOOD]
            found = _without_doubles(found + self._read_at(picture, side, sure))
            if _is_all(found, max(picture.shape[:2]), side):
                break
        if not any(candidate.confidence >= _STRETCHED_LEAST for candidate in found):
            found = _without_doubles(found + self._read_stretched(picture))
        return [candidate for candidate in found if candidate.confidence >= LEAST_CONFIDENCE]

    def _read_stretched(self, picture: Picture) -> list[PlateReadCandidate]:
        rows, columns = picture.shape[:2]
        scale = min(1.0, _MOST_STRETCHED_PX / (_STRETCH * columns))
        size = round(columns * _STRETCH * scale), max(32, round(rows * scale))
        wide = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        return [
            _scaled(candidate, columns / size[0], rows / size[1])
            for candidate in self._read_at(wide, _STRETCHED_SIDE)
            if candidate.confidence >= _STRETCHED_LEAST and weight_of(candidate.text) >= 0.5
        ]

    def _read_at(self, picture: Picture, side: int, known: Sequence[PixelBox] = ()) -> list[PlateReadCandidate]:
        """The plates found at one size; what lies in a `known` box is not read again."""
        lines_found = (box for box in self._detector.find(picture, side) if _is_line(box))
        boxes = [box for box in lines_found if not any(_holds(plate, box) for plate in known)][:_MOST_BOXES]
        lines = {box: self._recogniser.read(cut(picture, box.corners())) for box in boxes}
        candidates = [
            self._single(picture, box, lines[box]) for box in boxes if box.width >= _ASPECT_LEAST * box.height
        ]
        candidates += [self._stacked(stack.lines, [lines[box] for box in stack.lines]) for stack in stacks_of(boxes)]
        return [candidate for candidate in candidates if candidate is not None]

    def _single(
        self, picture: Picture, box: TextBox, characters: tuple[ReadCharacter, ...]
    ) -> PlateReadCandidate | None:
        """One line; a doubtful one is cut again in other ways, and the most certain reading counts."""
        if len(characters) < 3 or not any(character.text.isdigit() for character in characters):
            return None
        corners, reading = box.corners(), interpret(characters)
        for other in _other_cuts(box):
            if reading is not None and reading.confidence >= GOOD and is_home(reading.text):
                break
            again = interpret(self._recogniser.read(cut(picture, other)))
            if again is not None and (reading is None or _is_better(again, reading)):
                corners, reading = other, again
        return None if reading is None else _candidate(corners, reading)

    @staticmethod
    def _stacked(boxes: tuple[TextBox, ...], lines: list[tuple[ReadCharacter, ...]]) -> PlateReadCandidate | None:
        """Lines joined from top to bottom; only where each has something and together they fit a format."""
        if not all(1 <= len(line) <= 6 for line in lines) or sum(map(len, lines)) > 9:
            return None
        reading = interpret(tuple(character for line in lines for character in line))
        if reading is None or weight_of(reading.text) < 0.5:
            return None
        return _candidate(np.concatenate([box.corners() for box in boxes]), reading, stacked=True)


def _holds(plate: PixelBox, box: TextBox) -> bool:
    return plate.left <= box.x <= plate.right and plate.top <= box.y <= plate.bottom


def _is_all(found: list[PlateReadCandidate], longest_px: int, side: int) -> bool:
    """Whether a still need not be searched at the next size: a sure plate, no doubtful one, and no room for far ones."""
    if not found or found[0].confidence < STILL_GOOD or weight_of(found[0].text) < 0.5:
        return False
    if any(candidate.confidence < STILL_GOOD and weight_of(candidate.text) > 0.7 for candidate in found):
        return False
    narrowest = min((candidate.box.right - candidate.box.left) * side / longest_px for candidate in found)
    return longest_px < _LARGE_PX or narrowest >= _SMALL_PX


def _is_line(box: TextBox) -> bool:
    aspect = box.width / box.height
    return (
        _STACKED_ASPECT_LEAST <= aspect <= _ASPECT_MOST
        and box.height >= _LEAST_HEIGHT_PX
        and abs(box.angle) <= _STEEPEST
    )


def _is_better(new: Reading | PlateReadCandidate, old: Reading | PlateReadCandidate) -> bool:
    """More certain; or the same text and more of it, in the shape of a plate: the shorter one was cut off."""
    longer = old.text in new.text and new.text != old.text
    if longer and new.confidence >= _LONGER_LEAST and weight_of(new.text) >= weight_of(old.text):
        return True
    shorter = new.text in old.text and weight_of(new.text) <= weight_of(old.text)
    return new.confidence > old.confidence and not shorter


def _other_cuts(box: TextBox) -> list[Floats]:
    """Upright letters for a slanted line; a wider cut for a line that the detector broke off; a tighter one."""
    wider = box.lengthened(*_LONGER[0])
    cuts = [box.sheared_corners(), wider.sheared_corners()] if abs(box.angle) >= _SLANT else []
    for before, after in _LONGER if box.width < _WHOLE_PLATE * box.height else ():
        cuts.append(box.lengthened(before, after).corners())
    return [*cuts, box.lengthened(-0.12, -0.12).corners()]


def _candidate(corners: Floats, reading: Reading, stacked: bool = False) -> PlateReadCandidate:
    bounds = bounds_of(corners)
    left, top, right, bottom = bounds
    outline = [(left, top), (right, top), (right, bottom), (left, bottom)] if stacked else corners.tolist()
    return PlateReadCandidate(
        PixelBox(*bounds),
        tuple((float(x), float(y)) for x, y in outline),
        reading.text,
        reading.country,
        reading.confidence,
        reading.characters,
        reading.alternatives,
    )


def _part(picture: Picture, region: PixelBox | None) -> tuple[Picture, int, int]:
    if region is None:
        return picture, 0, 0
    rows, columns = picture.shape[:2]
    left, top = max(0, int(region.left)), max(0, int(region.top))
    right, bottom = min(columns, int(region.right) + 1), min(rows, int(region.bottom) + 1)
    return picture[top : max(top, bottom), left : max(left, right)], left, top


def _moved(candidate: PlateReadCandidate, x: float, y: float) -> PlateReadCandidate:
    box = PixelBox(candidate.box.left + x, candidate.box.top + y, candidate.box.right + x, candidate.box.bottom + y)
    return replace(candidate, box=box, corners=tuple((left + x, top + y) for left, top in candidate.corners))


def _scaled(candidate: PlateReadCandidate, across: float, down: float) -> PlateReadCandidate:
    box = candidate.box
    scaled = PixelBox(box.left * across, box.top * down, box.right * across, box.bottom * down)
    return replace(candidate, box=scaled, corners=tuple((x * across, y * down) for x, y in candidate.corners))


def _without_doubles(candidates: list[PlateReadCandidate]) -> list[PlateReadCandidate]:
    """Of candidates that cover each other only the best stays."""
    kept: list[PlateReadCandidate] = []
    for candidate in sorted(candidates, key=lambda item: -item.confidence):
        rivals = [other for other in kept if _overlap(candidate.box, other.box) >= 0.3]
        if not rivals:
            kept.append(candidate)
        elif len(rivals) == 1 and _is_better(candidate, rivals[0]):
            kept[kept.index(rivals[0])] = candidate
    return sorted(kept, key=lambda item: -item.confidence)


def _overlap(one: PixelBox, other: PixelBox) -> float:
    """Shared area as a share of the smaller box."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box.right - box.left) * (box.bottom - box.top) for box in (one, other)]
    return width * height / max(1.0, min(areas))
