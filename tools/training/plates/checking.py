"""The plates that the recogniser does not learn from: what it is chosen and calibrated by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from istros.recognition.plates.plate_crop import PlateCrop, plate_crop
from tools.training.plates.labelled import RealPlate, backgrounds, european_crops, romanian_frames
from tools.training.plates.pool import PoolPlate, pool
from tools.training.plates.samples import BEYOND_SHARE, SIGNS, Sample, Sources, real_sample, rendered_sample

_SEED, _COUNT = 7, 600
_HARD_SHARE = 0.6
"""Share of the hard mix that is out of focus, from hard to read up to not to be read at all."""
_ALIKE = str.maketrans("OQI", "001")


@dataclass(frozen=True, slots=True)
class Check:
    """A crop and what it says; `source` names the share that it is counted in. The crop was cut out of `picture` by the
    `corners`."""

    crop: PlateCrop
    text: str
    source: str
    lines: int
    picture: npt.NDArray[np.uint8]
    corners: npt.NDArray[np.float32]


Checks = list[Check]


def checks_of(folder: Path) -> Checks:
    """The real plates for checking, and rendered ones as a camera would see them."""
    rng, rendered = np.random.default_rng(_SEED), pool(_COUNT, _SEED, 1)
    sources = Sources(rendered, [], [])
    return checks_of_real(folder) + [
        _of_sample(rendered_sample(rng, sources, plate), plate, _drawn(plate)) for plate in rendered
    ]


def checks_of_real(folder: Path) -> Checks:
    """The real plates for checking, as they are."""
    return [
        Check(
            plate_crop(plate.picture, plate.corners),
            plate.text,
            _real(plate),
            plate.lines,
            plate.picture,
            plate.corners,
        )
        for plate in _kept_back(folder)
    ]


def other_cameras(folder: Path) -> Checks:
    """The real plates for checking, each several times as other cameras would see it ("varied"), and these and rendered
    ones in a hard mix ("hard"): what the confidence is fitted on beside `checks_of`."""
    rng, plates = np.random.default_rng(_SEED), _kept_back(folder)
    sources = Sources(pool(_COUNT, _SEED, 1), [], [], backgrounds(300, rng, folder))
    checks = []
    for source, share in (("varied", BEYOND_SHARE), ("hard", _HARD_SHARE)):
        # A Romanian plate stands in many frames already.
        for each in (plate for plate in plates for _ in range(2 if plate.country else 6)):
            checks.append(_of_sample(real_sample(rng, sources, each, beyond_share=share), each, source))
    for plate in sources.pool:
        checks.append(_of_sample(rendered_sample(rng, sources, plate, beyond_share=_HARD_SHARE), plate, "drawn-hard"))
    return checks


def _kept_back(folder: Path) -> list[RealPlate]:
    return [plate for plate in (*european_crops(folder), *romanian_frames(folder)) if plate.is_for_checking]


def _real(plate: RealPlate) -> str:
    if not plate.country:
        return f"eu{min(plate.lines, 2)}"
    return "ro-poor" if plate.is_poor else "ro"


def _drawn(plate: PoolPlate) -> str:
    return f"drawn-{'home' if plate.country in ('UA', 'RO', 'MD') else 'other'}{plate.lines}"


def _of_sample(sample: Sample, plate: RealPlate | PoolPlate, source: str) -> Check:
    return Check(sample.crop, plate.text, source, plate.lines, sample.scene, sample.corners)


def folded(text: str) -> str:
    """The text with the letters that plates draw alike made one (O, Q and 0; I and 1)."""
    return text.translate(_ALIKE)


def best_path(logits: npt.NDArray[np.float32]) -> str:
    """The text of CTC's likeliest path through (places, signs + 1)."""
    best = logits.argmax(axis=1)
    kept = best[np.flatnonzero(np.diff(best, prepend=0) != 0)]
    return "".join(SIGNS[index - 1] for index in kept if index)
