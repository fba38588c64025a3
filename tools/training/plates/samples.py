"""Training samples of the recogniser: crops as the reader will cut them, from rendered and from real plates."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from istros.recognition.plates.plate_crop import PlateCrop, box_corners, plate_crop
from tools.training.plates.camera import beyond, loosened, placed, seen
from tools.training.plates.labelled import RealPlate
from tools.training.plates.pool import PoolPlate, as_grey
from tools.training.plates.series import CYRILLIC, LATIN

SIGNS = "0123456789" + LATIN + CYRILLIC
COUNTRIES = ("UA", "RO", "MD", "PMR", "SU", "BG", "HU", "PL", "DE", "TR", "GR", "IT", "FR", "GB", "RU", "BY", "other")
UNKNOWN = -1
_REAL_SHARE, _ROMANIAN_SHARE, _EMPTY_SHARE = 0.38, 0.2, 0.03
BEYOND_SHARE = 0.08
"""Samples so blurred that many cannot be read: they teach the net which letters look alike then, and to doubt."""
_BEYOND_NARROW, _BEYOND_WIDE = (26.0, 110.0), (20.0, 90.0)
Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sample:
    """A crop, the numbers of its signs from 1, its country's number or UNKNOWN, how many lines; `scene` and the `corners`
    in it by which the crop was cut."""

    crop: PlateCrop
    signs: list[int]
    country: int
    lines: int
    scene: Grey
    corners: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sources:
    """What samples are made of; two-line crops stand twice in `european`."""

    pool: list[PoolPlate]
    european: list[RealPlate]
    romanian: list[RealPlate]
    backgrounds: list[Grey] = field(default_factory=list)


def sample(rng: np.random.Generator, sources: Sources, hardness: float = 1.0) -> Sample:
    """One sample; the same generator's state gives the same one. `hardness`, 0 to 1, rises while the net begins to learn:
    CTC finds its first letters much sooner on large, straight, clean plates."""
    kind = rng.random()
    if kind < _EMPTY_SHARE:
        return _without_plate(rng, sources)
    if kind < _EMPTY_SHARE + _REAL_SHARE:
        plates = sources.romanian if rng.random() < _ROMANIAN_SHARE * hardness else sources.european
        return real_sample(rng, sources, plates[rng.integers(len(plates))], hardness)
    return rendered_sample(rng, sources, sources.pool[rng.integers(len(sources.pool))], hardness)


def rendered_sample(
    rng: np.random.Generator,
    sources: Sources,
    plate: PoolPlate,
    hardness: float = 1.0,
    beyond_share: float = BEYOND_SHARE,
) -> Sample:
    """A rendered plate, small or large, as a camera sees it."""
    narrow, wide = (40.0, 260.0) if plate.lines == 1 else (28.0, 180.0)
    narrow = wide * 0.7 * (1 - hardness) + narrow * hardness
    is_beyond = rng.random() < beyond_share * hardness
    if is_beyond:
        narrow, wide = _BEYOND_NARROW if plate.lines == 1 else _BEYOND_WIDE
    width = float(np.exp(rng.uniform(np.log(narrow), np.log(wide))))
    picture = 255 - plate.picture if rng.random() < 0.02 else plate.picture
    background = _background(rng, sources)
    scene, corners = placed(rng, picture, plate.corners, width, background, hardness)
    scene = beyond(rng, scene, _letter_px(corners, plate.lines)) if is_beyond else scene
    scene = seen(rng, scene, _strength(width, plate.lines) * hardness)
    found = loosened(rng, corners, 0.5 * hardness, hardness)
    country = country_number(plate.country)
    return Sample(plate_crop(scene, found), _numbers(plate.text), country, plate.lines, scene, found)


def real_sample(
    rng: np.random.Generator,
    sources: Sources,
    plate: RealPlate,
    hardness: float = 1.0,
    beyond_share: float = BEYOND_SHARE,
) -> Sample:
    """A real plate as other cameras would see it: smaller, from another side, in other light."""
    own = float(plate.corners[1, 0] - plate.corners[0, 0])
    least = 46 if plate.lines == 1 else 30
    smallest = 0.9 - 0.55 * hardness if not plate.is_poor else 0.8
    width = max(least, own * rng.uniform(smallest, 1.1))
    strength = _strength(width, plate.lines) * (0.4 if plate.is_poor else 0.8) * hardness
    grey = as_grey(rng, plate.picture)
    scene, corners = placed(rng, grey, plate.corners, width, _background(rng, sources), hardness)
    if rng.random() < beyond_share * hardness:
        scene = beyond(rng, scene, _letter_px(corners, plate.lines))
    scene = seen(rng, scene, strength)
    found = loosened(rng, corners, 0.5 * hardness, hardness)
    country = country_number(plate.country)
    return Sample(plate_crop(scene, found), _numbers(plate.text), country, plate.lines, scene, found)


def _without_plate(rng: np.random.Generator, sources: Sources) -> Sample:
    scene = seen(rng, _background(rng, sources))
    rows, columns = scene.shape
    width = rng.uniform(0.3, 0.9) * columns
    height = width * rng.uniform(0.2, 0.7)
    corners = box_corners(rng.uniform(0, columns - width), rng.uniform(0, max(1, rows - height)), width, height)
    return Sample(plate_crop(scene, corners), [], UNKNOWN, 0, scene, corners)


def _letter_px(corners: npt.NDArray[np.float32], lines: int) -> float:
    """About how high the letters are: three quarters of a line."""
    return 0.75 * float(np.linalg.norm(corners[3] - corners[0])) / max(1, lines)


def _strength(width: float, lines: int) -> float:
    """How much may be spoilt: small plates are hardly readable already."""
    return float(np.clip(width * (1 if lines == 1 else 1.5) / 110, 0.35, 1.0))


def _background(rng: np.random.Generator, sources: Sources) -> Grey:
    if sources.backgrounds and rng.random() < 0.6:
        return sources.backgrounds[rng.integers(len(sources.backgrounds))]
    cells = int(rng.integers(2, 14))
    noise = rng.integers(0, 256, (cells, cells * 2), np.uint8)
    flat = cv2.resize(noise, (112, 64), interpolation=cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_NEAREST)
    share, shade = rng.random(), rng.uniform(0, 255)
    return np.asarray(flat * share + shade * (1 - share), np.uint8)


def _numbers(text: str) -> list[int]:
    return [SIGNS.index(sign) + 1 for sign in text]


def country_number(country: str) -> int:
    """Its number among COUNTRIES; UNKNOWN where the label does not say it."""
    if not country:
        return UNKNOWN
    return COUNTRIES.index(country if country in COUNTRIES else "other")
