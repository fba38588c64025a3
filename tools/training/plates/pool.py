"""A store of rendered plates, grey and half worn, from which the trainings take again and again: drawing is the dear part."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tools.training.plates.drawing import draw_plate
from tools.training.plates.places import MADE
from tools.training.plates.wear import in_holder, worn

_SCALE = 0.6
"""Pixels a millimetre in the store."""
_PART = 500
_RAW_SHARE, _HOLDER_SHARE = 0.15, 0.6


@dataclass(frozen=True, slots=True)
class PoolPlate:
    """`picture` (rows, columns) grey; the plate's `corners` in it; `text` in reading order."""

    picture: npt.NDArray[np.uint8]
    corners: npt.NDArray[np.float32]
    text: str
    lines: int
    country: str


def rendered(rng: np.random.Generator) -> PoolPlate:
    """One plate of the store."""
    plate = draw_plate(rng)
    if rng.random() > _RAW_SHARE:
        plate = replace(plate, picture=worn(rng, plate.picture))
    if rng.random() < _HOLDER_SHARE:
        plate = in_holder(rng, plate)
    grey = as_grey(rng, plate.picture)
    grey[plate.mask == 0] = rng.integers(0, 256)
    small = np.asarray(cv2.resize(grey, None, fx=_SCALE, fy=_SCALE, interpolation=cv2.INTER_AREA), np.uint8)
    scale = np.array([small.shape[1] / grey.shape[1], small.shape[0] / grey.shape[0]], np.float32)
    return PoolPlate(small, plate.corners * scale, "".join(plate.lines), len(plate.lines), plate.country)


def as_grey(rng: np.random.Generator, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The picture (rows, columns, 3) in grey as a camera by day has it, or with other shares as near infra-red has."""
    if rng.random() < 0.7:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    shares = rng.dirichlet([0.7, 1.2, 1.2]).astype(np.float32)
    return np.asarray(np.clip(picture.astype(np.float32) @ shares, 0, 255), np.uint8)


def pool(count: int, seed: int, workers: int = 2) -> list[PoolPlate]:
    """`count` plates from a seed, made once and kept in the folder of trainings."""
    path = MADE / f"plates-{seed}-{count}.npz"
    if not path.is_file():
        parts = [(seed, part) for part in range(-(-count // _PART))]
        with ProcessPoolExecutor(workers) as executor:
            plates = [plate for made in executor.map(_made_part, parts) for plate in made][:count]
        _save(path, plates)
    return _load(path)


def _made_part(place: tuple[int, int]) -> list[PoolPlate]:
    cv2.setNumThreads(1)
    rng = np.random.default_rng(place)
    return [rendered(rng) for _ in range(_PART)]


def _save(path: Path, plates: list[PoolPlate]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        pixels=np.concatenate([plate.picture.ravel() for plate in plates]),
        shapes=np.array([plate.picture.shape for plate in plates]),
        corners=np.array([plate.corners for plate in plates]),
        texts=np.array([plate.text for plate in plates]),
        lines=np.array([plate.lines for plate in plates]),
        countries=np.array([plate.country for plate in plates]),
    )


def _load(path: Path) -> list[PoolPlate]:
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files}
    ends = np.cumsum(kept["shapes"].prod(axis=1))
    pictures = (
        part.reshape(shape) for part, shape in zip(np.split(kept["pixels"], ends[:-1]), kept["shapes"], strict=True)
    )
    rest = zip(pictures, kept["corners"], kept["texts"], kept["lines"], kept["countries"], strict=True)
    return [PoolPlate(picture, corners, str(t), int(n), str(c)) for picture, corners, t, n, c in rest]
