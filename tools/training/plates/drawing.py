"""Draws a clean plate, flat and well lit, one pixel a millimetre."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from tools.training.plates import bands
from tools.training.plates.fonts import chosen_lettering, glyph
from tools.training.plates.patterns import Character, Line, drawn, text_of
from tools.training.plates.series import AMERICAN, CYRILLIC, LINE, LOOK_ALIKES, SERIES, SMALL, SQUARE, Series

Picture = npt.NDArray[np.uint8]
_MORE = {1: 1.0, 2: 1.6, 3: 3.5}
"""How much oftener a series of so many lines is drawn than it stands in traffic: there are few real ones to learn from."""


def _weights() -> npt.NDArray[np.float64]:
    each = np.array([row.weight * _MORE[max(pattern.count("/") + 1 for pattern in row.patterns)] for row in SERIES])
    return np.asarray(each / each.sum())


_WEIGHTS = _weights()


@dataclass(frozen=True, slots=True)
class DrawnPlate:
    """`picture` (rows, columns, 3) BGR; `mask` (rows, columns), 255 where the plate is; `corners` (4, 2) float32 pixels,
    clockwise from the top left; `lines` of capital letters and digits, Cyrillic only where no Latin sign looks the same."""

    picture: Picture
    mask: Picture
    corners: npt.NDArray[np.float32]
    lines: tuple[str, ...]
    country: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Frame:
    """The part of a plate that a line of text may fill, in millimetres."""

    left: float
    top: float
    right: float
    bottom: float


def draw_plate(rng: np.random.Generator) -> DrawnPlate:
    """A plate of a random series; the same generator's state gives the same plate."""
    return draw_series(rng, SERIES[rng.choice(len(SERIES), p=_WEIGHTS)])


def draw_series(rng: np.random.Generator, series: Series) -> DrawnPlate:
    """A plate of this series with a random text."""
    lines = drawn(rng, series.patterns[rng.integers(len(series.patterns))], series.letters, series.prefixes)
    width, height = _size(rng, series, lines)
    mask, inner = _outline(rng, series, width, height)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = _varied(rng, series.background, 18)
    edge = rng.uniform(2, 13)
    frame = _Frame(edge, 5, width - edge, height - 5)
    if series.shape == "tractor":
        frame = _Frame(8, 8, width - 8, height - 22)
    band = bands.chosen(rng, series, len(lines))
    left = bands.draw_left(rng, picture, band, len(lines))
    if band.startswith("ua-1995") and isinstance(lines[0][0], Character) and lines[0][0].is_small:
        left = 0  # The oblast's number stands under the flag.
    right = bands.draw_right(rng, picture, series.right) if series.right else 0
    frame = _Frame(frame.left + left, frame.top, frame.right - right, frame.bottom)
    ink = _ink(rng, picture, series, lines, frame, left, band)
    colour = np.array(_varied(rng, series.ink, 22), np.float32)
    share = ink.astype(np.float32)[..., None] / 255
    picture = (picture * (1 - share) + colour * share).astype(np.uint8)
    if inner is not None:
        picture[inner > 0] = np.array(colour, np.uint8)
    picture[mask == 0] = 0
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    texts = tuple(text_of(line).translate(LOOK_ALIKES) for line in lines)
    return DrawnPlate(picture, mask, corners, texts, series.country, series.kind)


def _size(rng: np.random.Generator, series: Series, lines: tuple[Line, ...]) -> tuple[int, int]:
    width, height = series.size
    if series.size == LINE and rng.random() < 0.15:
        width = int(rng.choice([360, 400, 440, 480, 500]))
    if series.size in (SQUARE, SMALL) and rng.random() < 0.3:
        width, height = (int(value) for value in ((280, 200), (240, 200), (255, 165), (220, 170))[rng.integers(4)])
    if series.size == AMERICAN and rng.random() < 0.3:
        width, height = 305, 160
    longest = max(len(text_of(line)) for line in lines)
    return max(width, longest * (46 if len(lines) == 1 else 30)), height


