"""What a plate carries besides its text: bands with flags, stars and signs, seals, stickers, coats of arms."""

from __future__ import annotations

import math

import cv2
import numpy as np
import numpy.typing as npt

from tools.training.plates.fonts import glyph
from tools.training.plates.series import LINE, Series

Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]
_BLUE, _SKY, _GOLD, _WHITE = (150, 50, 16), (205, 120, 20), (30, 205, 250), (240, 240, 240)
_RED, _GREEN = (40, 30, 200), (60, 140, 30)
_TALL = ("eu", "ua-2015", "ua-2004", "md", "ge")
_ANY = ("", "", "", "eu", "eu", "by", "ge", "md-1992", "ua-1995")
_ANY_SIGNS = ("CY", "M", "IS", "BIH", "MNE", "AL", "RKS", "MD", "RO", "BG", "IRL", "L", "EU", "UA", "D", "F", "PL")
_FLAGS: dict[str, tuple[Colour, ...]] = {
    "by": (_RED, _GREEN),
    "ge": (_WHITE, _RED, _WHITE),
    "md-1992": (_BLUE, _GOLD, _RED),
    "ua-1995": (_SKY, _GOLD),
    "ro-1992": (_BLUE, _GOLD, _RED),
    "pmr": (_RED, _GREEN, _RED),
}


def chosen(rng: np.random.Generator, series: Series, lines: int) -> str:
    """The band of one plate: the series' own; one plate in twenty has none, as imitations and old ones do."""
    if series.band == "any":
        return str(_ANY[rng.integers(len(_ANY))]) + "|" + _ANY_SIGNS[rng.integers(len(_ANY_SIGNS))]
    if rng.random() < 0.05:
        return ""
    tall = "tall" if lines > 1 and series.band in _TALL and rng.random() < 0.35 else ""
    return f"{series.band}|{series.sign}|{tall}" if series.band else ""


def is_tall(band: str) -> bool:
    """Whether the band of a plate of several lines goes down beside all of them."""
    return band.endswith("|tall")


def draw_left(rng: np.random.Generator, picture: Picture, band: str, lines: int) -> float:
    """Draw the band; gives the millimetres that it takes from the left."""
    name, sign = [*band.split("|"), ""][:2]
    if not name:
        return 0.0
    rows, columns = picture.shape[:2]
    height = rows if lines == 1 or is_tall(band) else rows * rng.uniform(0.4, 0.55)
    width = round(rng.uniform(38, 48) * (1.0 if columns >= LINE[0] * 0.65 else rng.uniform(0.75, 1.0)))
    inset = int(rng.integers(0, 6))
    if name in _FLAGS:
        _flag(picture, name, inset + 4, height * 0.16, width * 0.86, height * 0.3)
        _sign(picture, sign, inset + width / 2, height * 0.76, min(26, height * 0.25), (40, 30, 30))
        return width + inset
    colour: Colour = tuple(int(value) for value in np.clip(np.array(_BLUE) + rng.normal(0, 20, 3), 0, 255))  # type: ignore[assignment]
    cv2.rectangle(picture, (inset, inset), (inset + width, round(height) - 1 - inset), colour, -1)
    if name == "ua-2004":
        cv2.rectangle(picture, (inset, round(height * 0.55)), (inset + width, round(height) - 1 - inset), _GOLD, -1)
        _emblem(picture, inset + width / 2, height * 0.3, width * 0.25, _GOLD)
        _sign(picture, sign, inset + width / 2, height * 0.78, min(24, height * 0.22), _BLUE)
        return width + inset
    if name == "ua-2015":
        _flag(picture, "ua-1995", inset + width * 0.12, height * 0.16, width * 0.76, height * 0.24)
    elif name == "md":
        _flag(picture, "md-1992", inset + width * 0.12, height * 0.16, width * 0.76, height * 0.24)
    else:
        _stars(picture, inset + width / 2, height * 0.3, min(width * 0.34, height * 0.22))
    _sign(picture, sign, inset + width / 2, height * 0.76, min(28, height * 0.24), _WHITE)
    return width + inset


