"""Reads plates cut out and straightened: our own net, for one, two and three lines, many plates at once.

The net gives, for each of 3 x 36 places of the crop, the chance of each sign and of a gap (CTC, A. Graves et al., 2006);
the rows are read from top to bottom. Its signs, its countries and the numbers that make its chances honest stand in the
weights' file, written by the training (docs/design/0026-plate-training.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path

import cv2
import numpy as np

from istros.recognition.models.cards import PLATE_RECOGNISER
from istros.recognition.models.registry import MODELS_FOLDER, open_session
from istros.recognition.picture import Floats, Picture
from istros.recognition.plates.plate_crop import MARGIN_X, MARGIN_Y, PlateCrop
from istros.recognition.plates.text_recogniser import ReadCharacter

_LEAST_ALTERNATIVE = 0.01
_MOST_ALTERNATIVES = 3
_LEAST_COUNTRY = 0.05
_LOOK_ALIKE = {"O": "0", "0": "O", "I": "1", "1": "I"}
_SHORT = 5
_CLEAR_EDGE = 0.1
"""Share of a plate's contrast that its sharpest edges pass in one pixel of the crop; with less it counts as blurred."""
_CLEAR_PX = 14.0
"""Pixels a character in the camera's picture, the root of its share of the plate's area; with less it counts as small."""
_LEAST_CONTRAST = 4


@dataclass(frozen=True, slots=True)
class CropText:
    """What one crop says: its characters in reading order, the countries thought of (ISO 3166; PMR, SU and "other"
    beside them) with their chances, and the chance 0 to 1 that the whole text is right, letters drawn alike set equal."""

    characters: tuple[ReadCharacter, ...]
    countries: tuple[tuple[str, float], ...]
    confidence: float

    @property
    def text(self) -> str:
        """The likeliest text; "" where there is no plate."""
        return "".join(character.text for character in self.characters)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of one crop; `values`: each one's chance together with the sign drawn alike; `gaps`: for each place
    that is read as a gap, the chance that it is none."""

    characters: tuple[ReadCharacter, ...]
    values: Floats
    gaps: Floats

    @property
    def text(self) -> str:
        """The likeliest text."""
        return "".join(character.text for character in self.characters)


class Decoder:
    """From the net's logits to characters: CTC's best path under a temperature."""

    def __init__(self, signs: str, temperature: float) -> None:
        self._signs, self._temperature = signs, temperature
        self._alike = np.eye(len(signs), dtype=np.float32)
        for sign, other in _LOOK_ALIKE.items():
            self._alike[signs.index(sign), signs.index(other)] = 1

    def decode(self, logits: Floats) -> Decoded:
        """`logits` (places, signs + 1), class 0 the gap."""
        chances = softmax(logits / self._temperature)
        best = chances.argmax(axis=1)
        starts = np.flatnonzero(np.diff(best, prepend=0) != 0)
        ends = np.append(starts, len(best))[1:]
        characters, values = [], []
        for start, end in zip(starts, ends, strict=True):
            sign = int(best[start]) - 1
            if sign >= 0:
                # The strongest of its places counts: gaps lie around a character, not in it.
                of_sign = chances[start:end, 1:].max(axis=0)
                of_sign = of_sign / max(1.0, float(of_sign.sum()))
                characters.append(self._character(of_sign, sign))
                values.append(float(of_sign @ self._alike[sign]))
        gaps = 1 - chances[best == 0, 0]
        return Decoded(tuple(characters), np.array(values), gaps)

    def _character(self, chances: Floats, sign: int) -> ReadCharacter:
        order = [int(index) for index in chances.argsort()[::-1][: _MOST_ALTERNATIVES + 1]]
        others = [(self._signs[i], float(chances[i])) for i in order if i != sign and chances[i] > _LEAST_ALTERNATIVE]
        return ReadCharacter(self._signs[sign], float(chances[sign]), tuple(others[:_MOST_ALTERNATIVES]))


class PlateRecogniser:
    """The characters of plates."""

    def __init__(self, folder: Path = MODELS_FOLDER) -> None:
        self._session = open_session(PLATE_RECOGNISER, folder=folder)
        said = json.loads(self._session.get_modelmeta().custom_metadata_map["istros"])
        self._decoder = Decoder(said["signs"], said["temperature"])
        self._countries: list[str] = said["countries"]
        self._confidence: dict[str, float] = said["confidence"]

    def read(self, crops: Sequence[PlateCrop]) -> list[CropText]:
        """Read plates cut out; one result a crop, in their order."""
        if not crops:
            return []
        logits, countries = self._session.run(None, {"crops": np.stack([crop.picture for crop in crops])})
        return [self._text(*each) for each in zip(crops, logits, countries, strict=True)]

    def _text(self, crop: PlateCrop, logits: Floats, countries: Floats) -> CropText:
        decoded = self._decoder.decode(logits)
        if not decoded.characters:
            return CropText((), (), 0.0)
        features = confidence_features(decoded, crop)
        odds = sum(weight * features[name] for name, weight in self._confidence.items())
        return CropText(decoded.characters, self._thought_of(countries), 1 / (1 + exp(-odds)))

    def _thought_of(self, logits: Floats) -> tuple[tuple[str, float], ...]:
        chances = softmax(logits)
        order = [int(index) for index in chances.argsort()[::-1] if chances[index] >= _LEAST_COUNTRY]
        return tuple((self._countries[index], float(chances[index])) for index in order)


def confidence_features(decoded: Decoded, crop: PlateCrop) -> dict[str, float]:
    """What the confidence of a whole text is a logistic function of: its weakest and its mean character, the strongest
    doubt about a gap (a character may be missing there), whether it is short, and, beyond a limit only, how blurred the
    plate is and how few pixels its characters have (0 where it is clear, negative where not)."""
    sure = np.clip(decoded.values, 1e-4, 1 - 1e-4)
    px_each = (crop.width_px * crop.height_px / len(sure)) ** 0.5
    return {
        "one": 1.0,
        "weakest": float(np.log(sure.min() / (1 - sure.min()))),
        "mean": float(np.log(sure).mean()),
        "gap": float(decoded.gaps.max()) if len(decoded.gaps) else 0.0,
        "short": float(len(sure) <= _SHORT),
        "blurred": min(0.0, log(max(edge(crop.picture), 0.01) / _CLEAR_EDGE)),
        "small": min(0.0, log(max(px_each, 1.0) / _CLEAR_PX)),
    }


def edge(crop: Picture) -> float:
    """How steep the sharpest twentieth of the plate's upright edges are: the share of its contrast that one pixel of the
    crop (48, 144) passes. Some 0.3 where the picture is sharp, 0.1 where letters run into each other."""
    inner = crop[round(MARGIN_Y) : round(-MARGIN_Y), round(MARGIN_X) : round(-MARGIN_X)]
    steps = cv2.absdiff(inner[:, 2:], inner[:, :-2])
    contrast = max(_quantile(inner, 0.95) - _quantile(inner, 0.05), _LEAST_CONTRAST)
    return _quantile(np.asarray(steps, np.uint8), 0.95) / 2 / contrast


def _quantile(values: Picture, share: float) -> int:
    """The least value that so many of the grey values do not exceed: counted, for sorting them takes ten times as long."""
    counts = np.bincount(values.ravel(), minlength=256).cumsum()
    return int(np.searchsorted(counts, share * counts[-1]))


def softmax(values: Floats) -> Floats:
    """Chances along the last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
