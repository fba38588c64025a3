"""Age as a band with its error, and sex with its certainty, from a face's best pictures.

Two nets of different makers read each picture and its mirror image; their mean is taken. A description for counts and
inside a case, where the node's deployment profile allows it: never a reason for anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.faces.alignment import NARROW, WIDE, chip_of
from istros.recognition.faces.face import Face
from istros.recognition.models.cards import AGE_ESTIMATOR, AGE_SEX_READER, FACE_MEAN, SEX_CLASSIFIER
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.picture import Picture

Sex = Literal["female", "male"]

LEAST_HEIGHT_PX = 32
"""Faces below it are not described: their chips (64 to 150 pixels) would be mostly made up."""

BAND_SHARE = 0.8
"""How often the true age should lie in the band."""

_AGES = np.array([0.25, *range(1, 81)], np.float32)
"""What each class of the age net means, years (its package's manifest)."""

_AGE_SIDE, _SEX_SIDE, _READER_SIDE = 64, 32, 112
_CHILD_HALF, _ADULT_HALF = 3.0, 11.0
_ADULT_FROM = 25.0
_OLD_FROM, _OLD_SHARE = 45.0, 0.35
"""From this age on the nets guess too young (by 8 to 12 years above 55): the band reaches further up, by this share."""


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Between which ages somebody probably is; years. `expected` is the middle of what the nets said."""

    low: int
    high: int
    expected: float


@dataclass(frozen=True, slots=True)
class SexReading:
    """What somebody looks like, with its certainty: 0.5 (cannot be told) to 1."""

    sex: Sex
    certainty: float


@dataclass(frozen=True, slots=True)
class AgeSex:
    """A description of one person from `pictures` pictures."""

    age: AgeBand
    sex: SexReading
    pictures: int


@dataclass(frozen=True, slots=True)
class AgeSexSample:
    """What the nets said of one picture: age in years, share for female 0 to 1."""

    age: float
    female: float


class AgeSexEstimator:
    """Reads age and sex; safe to share between threads."""

    names = (AGE_ESTIMATOR.name, SEX_CLASSIFIER.name, AGE_SEX_READER.name)

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._age = open_session(AGE_ESTIMATOR, folder=folder)
        self._sex = open_session(SEX_CLASSIFIER, folder=folder)
        self._reader = open_session(AGE_SEX_READER, folder=folder)

    def sample_of(self, picture: Picture, face: Face) -> AgeSexSample:
        """Read one face of a BGR picture."""
        ages = self._age.run(None, {"images": _normalised(_both(picture, face, _AGE_SIDE, NARROW))})[0] @ _AGES
        sexes = self._sex.run(None, {"images": _normalised(_both(picture, face, _SEX_SIDE, NARROW))})[0]
        images = _both(picture, face, _READER_SIDE, WIDE)
        other_ages, other_sexes = self._reader.run(["ages", "probabilities"], {"images": images})
        age = (float(ages.mean()) + float(other_ages.mean())) / 2
        # The nets order their classes differently: female is dlib's first and face-api's second.
        female = (float(sexes[:, 0].mean()) + float(other_sexes[:, 1].mean())) / 2
        return AgeSexSample(min(100.0, max(0.0, age)), min(1.0, max(0.0, female)))


def described(samples: Sequence[AgeSexSample], weights: Sequence[float] | None = None) -> AgeSex | None:
    """One person's description from the samples of their pictures, weighted by quality; None without a sample."""
    if not samples:
        return None
    shares = np.array(weights if weights is not None else [1.0] * len(samples), np.float64)
    shares = shares / shares.sum() if shares.sum() > 0 else np.full(len(samples), 1 / len(samples))
    age = float(shares @ [sample.age for sample in samples])
    female = float(shares @ [sample.female for sample in samples])
    sex: Sex = "female" if female >= 0.5 else "male"
    return AgeSex(band_of(age), SexReading(sex, max(female, 1 - female)), len(samples))


def band_of(age: float) -> AgeBand:
    """The band round an expected age. Several pictures do not narrow it: what the nets get wrong stays wrong."""
    grown = min(1.0, age / _ADULT_FROM)
    half = _CHILD_HALF + (_ADULT_HALF - _CHILD_HALF) * grown
    further = _OLD_SHARE * max(0.0, age - _OLD_FROM)
    return AgeBand(max(0, round(age - half)), min(110, round(age + half + further)), age)


def _both(picture: Picture, face: Face, side: int, template: NDArray[np.float64]) -> NDArray[np.float32]:
    """A face's chip and its mirror image as (2, 3, side, side) RGB."""
    chip = chip_of(picture, face, side, template)
    pair = np.stack([chip, np.asarray(cv2.flip(chip, 1), np.uint8)])
    return np.ascontiguousarray(pair[:, :, :, ::-1].transpose(0, 3, 1, 2), dtype=np.float32)


def _normalised(images: NDArray[np.float32]) -> NDArray[np.float32]:
    mean = np.array(FACE_MEAN, np.float32).reshape(1, 3, 1, 1)
    return (images - mean) / np.float32(256)