def draw_right(rng: np.random.Generator, picture: Picture, right: str) -> float:
    """The band or box on the right; gives the millimetres that it takes."""
    rows, columns = picture.shape[:2]
    width = round(rng.uniform(36, 48))
    if right == "pmr":
        _flag(picture, "pmr", columns - width - 4, rows * 0.2, width * 0.9, rows * 0.3)
        return width + 4
    cv2.rectangle(picture, (columns - width, 0), (columns, rows), _BLUE, -1)
    if rng.random() < 0.6:
        digits = f"{rng.integers(1, 96):02}"
        _sign(picture, digits, columns - width / 2, rows * 0.7, 20, _WHITE)
    return width


def draw_seals(
    rng: np.random.Generator, picture: Picture, x: float, width: float, middle: float, height: float
) -> None:
    """One or two round seals on each other, a square sticker or a shield between groups."""
    count = int(rng.integers(1, 3))
    radius = width * rng.uniform(0.3, 0.5) * (0.9 if count == 1 else 0.8)
    for index in range(count):
        y = middle + (index - (count - 1) / 2) * height * 0.5
        colour = tuple(int(value) for value in rng.integers(30, 230, 3))
        second = tuple(int(value) for value in rng.integers(30, 250, 3))
        centre = (round(x + width / 2), round(y))
        if rng.random() < 0.7:
            cv2.circle(picture, centre, round(radius), colour, -1, cv2.LINE_AA)
            cv2.circle(picture, centre, max(1, round(radius * rng.uniform(0.4, 0.75))), second, -1, cv2.LINE_AA)
        else:
            first, last = (round(centre[0] - radius), round(y - radius)), (round(centre[0] + radius), round(y + radius))
            cv2.rectangle(picture, first, last, colour, -1)
            cv2.rectangle(picture, first, (last[0], round(y)), second, -1)


def _flag(picture: Picture, name: str, x: float, y: float, width: float, height: float) -> None:
    colours = _FLAGS[name]
    upright = name in ("md-1992", "ro-1992")
    for index, colour in enumerate(colours):
        part, after = index / len(colours), (index + 1) / len(colours)
        first = (x + width * part, y) if upright else (x, y + height * part)
        last = (x + width * after, y + height) if upright else (x + width, y + height * after)
        cv2.rectangle(picture, (round(first[0]), round(first[1])), (round(last[0]), round(last[1])), colour, -1)
    cv2.rectangle(picture, (round(x), round(y)), (round(x + width), round(y + height)), (90, 90, 90), 1)


def _stars(picture: Picture, x: float, y: float, radius: float) -> None:
    for index in range(12):
        centre = (round(x + radius * math.cos(index * math.pi / 6)), round(y + radius * math.sin(index * math.pi / 6)))
        cv2.circle(picture, centre, max(1, round(radius * 0.14)), _GOLD, -1)


def _emblem(picture: Picture, x: float, y: float, radius: float, colour: Colour) -> None:
    """A trident, roughly."""
    for step in (-1, 0, 1):
        centre = round(x + step * radius * 0.8)
        cv2.line(picture, (centre, round(y - radius)), (centre, round(y + radius)), colour, 2)
    cv2.line(
        picture, (round(x - radius * 0.8), round(y + radius)), (round(x + radius * 0.8), round(y + radius)), colour, 2
    )


def _sign(picture: Picture, text: str, x: float, y: float, height: float, colour: Colour) -> None:
    """A country's letters, centred on a point."""
    masks = [glyph("strokes-16", sign) for sign in text]
    sizes = [max(2, round(mask.shape[1] / 96 * height)) for mask in masks]
    gap = max(1, round(height * 0.2))
    left = round(x - (sum(sizes) + gap * (len(sizes) - 1)) / 2)
    top = round(y - height / 2)
    for mask, width in zip(masks, sizes, strict=True):
        small = cv2.resize(mask, (width, max(2, round(height))), interpolation=cv2.INTER_AREA)
        target = picture[max(0, top) : top + small.shape[0], max(0, left) : left + width]
        share = small[: target.shape[0], : target.shape[1], None].astype(np.float32) / 255
        if target.size and share.shape[:2] == target.shape[:2]:
            target[:] = (target * (1 - share) + np.array(colour, np.float32) * share).astype(np.uint8)
        left += width + gap
