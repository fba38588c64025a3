"""The labelled real plates to train on, parted into a share to learn from and a share to choose by.

The folders are not part of the repository: `plates_eu_train` (crops of plates, AGPL-3.0) and `plates_ro_train` (frames
with boxes, MIT) lie in a folder of labelled sets, `../shared/eval` unless the command names another. Plates are parted by their text, so
that no plate is in both shares.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from istros.base.errors import IstrosError
from istros.recognition.plates.plate_crop import box_corners

_CHECK_SHARE = 0.1
_AROUND = 0.6


class LabelledMissing(IstrosError):
    """The labelled pictures are not there."""

    code = "labelled-missing"


@dataclass(frozen=True, slots=True)
class RealPlate:
    """`picture` (rows, columns, 3) BGR with its plate's `corners` (4, 2); `text` in reading order; `is_poor`: blurred."""

    picture: npt.NDArray[np.uint8]
    corners: npt.NDArray[np.float32]
    text: str
    lines: int
    country: str
    is_poor: bool = False

    @property
    def is_for_checking(self) -> bool:
        """Whether the plate belongs to the share that is not learnt from."""
        return int(hashlib.sha256(self.text.encode()).hexdigest()[:8], 16) / 2**32 < _CHECK_SHARE


def european_crops(folder: Path) -> list[RealPlate]:
    """The crops of plates_eu_train that have a text; the whole picture is the plate."""
    result = []
    for row in _rows(folder / "plates_eu_train"):
        text = re.sub("[^A-Z0-9]", "", row["plate"])
        if not text:
            continue
        picture = picture_of(folder / "plates_eu_train" / "images" / row["file"])
        corners = box_corners(0, 0, picture.shape[1], picture.shape[0])
        result.append(RealPlate(picture, corners, text, row["plate"].count("/") + 1, ""))
    return result


def romanian_frames(folder: Path) -> list[RealPlate]:
    """The readable plates of plates_ro_train, each with its surroundings."""
    result = []
    frames: dict[str, npt.NDArray[np.uint8]] = {}
    for row in _rows(folder / "plates_ro_train"):
        text = re.sub("[^A-Z0-9]", "", row["plate"])
        if not text or row["legibility"] == "unreadable":
            continue
        if row["file"] not in frames:
            frames[row["file"]] = picture_of(folder / "plates_ro_train" / "images" / row["file"])
        frame = frames[row["file"]]
        x, y, width, height = (float(row[key]) for key in ("x", "y", "w", "h"))
        left, top = max(0, int(x - width * _AROUND / 2)), max(0, int(y - height * _AROUND))
        cut = frame[top : int(y + height * (1 + _AROUND)), left : int(x + width * (1 + _AROUND / 2))].copy()
        corners = box_corners(x - left, y - top, width, height)
        result.append(RealPlate(cut, corners, text, 1, row["country"], row["legibility"] == "poor"))
    return result


def backgrounds(count: int, rng: np.random.Generator, folder: Path) -> list[npt.NDArray[np.uint8]]:
    """Grey pieces (64, 112) of the Romanian frames in which no plate is labelled."""
    boxes: dict[str, list[tuple[float, ...]]] = {}
    for row in _rows(folder / "plates_ro_train"):
        boxes.setdefault(row["file"], []).append(tuple(float(row[key]) for key in ("x", "y", "w", "h")))
    names = sorted(boxes)
    result: list[npt.NDArray[np.uint8]] = []
    for name in (names[index] for index in rng.permutation(len(names))):
        frame = cv2.cvtColor(picture_of(folder / "plates_ro_train" / "images" / name), cv2.COLOR_BGR2GRAY)
        for _ in range(10):
            columns = int(rng.integers(80, 400))
            rows = columns * 4 // 7
            x, y = rng.integers(0, frame.shape[1] - columns), rng.integers(0, frame.shape[0] - rows)
            if all(x > bx + bw or bx > x + columns or y > by + bh or by > y + rows for bx, by, bw, bh in boxes[name]):
                piece = cv2.resize(frame[y : y + rows, x : x + columns], (112, 64), interpolation=cv2.INTER_AREA)
                result.append(np.asarray(piece, np.uint8))
        if len(result) >= count:
            break
    return result[:count]


def _rows(folder: Path) -> list[dict[str, str]]:
    try:
        with (folder / "labels.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except OSError:
        raise LabelledMissing(
            f"The labelled plates {folder} are missing.", "Name the folder of the sets with --eval."
        ) from None


def picture_of(path: Path) -> npt.NDArray[np.uint8]:
    """The picture (rows, columns, 3) BGR, turned as it says. Raises `LabelledMissing`."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise LabelledMissing(f"The picture {path} cannot be read.", "Restore the folder from its source.")
    return np.asarray(picture, np.uint8)
