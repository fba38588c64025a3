"""The plates that the recogniser does not learn from: what it is chosen and calibrated by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from istros.recognition.plates.plate_crop import rectified
from tools.training.plates.labelled import RealPlate, european_crops, romanian_frames
from tools.training.plates.pool import PoolPlate, pool
from tools.training.plates.samples import SIGNS, Sources, real_sample, rendered_sample

_SEED, _COUNT = 7, 600
_ALIKE = str.maketrans("OQI", "001")
Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Check:
    """A crop and what it says; `source` names the share that it is counted in."""

    crop: Grey
    text: str
    source: str


Checks = list[Check]


def checks_of(folder: Path) -> Checks:
    """The real plates for checking, and rendered ones as a camera would see them."""
    rng = np.random.default_rng(_SEED)
    rendered = pool(_COUNT, _SEED, 1)
    return checks_of_real(folder) + [_of_rendered(rng, Sources(rendered, [], []), plate) for plate in rendered]


def checks_of_real(folder: Path) -> Checks:
    """The real plates for checking, as they are."""
    european = [plate for plate in european_crops(folder) if plate.is_for_checking]
    romanian = [plate for plate in romanian_frames(folder) if plate.is_for_checking]
    checks = [_of_real(plate, f"eu{min(plate.lines, 2)}") for plate in european]
    return checks + [_of_real(plate, "ro-poor" if plate.is_poor else "ro") for plate in romanian]


def varied_checks(folder: Path, times: int = 6) -> Checks:
    """The real plates for checking, each several times as other cameras would see it: what the confidence is fitted on."""
    plates = [plate for plate in (*european_crops(folder), *romanian_frames(folder)) if plate.is_for_checking]
    sources = Sources([], [], [])
    rng = np.random.default_rng(_SEED)
    crops = [(real_sample(rng, sources, plate).crop, plate) for plate in plates for _ in range(times)]
    return [Check(crop, plate.text, "varied") for crop, plate in crops]


def _of_real(plate: RealPlate, source: str) -> Check:
    return Check(rectified(plate.picture, plate.corners), plate.text, source)


def _of_rendered(rng: np.random.Generator, sources: Sources, plate: PoolPlate) -> Check:
    crop = rendered_sample(rng, sources, plate).crop
    return Check(crop, plate.text, f"drawn-{'home' if plate.country in ('UA', 'RO', 'MD') else 'other'}{plate.lines}")


def folded(text: str) -> str:
    """The text with the letters that plates draw alike made one (O, Q and 0; I and 1)."""
    return text.translate(_ALIKE)


def best_path(logits: npt.NDArray[np.float32]) -> str:
    """The text of CTC's likeliest path through (places, signs + 1)."""
    best = logits.argmax(axis=1)
    kept = best[np.flatnonzero(np.diff(best, prepend=0) != 0)]
    return "".join(SIGNS[index - 1] for index in kept if index)
