"""What a road does to a plate: dirt, scratches, faded ink, screws, water, snow, bent light; and the holder around it."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from tools.training.plates.drawing import DrawnPlate
from tools.training.plates.fonts import chosen_lettering, glyph

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]


def worn(rng: np.random.Generator, picture: Picture) -> Picture:
    """The plate's picture (rows, columns, 3) as it looks after some years; the same size."""
    result = picture.astype(np.float32)
    if rng.random() < 0.35:
        result = _with_dirt(rng, result, rng.uniform(0.2, 0.75))
    if rng.random() < 0.3:
        result = result * (1 - (fade := rng.uniform(0.1, 0.45))) + fade * rng.uniform(110, 210)
    if rng.random() < 0.45:
        result = _with_screws(rng, result)
    if rng.random() < 0.25:
        result = _with_scratches(rng, result)
    if rng.random() < 0.3:
        result = _with_shadow(rng, result)
    if rng.random() < 0.15:
        result = _embossed(rng, result)
    return np.clip(result, 0, 255).astype(np.uint8)


def in_holder(rng: np.random.Generator, plate: DrawnPlate) -> DrawnPlate:
    """The plate in a holder, which has a rim and often an advertisement under the plate; the corners stay the plate's."""
    rows, columns = plate.picture.shape[:2]
    rim = int(rng.integers(2, 16))
    strip = int(rng.integers(14, 30)) if rng.random() < 0.65 else rim
    above = int(rng.integers(14, 26)) if rng.random() < 0.1 else rim
    shade = rng.uniform(10, 90) if rng.random() < 0.8 else rng.uniform(90, 230)
    colour = np.clip(shade + rng.normal(0, 8, 3), 0, 255)
    picture = np.empty((rows + above + strip, columns + 2 * rim, 3), np.uint8)
    picture[:] = colour.astype(np.uint8)
    inner = picture[above : above + rows, rim : rim + columns]
    inner[plate.mask > 0] = plate.picture[plate.mask > 0]
    if strip > rim:
        _write(rng, picture[above + rows :], shade)
    if above > rim:
        _write(rng, picture[:above], shade)
    mask = np.full(picture.shape[:2], 255, np.uint8)
    return replace(plate, picture=picture, mask=mask, corners=plate.corners + np.array([rim, above], np.float32))


def _write(rng: np.random.Generator, strip: Picture, shade: float) -> None:
    """An advertisement of random letters; it must not be read."""
    height = round(strip.shape[0] * rng.uniform(0.4, 0.75))
    lettering = chosen_lettering(rng, "any")
    ink = 230.0 if shade < 110 else 20.0
    x = round(strip.shape[1] * rng.uniform(0.03, 0.4))
    top = (strip.shape[0] - height) // 2
    for _ in range(int(rng.integers(4, 28))):
        sign = "ABCDEFGHIKLMNOPRSTUVXYZ0123456789    "[rng.integers(37)]
        if sign == " ":
            x += height // 2
            continue
        mask = glyph(lettering, sign)
        width = max(2, round(mask.shape[1] / mask.shape[0] * height))
        if x + width >= strip.shape[1] - 4:
            return
        share = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)[..., None] / 255.0
        target = strip[top : top + height, x : x + width]
        target[:] = (target * (1 - share) + ink * share).astype(np.uint8)
        x += width + max(1, height // 6)


def _blobs(rng: np.random.Generator, rows: int, columns: int, cells: int) -> Floats:
    """Smooth noise (rows, columns) from 0 to 1 with about `cells` blobs a side."""
    small = rng.random((max(2, cells * rows // columns + 1), cells)).astype(np.float32)
    return np.clip(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC), 0, 1)


def _with_dirt(rng: np.random.Generator, picture: Floats, strength: float) -> Floats:
    rows, columns = picture.shape[:2]
    share = _blobs(rng, rows, columns, int(rng.integers(4, 40)))
    share = np.clip((share - rng.uniform(0.2, 0.6)) * rng.uniform(1.5, 5), 0, 1) * strength
    if rng.random() < 0.5:
        share = share * np.linspace(0.2, 1, rows, dtype=np.float32)[:, None]
    colour = np.array([70, 90, 105], np.float32) if rng.random() < 0.7 else np.full(3, 235, np.float32)
    share = share[..., None]
    return np.asarray(picture * (1 - share) + colour * rng.uniform(0.6, 1.2) * share, np.float32)


def _with_screws(rng: np.random.Generator, picture: Floats) -> Floats:
    rows, columns = picture.shape[:2]
    radius, shade = int(rng.integers(3, 9)), rng.uniform(20, 235)
    away = rng.uniform(0.06, 0.35)
    y = rows * (rng.uniform(0.08, 0.2) if rng.random() < 0.5 else rng.uniform(0.4, 0.6))
    for x in (columns * away, columns * (1 - away)):
        centre = (round(x), round(y + rng.normal(0, 2)))
        cv2.circle(picture, centre, radius, (shade, shade, shade), -1, cv2.LINE_AA)
        cv2.circle(picture, centre, radius, (90.0, 90.0, 90.0), 1, cv2.LINE_AA)
    return picture


def _with_scratches(rng: np.random.Generator, picture: Floats) -> Floats:
    rows, columns = picture.shape[:2]
    for _ in range(int(rng.integers(1, 6))):
        first = (int(rng.integers(columns)), int(rng.integers(rows)))
        last = (first[0] + int(rng.integers(-80, 80)), first[1] + int(rng.integers(-40, 40)))
        shade = rng.uniform(40, 250)
        cv2.line(picture, first, last, (shade, shade, shade), int(rng.integers(1, 4)), cv2.LINE_AA)
    return picture


def _with_shadow(rng: np.random.Generator, picture: Floats) -> Floats:
    """A straight or slanting shadow of a bumper, a tow bar or a tree over a part of the plate."""
    rows, columns = picture.shape[:2]
    angle = rng.uniform(-np.pi, np.pi) if rng.random() < 0.5 else np.pi / 2
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    away = (
        (x - columns / 2) * np.cos(angle) / columns + (y - rows / 2) * np.sin(angle) / rows + rng.uniform(-0.35, 0.35)
    )
    share = 1 / (1 + np.exp(-away * rng.uniform(10, 120)))
    return np.asarray(picture * (1 - share[..., None] * rng.uniform(0.25, 0.75)), np.float32)


def _embossed(rng: np.random.Generator, picture: Floats) -> Floats:
    """Light from one side on raised letters."""
    step = int(rng.integers(1, 3))
    grey = picture.mean(axis=2)
    relief = grey - np.roll(grey, (step, -step), axis=(0, 1))
    return np.asarray(picture + relief[..., None] * rng.uniform(-0.35, 0.35), np.float32)
