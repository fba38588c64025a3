"""Names of colours: the eleven basic ones and beige, by lightness, chroma and hue once the light is taken off.

One rule names clothes and vehicles; where it draws its borders is a `Palette`, for paint is glossier than cloth and its
light is taken off in another way. Sources: the eleven names are B. Berlin and P. Kay's, "Basic Color Terms", 1969; the
light is estimated as the Minkowski mean of the frame, G. Finlayson and E. Trezzi, "Shades of Gray and Colour Constancy",
2004; the borders between the names are drawn in CIE LCh(ab) (CIE 15:2018), where brown is dark orange and pink light red.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from istros.recognition.picture import Picture

ColourName = Literal[
    "black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "beige"
]  # fmt: skip
COLOUR_NAMES: tuple[ColourName, ...] = get_args(ColourName)

_MINKOWSKI = 6
_SAMPLES = (96, 54)
"""Columns and rows at which a frame's light is estimated."""
_BRIGHT = 0.62
"""Linear value that the frame's Minkowski mean is brought to: pale stone and sky in daylight."""
_MOST_TINT, _MOST_GAIN = 1.9, 6.0

_Ends = tuple[tuple[float, float], ...]
"""(upper end of a hue, a limit of chroma up to there), degrees."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Where one kind of thing has its borders between the names: L of 0 to 100, chroma, and hue in degrees."""

    hues: tuple[tuple[float, ColourName], ...]
    """Upper ends of the hues."""
    grey: _Ends
    """Chroma under which a hue is no colour."""
    grey_dark: _Ends
    """The same below `dark`."""
    black: float
    nearly_black: float
    """Lightness below which everything is black, whatever its hue."""
    white: float
    brown_hues: tuple[float, float]
    brown: float
    """Lightness below which dull warm hues are brown."""
    dull: _Ends
    """Chroma below which a warm hue is dull."""
    beige_hues: tuple[float, float] | None = None
    """Hues whose dull and light colours are beige; None: they keep the name of their hue."""
    pink_hues: tuple[float, float] | None = None
    pink: float = 100.0
    """Lightness above which these hues are pink; they run through 0."""

    dark: float = 40.0


CLOTHES = Palette(
    hues=((38.0, "red"), (66.0, "orange"), (105.0, "yellow"), (190.0, "green"), (298.0, "blue"), (328.0, "purple"),
          (350.0, "pink"), (360.0, "red")),
    grey=((360.0, 11.0),), grey_dark=((360.0, 9.0),), black=29.0, nearly_black=14.0, white=78.0,
    brown_hues=(30.0, 92.0), brown=64.0, dull=((45.0, 28.0), (360.0, 50.0)), pink_hues=(328.0, 32.0), pink=62.0,
)  # fmt: skip
"""Up to a hue of 45 only dull colours are brown; strong ones are red."""

_PAINT_GREY = ((115.0, 5.0), (200.0, 8.0), (340.0, 13.0), (360.0, 5.0))
PAINT = Palette(
    hues=((27.0, "red"), (68.0, "orange"), (115.0, "yellow"), (200.0, "green"), (340.0, "blue"), (360.0, "red")),
    grey=_PAINT_GREY, grey_dark=_PAINT_GREY, black=32.0, nearly_black=0.0, white=60.0,
    brown_hues=(27.0, 80.0), brown=55.0, dull=((27.0, 0.0), (115.0, 26.0), (360.0, 0.0)), beige_hues=(40.0, 115.0),
)  # fmt: skip
"""Grey bodies in the shade mirror the sky, up to a chroma of 11 of blue. Orange and yellow paint is never dull."""


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
    counts = np.bincount(_places(pixels, light), minlength=len(COLOUR_NAMES))
    order = np.argsort(-counts, kind="stable")
    return {COLOUR_NAMES[place]: float(counts[place] / len(pixels)) for place in order if counts[place]}


def name_of(bgr: tuple[int, int, int], light: Light | None = None) -> ColourName:
    """The name of one colour, seen in plain light where none is given."""
    pixel = np.array([bgr], np.uint8)
    return COLOUR_NAMES[int(_places(pixel, light or Light((1.0, 1.0, 1.0)))[0])]


def places_of(
    lightness: NDArray[np.floating], chroma: NDArray[np.floating], hue: NDArray[np.floating], palette: Palette
) -> NDArray[np.intp]:
    """The place in `COLOUR_NAMES` of each colour, by its lightness (0 to 100), chroma and hue (degrees)."""
    names = np.zeros(len(lightness), np.intp)
    lower = 0.0
    for upper, name in palette.hues:
        names[(hue >= lower) & (hue < upper)] = COLOUR_NAMES.index(name)
        lower = upper
    if palette.pink_hues is not None:
        pinkish = (hue >= palette.pink_hues[0]) | (hue < palette.pink_hues[1])
        names[pinkish & (lightness > palette.pink)] = COLOUR_NAMES.index("pink")
    dull = chroma < _limits(hue, palette.dull)
    brown = dull & (hue >= palette.brown_hues[0]) & (hue < palette.brown_hues[1]) & (lightness < palette.brown)
    names[brown] = COLOUR_NAMES.index("brown")
    greyish = chroma < np.where(
        lightness < palette.dark, _limits(hue, palette.grey_dark), _limits(hue, palette.grey)
    )  # fmt: skip
    if palette.beige_hues is not None:
        light = dull & (hue >= palette.beige_hues[0]) & (hue < palette.beige_hues[1]) & (lightness >= palette.brown)
        names[light] = COLOUR_NAMES.index("beige")
        greyish |= dull & ~brown & ~light  # where dull colours have names of their own, no other hue is dull
    names[greyish] = COLOUR_NAMES.index("grey")
    names[greyish & (lightness > palette.white)] = COLOUR_NAMES.index("white")
    names[(greyish & (lightness < palette.black)) | (lightness < palette.nearly_black)] = COLOUR_NAMES.index("black")
    return names


def _limits(hue: NDArray[np.floating], ends: _Ends) -> NDArray[np.float64]:
    """The limit of each hue."""
    uppers, limits = zip(*ends, strict=True)
    return np.asarray(limits, np.float64)[np.minimum(np.searchsorted(uppers, hue, side="right"), len(ends) - 1)]


def _linear(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """sRGB bytes to linear light, 0 to 1 (IEC 61966-2-1)."""
    values = pixels.astype(np.float64) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _places(pixels: NDArray[np.uint8], light: Light) -> NDArray[np.intp]:
    """The place in `COLOUR_NAMES` of each pixel's colour."""
    linear = np.minimum(1.0, _linear(pixels) * np.array(light.gains))
    return places_of(*_lch(linear), CLOTHES)


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
