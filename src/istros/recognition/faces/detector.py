"""Finds faces: CenterFace on the whole picture, or on tiles of a zone where small faces matter.

Source: Y. Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019: a face is a peak of the
heat map, its size the exponential of what stands there, its landmarks shares of its box.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import cv2
import numpy as np

from istros.recognition.faces.face import Face, Point, face_overlap
from istros.recognition.models.cards import FACE_DETECTOR
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.observation import Box
from istros.recognition.picture import Floats, Picture

LEAST_SCORE = 0.35
"""Below it a peak is no face (docs/benchmarks/faces.md says how it was chosen)."""

USUAL = (640, 352)
"""Columns and rows of the net's input for a whole picture."""

TILE = (960, 544)
"""Columns and rows of the net's input for a whole picture in which smaller faces matter."""

LARGEST_TILE = (1152, 672)
"""Most columns and rows of the net's input for one tile of a face zone: 32 pixels of 1280x720 need one tile."""

NEEDED_PX = 28.0
"""Height in the net's input from which 19 of 20 faces are found; at 17 to 20 pixels half of them are (docs/benchmarks)."""

_TILE_SCALE, _MOST_TILES = 0.75, 9
_STRIDE = 4
_SIDE = 32
_SAME = 0.3
_SAME_INSIDE = 0.65
_GREY = 114


WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class FaceZone:
    """Where faces of `least_px` rows and more must be found; the box is in shares of the picture."""

    box: Box = WHOLE
    least_px: float = 32.0


class FaceDetector:
    """Finds faces; safe to share between threads."""

    name = FACE_DETECTOR.name

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._session = open_session(FACE_DETECTOR, folder=folder)

    def detect(self, picture: Picture, least_score: float = LEAST_SCORE, size: tuple[int, int] = USUAL) -> list[Face]:
        """Faces in a BGR picture, surest first. The picture is reduced to fit into `size` (columns, rows); never enlarged."""
        rows, columns = picture.shape[:2]
        scale = min(1.0, size[0] / columns, size[1] / rows)
        return _single(self._at_scale(picture, scale, least_score))

    def detect_in_zone(self, picture: Picture, zone: FaceZone, least_score: float = LEAST_SCORE) -> list[Face]:
        """Faces in a zone of a BGR picture, surest first, searched in tiles as large as the zone's smallest face needs."""
        rows, columns = picture.shape[:2]
        left, top = int(zone.box.left * columns), int(zone.box.top * rows)
        right, bottom = ceil(zone.box.right * columns), ceil(zone.box.bottom * rows)
        scale = min(1.0, NEEDED_PX / zone.least_px)
        found: list[Face] = []
        for x, y, end_x, end_y in tiles_of((left, top, right, bottom), scale, zone.least_px):
            part = picture[y:end_y, x:end_x]
            found += [face.moved(x, y) for face in self._at_scale(part, scale, least_score)]
        return _single(found)

    def detect_thoroughly(self, picture: Picture, least_score: float = LEAST_SCORE) -> list[Face]:
        """Faces of every size in a BGR picture of any size: the whole of it reduced, and its tiles (a dozen at most)."""
        rows, columns = picture.shape[:2]
        tiles = columns * rows / (LARGEST_TILE[0] * LARGEST_TILE[1])
        scale = min(_TILE_SCALE, (_MOST_TILES / tiles) ** 0.5)
        found = self.detect_in_zone(picture, FaceZone(least_px=NEEDED_PX / scale), least_score)
        if tiles * scale * scale > 1.05:
            found += self.detect(picture, least_score, TILE)
        return _single(found)

    def _at_scale(self, picture: Picture, scale: float, least_score: float) -> list[Face]:
        rows, columns = picture.shape[:2]
        width, height = max(1, round(columns * scale)), max(1, round(rows * scale))
        if (width, height) != (columns, rows):
            picture = np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        canvas = np.full((ceil(height / _SIDE) * _SIDE, ceil(width / _SIDE) * _SIDE, 3), _GREY, np.uint8)
        canvas[:height, :width] = picture
        tensor = np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)
        outputs = self._session.run(["heat", "sizes", "offsets", "landmarks"], {"images": tensor})
        heat, sizes, offsets, landmarks = (output[0] for output in outputs)
        faces = _faces(heat[0], sizes, offsets, landmarks, least_score)
        return [face.scaled(columns / width) for face in faces if face.left < width and face.top < height]


def tiles_of(zone: tuple[int, int, int, int], scale: float, least_px: float) -> Iterator[tuple[int, int, int, int]]:
    """Tiles (left, top, right, bottom; pixels) that cover a zone and overlap by two of its smallest faces."""
    overlap = ceil(2 * least_px)
    across = [*_spans(zone[0], zone[2], int(LARGEST_TILE[0] / scale), overlap)]
    for top, bottom in _spans(zone[1], zone[3], int(LARGEST_TILE[1] / scale), overlap):
        for left, right in across:
            yield left, top, right, bottom


def _spans(begin: int, end: int, longest: int, overlap: int) -> Iterator[tuple[int, int]]:
    """As few equal spans as cover begin to end, none longer than `longest`, neighbours overlapping."""
    length = end - begin
    count = 1 if length <= longest else ceil((length - overlap) / max(1, longest - overlap))
    each = ceil((length + (count - 1) * overlap) / count)
    for number in range(count):
        first = begin + round(number * (length - each) / max(1, count - 1))
        yield first, min(end, first + each)


def _faces(heat: Floats, sizes: Floats, offsets: Floats, landmarks: Floats, least_score: float) -> list[Face]:
    """Decode the net's outputs; pixels of its input. Heat is (rows, columns), the others have channels before them."""
    found = []
    for row, column in zip(*np.nonzero(heat > least_score), strict=True):
        # An exponent is bounded so that a broken picture cannot overflow it; no face is larger than the bound.
        height, width = (float(np.exp(min(8.0, value))) * _STRIDE for value in sizes[:, row, column])
        away_y, away_x = (float(value) for value in offsets[:, row, column])
        left = (float(column) + away_x + 0.5) * _STRIDE - width / 2
        top = (float(row) + away_y + 0.5) * _STRIDE - height / 2
        shares = landmarks[:, row, column]
        one, two, three, four, five = _points(shares, left, top, width, height)
        score = float(heat[row, column])
        found.append(Face(left, top, left + width, top + height, score, (one, two, three, four, five)))
    return found


def _points(shares: Floats, left: float, top: float, width: float, height: float) -> Iterable[Point]:
    """The net gives for each landmark the share of the height, then that of the width."""
    return [(left + float(x) * width, top + float(y) * height) for y, x in shares.reshape(5, 2)]


def _single(faces: list[Face]) -> list[Face]:
    """One box a face: surest first, others that overlap it or lie inside it left out."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda each: -each.score):
        if all(face_overlap(face, other) < _SAME and _inside(face, other) < _SAME_INSIDE for other in kept):
            kept.append(face)
    return kept


def _inside(one: Face, other: Face) -> float:
    """Share of the smaller box that lies in the larger: a tile's edge shows parts of a face as faces."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(1e-6, min(one.width * one.height, other.width * other.height))
