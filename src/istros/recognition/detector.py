"""People and vehicles in a frame: CenterNet, with the picture treated for the night where measured light says so."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from istros.recognition.models.cards import STREET_DETECTOR, STREET_LABELS
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.models.runtimes import RuntimeName
from istros.recognition.observation import Box, Detection, overlap
from istros.recognition.picture import Floats, Picture

VEHICLES = frozenset({"car", "van", "bus", "lorry", "motorcycle", "bicycle"})
"""Labels that can carry a plate or count as a vehicle."""

SIZES = {"usual": (384, 224), "wide": (512, 288)}
"""Columns and rows of the net's input: `usual` for street cameras, `wide` for scenes with small things in them."""

NIGHT_LUMA = 60.0
"""Median grey level below which the picture is treated: by day the treatment adds false objects (docs/models)."""
_STRIDE = 4
_LARGE = ("car", "van", "bus", "lorry", "train")
_SAME_LARGE, _SAME = 0.6, 0.55


class DetectorLike(Protocol):
    """What finds people and vehicles in a picture: the street detector, or one that an administrator put in."""

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        """Detections in a BGR picture, surest first; one box a thing."""
        ...


class StreetDetector:
    """Finds the labels of `STREET_LABELS`; safe to share between threads."""

    def __init__(
        self,
        size: tuple[int, int] = SIZES["usual"],
        folder: Path = MODELS_FOLDER,
        runtime: RuntimeName = "onnxruntime",
    ) -> None:
        self._columns, self._rows = size
        dimensions = {"width": size[0], "height": size[1]}
        self._session = open_session(STREET_DETECTOR, dimensions=dimensions, folder=folder, runtime=runtime)

    def detect(self, picture: Picture, least_score: float = 0.3) -> list[Detection]:
        """Detections in a BGR picture, surest first; one box a thing."""
        rows, columns = picture.shape[:2]
        scale = min(self._columns / columns, self._rows / rows)
        width, height = round(columns * scale), round(rows * scale)
        flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = np.asarray(cv2.resize(picture, (width, height), interpolation=flags), np.uint8)
        if is_dark(small):
            small = treated_for_night(small)
        canvas = np.full((self._rows, self._columns, 3), 114, np.uint8)
        canvas[:height, :width] = small
        tensor = np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], dtype=np.float32)
        peaks, sides = self._session.run(["peaks", "sides"], {"images": tensor})
        return _single(_detections(peaks[0], sides[0], least_score, (width, height)))


def is_dark(picture: Picture) -> bool:
    """Whether a picture (BGR or luma) was taken with little light."""
    return float(np.median(picture)) < NIGHT_LUMA


def treated_for_night(picture: Picture) -> Picture:
    """Grey, with local contrast (CLAHE, K. Zuiderveld 1994): raises recall at night from 0.69 to 0.92 (docs/models)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.cvtColor(cv2.createCLAHE(3.0, (8, 8)).apply(grey), cv2.COLOR_GRAY2BGR), np.uint8)


def _detections(peaks: Floats, sides: Floats, least_score: float, size: tuple[int, int]) -> list[Detection]:
    width, height = size
    found = []
    for label, row, column in zip(*np.nonzero(peaks > least_score), strict=True):
        left, top, right, bottom = (float(side) for side in sides[:, row, column])
        x, y = float(column) * _STRIDE, float(row) * _STRIDE
        box = Box(
            min(1.0, max(0.0, (x - left) / width)),
            min(1.0, max(0.0, (y - top) / height)),
            max(0.0, min(1.0, (x + right) / width)),
            max(0.0, min(1.0, (y + bottom) / height)),
        )
        if box.area > 0:
            found.append(Detection(box, STREET_LABELS[label], float(peaks[label, row, column])))
    return found


def _single(detections: list[Detection]) -> list[Detection]:
    """Non-maximum suppression: the large vehicles against each other, everything else within its label."""

    def group(detection: Detection) -> str:
        return "vehicle" if detection.label in _LARGE else detection.label

    kept: list[Detection] = []
    for name, members in groupby(sorted(detections, key=group), key=group):
        limit = _SAME_LARGE if name == "vehicle" else _SAME
        chosen: list[Detection] = []
        for detection in sorted(members, key=lambda item: -item.score):
            if all(overlap(detection.box, other.box) < limit for other in chosen):
                chosen.append(detection)
        kept += chosen
    return sorted(kept, key=lambda item: -item.score)