def _outline(rng: np.random.Generator, series: Series, width: int, height: int) -> tuple[Picture, Picture | None]:
    """The plate's mask, and the ink of its border where it has one."""
    mask = np.zeros((height, width), np.uint8)
    _fill(mask, series.shape, 0, int(rng.integers(2, 12)))
    if series.band == "eu" and rng.random() < 0.6:
        return mask, None
    if rng.random() < 0.25:
        return mask, None
    gap, weight = int(rng.integers(0, 5)), int(rng.integers(2, 6))
    outer, hollow = np.zeros_like(mask), np.zeros_like(mask)
    _fill(outer, series.shape, gap, 10)
    _fill(hollow, series.shape, gap + weight, 8)
    return mask, outer & ~hollow


def _fill(mask: Picture, shape: str, inset: int, radius: int) -> None:
    rows, columns = mask.shape
    right, bottom = columns - 1 - inset, rows - 1 - inset
    if shape == "tractor":
        side, cut = int(rows * 0.55), int(columns * 0.2)
        points = [
            (inset, inset),
            (right, inset),
            (right, side),
            (right - cut, bottom),
            (inset + cut, bottom),
            (inset, side),
        ]
        cv2.fillPoly(mask, [np.array(points, np.int32)], 255)
        return
    cv2.rectangle(mask, (inset + radius, inset), (right - radius, bottom), 255, -1)
    cv2.rectangle(mask, (inset, inset + radius), (right, bottom - radius), 255, -1)
    for x in (inset + radius, right - radius):
        for y in (inset + radius, bottom - radius):
            cv2.circle(mask, (x, y), radius, 255, -1)


def _ink(
    rng: np.random.Generator,
    picture: Picture,
    series: Series,
    lines: tuple[Line, ...],
    frame: _Frame,
    band_width: float,
    band: str,
) -> Picture:
    """The mask of all lettering; seals and coats of arms are drawn into the picture at once."""
    ink = np.zeros(picture.shape[:2], np.uint8)
    lettering = chosen_lettering(rng, series.lettering)
    has_cyrillic = any(sign in CYRILLIC for line in lines for sign in text_of(line))
    if has_cyrillic and not lettering.startswith("strokes") and rng.random() < 0.5:
        lettering = chosen_lettering(rng, "ua")
    rooms = _rooms(rng, frame, len(lines))
    share = rng.uniform(0.68, 0.82) if len(lines) == 1 else rng.uniform(0.7, 0.96)
    style = _Style(
        lettering,
        rng.uniform(0.78, 1.35),
        rng.random() < 0.5,
        rng.uniform(0.06, 0.22),
        rng.uniform(0.3, 1.0),
        rng.uniform(0.38, 0.5) if band.startswith("ua-1995") else rng.uniform(0.5, 0.7),
        0.5 if band.startswith("ua-1995") or rng.random() < 0.5 else 0.0,
    )
    for index, line in enumerate(lines):
        top, room = frame.top + sum(rooms[:index]), rooms[index]
        # The band of a two-line plate stands beside the first line only; some countries' goes all the way down.
        reaches = index == 0 or bands.is_tall(band)
        left = frame.left - (0 if reaches else band_width)
        cut = series.size[0] * 0.16 if series.shape == "tractor" and index == len(lines) - 1 else 0
        part = _Frame(left + cut, top, frame.right - cut, top + room)
        _draw_line(rng, picture, ink, line, part, room * share, style)
    weight = int(rng.integers(-1, 4))
    if weight:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(weight) + 1, abs(weight) + 1))
        ink = np.asarray((cv2.dilate if weight > 0 else cv2.erode)(ink, kernel), np.uint8)
    return ink


