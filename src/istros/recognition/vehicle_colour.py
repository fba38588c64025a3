"""The colour of a vehicle's body, by a basic name, from its box in a few frames, whatever the light.

Basic colour terms after B. Berlin, P. Kay, 1969, as far as vehicles are painted in them; silver counts as grey. What is
white in a scene is taken from the scene: the brightness that its brightest surfaces have, and the tint of what lies round
the vehicle, for streets are grey (the grey-world assumption, G. Buchsbaum, 1980).
"""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np

from istros.recognition.colour_names import COLOUR_NAMES, PAINT, ColourName, places_of
from istros.recognition.observation import Box, cut_out
from istros.recognition.picture import Floats, Picture

_BODY = (0.14, 0.38, 0.86, 0.82)
"""Left, top, right, bottom of a vehicle's box: below the windows, above the shadow under it, within the outline."""
_SIDE = 24
_LEAST_PX = 16
_BRIGHT = 0.97
"""Quantile of the picture's brightness that counts as white."""
_LEAST_WHITE, _MOST_WHITE = 110.0, 255.0
_RING = 0.25
_STREET_CHROMA = 18.0
"""The surroundings' tint is taken off up to this much (Lab): beyond it they are a wall or grass, and not a tint."""

_LEAST_SHARE = 0.25


def look_at_colour(picture: Picture, box: Box) -> Counter[ColourName]:
    """How many of 576 samples of the body have which colour; empty where the box is too small. BGR; box as shares."""
    body, _ = cut_out(picture, _inner(box))
    if min(body.shape[:2]) < _LEAST_PX // 2:
        return Counter()
    small = np.asarray(cv2.resize(body, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    white = _white_level(picture)
    lab = _lab(small, white) - np.concatenate([[0.0], _tint(picture, box, white)])
    return Counter(_names(lab))


def colour_of(samples: Counter[ColourName]) -> tuple[ColourName, float] | None:
    """The colour of all samples of a vehicle and its share among them; None where none has a quarter of them.

    Painted bodies have grey in them (glass, tyres, reflections of the sky), grey bodies have no paint in them: paint
    weighs twice as much.
    """
    weights = {name: count * (1 if name in ("white", "grey", "black") else 2) for name, count in samples.items()}
    name = max(weights, key=lambda each: weights[each], default=None)
    if name is None or weights[name] < _LEAST_SHARE * sum(weights.values()):
        return None
    return name, samples[name] / samples.total()


def _inner(box: Box) -> Box:
    left, top, right, bottom = _BODY
    return Box(
        box.left + left * box.width,
        box.top + top * box.height,
        box.left + right * box.width,
        box.top + bottom * box.height,
    )


def _white_level(picture: Picture) -> float:
    """The grey level of the scene's bright surfaces, from a thinned picture."""
    thin = picture[::8, ::8].max(axis=2)
    return float(np.clip(np.quantile(thin, _BRIGHT), _LEAST_WHITE, _MOST_WHITE))


def _lab(picture: Picture, white: float) -> Floats:
    """(rows, columns, 3) of CIE L*a*b* with the scene's white at L = 100."""
    scaled = np.clip(picture.astype(np.float32) / np.float32(white), 0.0, 1.0)
    return np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2LAB), np.float32)


def _tint(picture: Picture, box: Box, white: float) -> Floats:
    """a and b of what lies round the vehicle, as far as it can be the light's."""
    wide = Box(box.left - _RING * box.width, box.top, box.right + _RING * box.width, box.bottom + _RING * box.height)
    around, _ = cut_out(picture, wide)
    if min(around.shape[:2]) < 8:
        return np.zeros(2, np.float32)
    lab = _lab(np.asarray(cv2.resize(around, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8), white)
    edge = np.ones((_SIDE, _SIDE), bool)
    edge[: -_SIDE // 5, _SIDE // 6 : -_SIDE // 6] = False
    tint = np.median(lab[edge][:, 1:], axis=0)
    strength = float(np.hypot(*tint))
    return np.asarray(tint if strength <= _STREET_CHROMA else tint * 0.0, np.float32)


def _names(lab: Floats) -> list[ColourName]:
    """The name of each pixel of (rows, columns, 3); L is 100 where the scene's white is."""
    light, a, b = (lab[..., channel].ravel() for channel in range(3))
    places = places_of(light, np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360, PAINT)
    return [COLOUR_NAMES[place] for place in places]
