"""Names of colours: the eleven basic ones, after taking the light's own colour and strength off.

Sources: the eleven names are B. Berlin and P. Kay's, "Basic Color Terms", 1969; the light is estimated as the Minkowski
mean of the frame, G. Finlayson and E. Trezzi, "Shades of Gray and Colour Constancy", 2004; the borders between the names
are drawn in CIE LCh(ab) (CIE 15:2018), where brown is dark orange and pink is light red.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.picture import Picture

ColourName = Literal[
    "black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"
]  # fmt: skip
COLOUR_NAMES: tuple[ColourName, ...] = get_args(ColourName)

_MINKOWSKI = 6
_SAMPLES = (96, 54)
"""Columns and rows at which a frame's light is estimated."""
_BRIGHT = 0.62
"""Linear value that the frame's Minkowski mean is brought to: pale stone and sky in daylight."""
_MOST_TINT, _MOST_GAIN = 1.9, 6.0

_GREYISH, _GREYISH_DARK = 11.0, 9.0
_BLACK, _NEARLY_BLACK, _WHITE = 29.0, 14.0, 78.0
_HUES: tuple[tuple[float, ColourName], ...] = (
    (38.0, "red"), (66.0, "orange"), (105.0, "yellow"), (190.0, "green"), (298.0, "blue"), (328.0, "purple"),
    (350.0, "pink"), (360.0, "red"),
)  # fmt: skip
"""Upper ends of the hues, degrees."""
_BROWN_HUES, _BROWN_LIGHTNESS, _BROWN_CHROMA = (30.0, 92.0), 64.0, 50.0
_RED_BROWN_HUE, _RED_BROWN_CHROMA = 45.0, 28.0
"""Up to this hue only dull colours are brown; strong ones are red."""
_PINK_HUES, _PINK_LIGHTNESS = (328.0, 32.0), 62.0


@dataclass(frozen=True, slots=True)
class Light:
    """The light of a frame: what each linear channel (blue, green, red) is multiplied by to take it off."""

    gains: tuple[float, float, float]


def light_of(frame: Picture) -> Light:
    """Estimate the light of a whole BGR frame: its colour, and how strong it and the camera's exposure are."""
    small = np.asarray(cv2.resize(frame, _SAMPLES, interpolation=cv2.INTER_AREA), np.uint8)
    linear = _linear(small.reshape(-1, 3))
    # Overexposed pixels have lost their colour.
    usable = linear[(linear < 0.97).all(1)]
    linear = usable if len(usable) > len(linear) // 4 else linear
    means = np.maximum(1e-4, (linear**_MINKOWSKI).mean(0) ** (1 / _MINKOWSKI))
    middle = float(means.mean())
    tints = np.clip(middle / means, 1 / _MOST_TINT, _MOST_TINT)
    strength = min(_MOST_GAIN, max(0.5, _BRIGHT / middle))
    blue, green, red = (float(tint * strength) for tint in tints)
    return Light((blue, green, red))


def shares_of(pixels: NDArray[np.uint8], light: Light) -> dict[ColourName, float]:
    """How much of BGR pixels (n, 3) has each colour's name, the largest share first; empty for no pixels."""
    if not len(pixels):
        return {}
    counts = np.bincount(_named(pixels, light), minlength=len(COLOUR_NAMES))
    order = np.argsort(-counts, kind="stable")
    return {COLOUR_NAMES[place]: float(counts[place] / len(pixels)) for place in order if counts[place]}


def name_of(bgr: tuple[int, int, int], light: Light | None = None) -> ColourName:
    """The name of one colour, seen in plain light where none is given."""
    pixel = np.array([bgr], np.uint8)
    return COLOUR_NAMES[int(_named(pixel, light or Light((1.0, 1.0, 1.0)))[0])]


def _linear(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """sRGB bytes to linear light, 0 to 1 (IEC 61966-2-1)."""
    values = pixels.astype(np.float64) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _named(pixels: NDArray[np.uint8], light: Light) -> NDArray[np.intp]:
    """The place in `COLOUR_NAMES` of each pixel's colour."""
    linear = np.minimum(1.0, _linear(pixels) * np.array(light.gains))
    lightness, chroma, hue = _lch(linear)
    names = np.zeros(len(pixels), np.intp)
    lower = 0.0
    for upper, name in _HUES:
        names[(hue >= lower) & (hue < upper)] = COLOUR_NAMES.index(name)
        lower = upper
    pinkish = (hue >= _PINK_HUES[0]) | (hue < _PINK_HUES[1])
    names[pinkish & (lightness > _PINK_LIGHTNESS)] = COLOUR_NAMES.index("pink")
    brownish = (hue >= _BROWN_HUES[0]) & (hue < _BROWN_HUES[1]) & (lightness < _BROWN_LIGHTNESS)
    dull = chroma < np.where(hue < _RED_BROWN_HUE, _RED_BROWN_CHROMA, _BROWN_CHROMA)
    names[brownish & dull] = COLOUR_NAMES.index("brown")
    greyish = chroma < np.where(lightness < 40, _GREYISH_DARK, _GREYISH)
    names[greyish] = COLOUR_NAMES.index("grey")
    names[greyish & (lightness > _WHITE)] = COLOUR_NAMES.index("white")
    names[(greyish & (lightness < _BLACK)) | (lightness < _NEARLY_BLACK)] = COLOUR_NAMES.index("black")
    return names


def _lch(linear: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Linear BGR (n, 3) to CIE lightness, chroma and hue in degrees (white point D65)."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    )
    xyz = linear[:, ::-1] @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    lightness = 116 * root[:, 1] - 16
    red_green, yellow_blue = 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])
    hue = np.degrees(np.arctan2(yellow_blue, red_green)) % 360
    return lightness, np.hypot(red_green, yellow_blue), hue
