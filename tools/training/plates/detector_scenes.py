"""Draws the plate detector's training scenes: real frames cut at random, and plates pasted where there are none.

A scene is made from one random source and nothing else, so that scene number N of a seed is always the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from tools.training.plates.detector_lookalikes import add_lookalikes, texture
from tools.training.plates.detector_sources import Floats, Frame, Grey, Plate, Sources

SIDE_PX = 384
LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 14.0, 3.4
"""Smaller plates are neither wanted nor held against the net."""
_MOST_WIDTH_PX = 340.0
_LEAST_VISIBLE = 0.65
_KINDS, _SHARES = ("real", "replaced", "pasted", "empty"), (0.33, 0.25, 0.30, 0.12)


@dataclass(frozen=True, slots=True)
class Scene:
    """A grey square picture and the plates in it.

    `quads` (count, 4, 2) are corners clockwise from the text's top left in pixels; where `exact` is False only their
    upright bounds are known. `ignored` (count, 4) are boxes about which nothing is said. In a `real` picture far plates
    can be without a label.
    """

    picture: Grey
    quads: Floats
    exact: np.ndarray
    lines: np.ndarray
    ignored: Floats
    real: bool


class _Canvas:
    """A scene in the making."""

    def __init__(self, picture: Floats, real: bool = False) -> None:
        self.picture, self.real = picture, real
        self.quads: list[Floats] = []
        self.exact: list[bool] = []
        self.lines: list[int] = []
        self.ignored: list[Floats] = []

    def label(self, quad: Floats, exact: bool, lines: int) -> None:
        """Write a plate down, or its place as one of which nothing is said where it is small or cut off."""
        side = self.picture.shape[0]
        bounds = bounds_of(quad)
        inside = np.clip(bounds, 0, side)
        area = (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])
        visible = (inside[2] - inside[0]) * (inside[3] - inside[1]) / max(area, 1e-6)
        if visible <= 0:
            return
        width, height = sides_of(quad)
        if visible < _LEAST_VISIBLE or max(width, height) < LEAST_WIDTH_PX or min(width, height) < LEAST_HEIGHT_PX:
            self.ignored.append(bounds)
            return
        self.quads.append(quad)
        self.exact.append(exact)
        self.lines.append(lines)

    def is_free(self, quad: Floats) -> bool:
        """Whether a new plate would touch none of those that are there."""
        left, top, right, bottom = bounds_of(quad)
        others = [bounds_of(other) for other in self.quads] + self.ignored
        return all(right < o[0] - 4 or left > o[2] + 4 or bottom < o[1] - 4 or top > o[3] + 4 for o in others)

    def scene(self, picture: Grey) -> Scene:
        """The finished scene with its last picture."""
        return Scene(
            picture,
            np.array(self.quads, np.float32).reshape(-1, 4, 2),
            np.array(self.exact, bool),
            np.array(self.lines, np.int64),
            np.array(self.ignored, np.float32).reshape(-1, 4),
            self.real,
        )


def make_scene(sources: Sources, rng: np.random.Generator, side: int = SIDE_PX) -> Scene:
    """One training scene."""
    kind = str(rng.choice(_KINDS, p=_SHARES))
    if kind == "real":
        canvas = _real(sources.frames[rng.integers(len(sources.frames))], rng, side)
        if rng.random() < 0.25:
            _paste_some(canvas, sources, rng, 2)
    elif kind == "replaced":
        canvas = _replaced(sources, rng, side)
    else:
        canvas = _Canvas(_background(sources, rng, side))
        add_lookalikes(canvas.picture, rng)
        if kind == "pasted":
            _paste_some(canvas, sources, rng, 4)
    return canvas.scene(photographed(canvas.picture, rng))


def _real(frame: Frame, rng: np.random.Generator, side: int) -> _Canvas:
    focus = frame.boxes[rng.integers(len(frame.boxes))] if len(frame.boxes) and rng.random() < 0.9 else None
    scale, x, y = _window(frame.grey, focus, rng, side)
    canvas = _Canvas(_cut(frame.grey, scale, x, y, side, rng), real=not frame.whole)
    for left, top, right, bottom in (frame.boxes - [x, y, x, y]) * scale:
        canvas.label(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32), False, 1)
    return canvas


def _replaced(sources: Sources, rng: np.random.Generator, side: int) -> _Canvas:
    """Another plate where a real one was: the surroundings are right."""
    frame = sources.frames[rng.integers(len(sources.frames))]
    focus = frame.boxes[rng.integers(len(frame.boxes))] if len(frame.boxes) else None
    scale, x, y = _window(frame.grey, focus, rng, side)
    canvas = _Canvas(_cut(frame.bare, scale, x, y, side, rng), real=not frame.whole)
    if rng.random() < 0.4:
        add_lookalikes(canvas.picture, rng)
    for left, top, right, bottom in (frame.boxes - [x, y, x, y]) * scale:
        centre, width = ((left + right) / 2, (top + bottom) / 2), (right - left) * rng.uniform(0.85, 1.3)
        if 0 < centre[0] < side and 0 < centre[1] < side and width >= LEAST_WIDTH_PX:
            _paste(canvas, _pick(sources, rng), width, centre, rng)
    return canvas


def _background(sources: Sources, rng: np.random.Generator, side: int) -> Floats:
    drawn = rng.random()
    if drawn < 0.15:
        return texture(rng, side)
    if drawn < 0.4 and sources.photos:
        picture = sources.photos[rng.integers(len(sources.photos))]
        scale = float(np.exp(rng.uniform(np.log(0.6), np.log(2.5))))
    else:
        picture = sources.frames[rng.integers(len(sources.frames))].bare
        scale = float(np.exp(rng.uniform(np.log(0.45), np.log(3.0))))
    rows, columns = picture.shape
    x, y = (rng.uniform(min(0.0, size - side / scale), max(0.0, size - side / scale)) for size in (columns, rows))
    part = _cut(picture, scale, x, y, side, rng)
    return np.ascontiguousarray(part[:, ::-1]) if rng.random() < 0.5 else part


def _window(grey: Grey, focus: Floats | None, rng: np.random.Generator, side: int) -> tuple[float, float, float]:
    """(scale, left, top) of a square cut: where a plate is in focus, it gets a width drawn at random."""
    rows, columns = grey.shape
    if focus is None:
        scale = float(np.exp(rng.uniform(np.log(0.4), np.log(1.5))))
        return scale, rng.uniform(0, max(1.0, columns - side / scale)), rng.uniform(0, max(1.0, rows - side / scale))
    wanted = np.exp(rng.uniform(np.log(LEAST_WIDTH_PX + 2), np.log(260)))
    scale = float(np.clip(wanted / (focus[2] - focus[0]), 0.35, 3.5))
    place = rng.uniform(0.15, 0.85, 2) * side / scale
    return scale, (focus[0] + focus[2]) / 2 - place[0], (focus[1] + focus[3]) / 2 - place[1]


def _cut(grey: Grey, scale: float, x: float, y: float, side: int, rng: np.random.Generator) -> Floats:
    """The square of `side` pixels whose left top is at (x, y) of the picture, enlarged by `scale`; a plain edge beyond it."""
    rows, columns = grey.shape
    length = side / scale
    left, top = max(0, int(x)), max(0, int(y))
    right, bottom = min(columns, int(np.ceil(x + length))), min(rows, int(np.ceil(y + length)))
    result = np.full((side, side), rng.choice([0.0, 114.0, rng.uniform(0, 255)]), np.float32)
    if right - left < 2 or bottom - top < 2:
        return result
    part = grey[top:bottom, left:right]
    if scale < 0.75:
        part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        factors = part.shape[1] / (right - left), part.shape[0] / (bottom - top)
    else:
        factors = 1.0, 1.0
    transform = np.array(
        [[scale / factors[0], 0, (left - x) * scale], [0, scale / factors[1], (top - y) * scale]], np.float64
    )
    cv2.warpAffine(
        part.astype(np.float32), transform, (side, side), dst=result, flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )  # fmt: skip
    return result


def _pick(sources: Sources, rng: np.random.Generator) -> Plate:
    plates = sources.real_plates if not sources.plates or rng.random() < 0.4 else sources.plates
    return plates[rng.integers(len(plates))]


def _paste_some(canvas: _Canvas, sources: Sources, rng: np.random.Generator, most: int) -> None:
    side = canvas.picture.shape[0]
    for _ in range(int(rng.integers(1, most + 1))):
        width = float(np.exp(rng.uniform(np.log(LEAST_WIDTH_PX + 2), np.log(_MOST_WIDTH_PX))))
        centre = tuple(float(value) for value in rng.uniform(0.03, 0.97, 2) * side)
        _paste(canvas, _pick(sources, rng), width, (centre[0], centre[1]), rng)


def _paste(canvas: _Canvas, plate: Plate, width: float, centre: tuple[float, float], rng: np.random.Generator) -> None:
    """Put a plate of about `width` pixels into the picture, as a camera would see it there."""
    rows, columns = plate.grey.shape
    if columns < 2.4 * rows:
        width *= rng.uniform(0.45, 1.0)
    quad = seen_from(rng, columns / rows, width) + np.array(centre, np.float32)
    if not canvas.is_free(quad):
        return
    small = _shrunk(plate, 1.6 * max(sides_of(quad)[0], 8.0))
    panel = _mounted(small, rng) if rng.random() < 0.75 else small
    _blend(canvas.picture, panel, quad, rng)
    canvas.label(quad, plate.exact, plate.lines)


def seen_from(rng: np.random.Generator, aspect: float, width: float) -> Floats:
    """Corners (4, 2) round 0, 0 of a plate `aspect` times as wide as high, turned in space, about `width` pixels wide."""
    yaw, pitch = np.clip(rng.normal(0, 24), -62, 62), np.clip(rng.normal(0, 14), -40, 40)
    roll = rng.uniform(-40, 40) if rng.random() < 0.12 else rng.normal(0, 4)
    if rng.random() < 0.25:
        yaw, pitch = yaw / 6, pitch / 6
    yaw, pitch, roll = np.deg2rad([yaw, pitch, roll])
    points = np.array([[-aspect, -1, 0], [aspect, -1, 0], [aspect, 1, 0], [-aspect, 1, 0]], np.float64) / 2
    turn = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    aside = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    nod = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    space = points @ (nod @ aside @ turn).T
    distance = aspect * rng.uniform(2.2, 10)
    flat = space[:, :2] * (distance / (distance + space[:, 2:]))
    length = np.linalg.norm(flat[1] + flat[2] - flat[0] - flat[3]) / 2
    # A plate seen from the side is narrower: only a part of that is made good, or none would ever be narrow.
    return np.asarray(flat * width / (length**0.6 * aspect**0.4), np.float32)


def _shrunk(plate: Plate, columns: float) -> Plate:
    scale = columns / plate.grey.shape[1]
    if scale >= 0.95:
        return plate
    size = max(6, round(plate.grey.shape[1] * scale)), max(3, round(plate.grey.shape[0] * scale))
    factors = np.array([size[0] / plate.grey.shape[1], size[1] / plate.grey.shape[0]], np.float32)
    grey, mask = (
        np.asarray(cv2.resize(each, size, interpolation=cv2.INTER_AREA), np.uint8) for each in (plate.grey, plate.mask)
    )
    return Plate(grey, mask, plate.corners * factors, plate.lines, plate.exact)


def _mounted(plate: Plate, rng: np.random.Generator) -> Plate:
    """The plate on a piece of a vehicle: sheet metal of any tone (often its own), a holder, a shadowed recess, a line of print."""
    rows, columns = plate.grey.shape
    margins = [int(rng.uniform(0.08, 1.4) * rows) + 1 for _ in range(2)]
    sides = [int(rng.uniform(0.04, 0.6) * columns) + 1 for _ in range(2)]
    height, width = rows + sum(margins), columns + sum(sides)
    tone = float(np.percentile(plate.grey, 80)) + rng.normal(0, 18) if rng.random() < 0.35 else rng.uniform(5, 245)
    steps = np.cumsum(rng.normal(0, 1, height)) * rng.uniform(0, 4) + np.linspace(0, rng.normal(0, 30), height)
    panel = np.full((height, width), tone, np.float32) + (steps - steps[margins[0] + rows // 2])[:, None]
    x, y = sides[0], margins[0]
    if rng.random() < 0.4:
        grow = int(rng.uniform(0.05, 0.5) * rows) + 1
        panel[max(0, y - grow) : y + rows + grow, max(0, x - grow) : x + columns + grow] *= rng.uniform(0.4, 1.2)
    if rng.random() < 0.55:
        edge = max(1, int(rng.uniform(0.02, 0.12) * rows))
        below = edge * (int(rng.integers(1, 4)) if rng.random() < 0.4 else 1)
        ink = float(rng.choice([rng.uniform(5, 60), rng.uniform(120, 230)]))
        panel[max(0, y - edge) : y + rows + below, max(0, x - edge) : x + columns + edge] = ink
    place = panel[y : y + rows, x : x + columns]
    alpha = plate.mask.astype(np.float32) / 255
    place[:] = place * (1 - alpha) + plate.grey * alpha
    mask = np.full((height, width), 255, np.uint8)
    if rng.random() < 0.6:
        soft = max(1, min(margins[0], margins[1], sides[0], sides[1]) // 2)
        mask[:soft], mask[-soft:], mask[:, :soft], mask[:, -soft:] = 0, 0, 0, 0
        mask = cv2.blur(mask, (2 * soft + 1, 2 * soft + 1))
    corners = plate.corners + np.array([x, y], np.float32)
    return Plate(np.clip(panel, 0, 255).astype(np.uint8), np.asarray(mask, np.uint8), corners, plate.lines, plate.exact)


def _blend(picture: Floats, plate: Plate, quad: Floats, rng: np.random.Generator) -> None:
    """Warp the plate onto the picture, its tones set to the light that is there."""
    side = picture.shape[0]
    rows, columns = plate.grey.shape
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    transform = cv2.getPerspectiveTransform(plate.corners.astype(np.float32), quad)
    outline = cv2.perspectiveTransform(source[None], transform)[0]
    left, top, right, bottom = np.clip(np.round(bounds_of(outline) + np.array([-2, -2, 2, 2])), 0, side).astype(int)
    if right - left < 2 or bottom - top < 2:
        return
    moved = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64) @ transform
    size = (int(right - left), int(bottom - top))
    grey = cv2.warpPerspective(plate.grey.astype(np.float32), moved, size, flags=cv2.INTER_LINEAR)
    alpha = cv2.warpPerspective(plate.mask.astype(np.float32) / 255, moved, size, flags=cv2.INTER_LINEAR)
    below = picture[top:bottom, left:right]
    around = float(below.mean())
    white = rng.uniform(min(230.0, max(70.0, around * 0.7)), 256)
    black = rng.uniform(0, 0.45) * white if rng.random() < 0.93 else rng.uniform(0.5, 0.8) * white
    grey = black + (white - black) * (grey / 255) ** rng.uniform(0.7, 1.4)
    slopes = rng.normal(0, 0.18, 2)
    shade = 1 + slopes[0] * np.linspace(-1, 1, size[0])[None] + slopes[1] * np.linspace(-1, 1, size[1])[:, None]
    if rng.random() < 0.12:
        cut = rng.uniform(0.2, 0.8) * size[0] + rng.normal(0, 0.5) * np.arange(size[1])[:, None]
        shade = shade * np.where(np.arange(size[0])[None] < cut, rng.uniform(0.35, 0.8), 1.0)
    grey = np.clip(grey * shade, 0, 255)
    if rng.random() < 0.5:
        grey = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), rng.uniform(0.3, 1.3))
    below[:] = below * (1 - alpha) + grey * alpha


def photographed(picture: Floats, rng: np.random.Generator) -> Grey:
    """The picture as a camera gives it: light, haze, glare, blur, noise, compression."""
    side = picture.shape[0]
    if rng.random() < 0.15:
        for _ in range(int(rng.integers(1, 4))):
            spot = np.zeros((side // 8, side // 8), np.float32)
            spot[tuple(rng.integers(0, side // 8, 2))] = 1
            spot = cv2.GaussianBlur(spot, (0, 0), rng.uniform(0.6, 4))
            picture = picture + cv2.resize(spot / spot.max(), (side, side)) * rng.uniform(60, 300)
    if rng.random() < 0.6:
        exponent = float(np.exp(rng.normal(0, 0.4)))
        picture = np.asarray(255 * (np.clip(picture, 0, 255) / 255) ** exponent, np.float32)
    gain = rng.uniform(0.12, 0.5) if rng.random() < 0.2 else rng.uniform(0.7, 1.25)
    picture = np.asarray(picture * gain + rng.normal(0, 12), np.float32)
    if rng.random() < 0.1:
        picture = np.asarray(picture * rng.uniform(0.3, 0.7) + rng.uniform(40, 130), np.float32)
    if rng.random() < 0.35:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.5)), np.float32)
    if rng.random() < 0.12:
        picture = np.asarray(cv2.filter2D(picture, -1, _streak(rng)), np.float32)
    if rng.random() < 0.6:
        picture = picture + rng.standard_normal(picture.shape, np.float32) * np.float32(rng.uniform(1, 11))
    result = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        _, packed = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 95))])
        result = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)
    return result


def _streak(rng: np.random.Generator) -> Floats:
    """The kernel of a motion blur, 3 to 9 pixels long."""
    length = int(rng.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
    middle = (length - 1) / 2
    first, last = (np.round(middle + sign * reach).astype(int) for sign in (-1, 1))
    cv2.line(kernel, (int(first[0]), int(first[1])), (int(last[0]), int(last[1])), 1.0)
    return np.asarray(kernel / kernel.sum(), np.float32)


def bounds_of(quad: Floats) -> Floats:
    """Left, top, right, bottom of corners (4, 2)."""
    return np.concatenate([quad.min(axis=0), quad.max(axis=0)])


def sides_of(quad: Floats) -> tuple[float, float]:
    """(width along the text, height across it) in pixels: the means of opposite sides."""
    edges = np.linalg.norm(np.roll(quad, -1, axis=0) - quad, axis=1)
    return float(edges[0] + edges[2]) / 2, float(edges[1] + edges[3]) / 2