def _rooms(rng: np.random.Generator, frame: _Frame, lines: int) -> list[float]:
    """The height that each line gets: often the same, at times one line is higher."""
    shares = np.ones(lines) if lines == 1 or rng.random() < 0.5 else 1 + rng.uniform(-0.2, 0.2, lines)
    return [float(share) for share in shares / shares.sum() * (frame.bottom - frame.top)]


@dataclass(frozen=True, slots=True)
class _Style:
    """How one plate is set: `stretch` of the letters' width, equal cells or their own widths, `spacing` between letters
    as a share of their height, how wide a gap is, how high small characters are, and how far down they stand (0 middle, 0.5
    on the base line)."""

    lettering: str
    stretch: float
    is_monospaced: bool
    spacing: float
    gap: float
    small: float
    lowered: float


def _draw_line(
    rng: np.random.Generator, picture: Picture, ink: Picture, line: Line, frame: _Frame, height: float, style: _Style
) -> None:
    widths = [_width(item, height, style) for item in line]
    spacing = style.spacing * height
    total = sum(widths) + spacing * (len(line) - 1)
    room = frame.right - frame.left
    squeeze = min(1.0, room * 0.97 / total)
    slack = room - total * squeeze
    if slack > 0 and rng.random() < 0.5:
        spread = rng.uniform(0.3, 0.9) * slack / (len(line) + 1)
        spacing, slack = spacing + spread / squeeze, slack - spread * (len(line) - 1)
    x = frame.left + max(0.0, slack) * rng.uniform(0.25, 0.75)
    middle = (frame.top + frame.bottom) / 2 + rng.uniform(-0.04, 0.04) * height
    for item, width in zip(line, widths, strict=True):
        if isinstance(item, Character):
            size = height * (style.small if item.is_small else 1)
            lowered = middle + (height - size) * style.lowered
            _place(ink, glyph(style.lettering, item.text), x, width * squeeze, lowered, size, style)
        elif item == "dash":
            half = height * 0.06
            cv2.rectangle(ink, _point(x, middle - half), _point(x + width * squeeze, middle + half), 255, -1)
        elif item == "seal":
            bands.draw_seals(rng, picture, x, width * squeeze, middle, height)
        x += (width + spacing) * squeeze


def _point(x: float, y: float) -> tuple[int, int]:
    return round(x), round(y)


def _width(item: Character | str, height: float, style: _Style) -> float:
    """What an item takes up at full width, in millimetres."""
    if isinstance(item, Character):
        size = height * (style.small if item.is_small else 1)
        mask = glyph(style.lettering, item.text)
        cell = glyph(style.lettering, "8").shape[1] if style.is_monospaced else 0
        return float(max(mask.shape[1], cell) / 96 * size * style.stretch)
    shares = {"gap": 0.45 * style.gap, "dash": 0.28, "seal": 0.42}
    return height * shares[item]


def _place(ink: Picture, mask: Picture, x: float, width: float, middle: float, height: float, style: _Style) -> None:
    """Set one letter into its cell; a narrow one (1, I) keeps its own width and stands in the middle."""
    rows = max(4, round(mask.shape[0] / 96 * height))
    own = mask.shape[1] / 96 * height * style.stretch
    columns = max(2, round(min(own, width)))
    small = cv2.resize(mask, (columns, rows), interpolation=cv2.INTER_AREA)
    left, top = round(x + (width - columns) / 2), round(middle - height / 2)
    inside = small[max(0, -top) : ink.shape[0] - top, max(0, -left) : ink.shape[1] - left]
    target = ink[max(0, top) : max(0, top) + inside.shape[0], max(0, left) : max(0, left) + inside.shape[1]]
    np.maximum(target, inside[: target.shape[0], : target.shape[1]], out=target)


def _varied(rng: np.random.Generator, colour: tuple[int, int, int], spread: float) -> tuple[int, int, int]:
    blue, green, red = np.clip(np.array(colour) + rng.normal(0, spread, 3) * 0.4 + rng.normal(0, spread), 0, 255)
    return int(blue), int(green), int(red)
