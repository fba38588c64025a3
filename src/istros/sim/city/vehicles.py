"""Bodies of vehicles: cars, vans, buses and lorries lofted from side profiles, with wheels, mirrors and plates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from istros.sim.city.mesh import (
    Colour,
    Material,
    Mesh,
    ball,
    box,
    grid,
    move,
    quad,
    smooth,
    tube,
)

AtlasBox = tuple[float, float, float, float]
"""Left, bottom, right, top of a picture in the atlas, 0..1."""

PLATE_SIZE = (0.52, 0.112)
"""Width and height in metres: 520 x 112 mm, the one-line plate of all three countries."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A body's side profile, in metres from the front bumper and from the road.

    `profile`: (distance from the front, height of the top line); `wheels`: the axles; `cuts`: cowl, roof front, roof
    rear, deck; `pillars`: door pillars; `lamps` and `plates`: heights in front and at the back; `flat`: flat glass in
    front, at the back.
    """

    length: float
    width: float
    floor: float
    belt: float
    profile: tuple[tuple[float, float], ...]
    wheels: tuple[float, ...]
    radius: float
    cuts: tuple[float, float, float, float]
    pillars: tuple[float, float]
    lamps: tuple[float, float]
    flat: tuple[int, int]
    plates: tuple[float, float]

    @property
    def height(self) -> float:
        """The highest point of the profile."""
        return max(z for _, z in self.profile)


SHAPES: dict[str, Shape] = {
    "sedan": Shape(4.6, 1.82, 0.2, 0.92,
        ((0, .62), (.12, .74), (1.15, .92), (1.95, 1.38), (2.5, 1.47), (3.1, 1.44), (4.0, 1.03), (4.5, 1.0), (4.6, .86)),
        (0.9, 3.55), 0.32, (1.2, 2.05, 3.1, 3.98), (2.62, 9), (0.68, 0.82), (0, 0), (0.46, 0.72)),
    "hatch": Shape(4.1, 1.78, 0.2, 0.94,
        ((0, .62), (.12, .76), (1.0, .96), (1.75, 1.43), (2.3, 1.5), (3.3, 1.45), (3.98, 1.02), (4.1, .85)),
        (0.82, 3.35), 0.31, (1.05, 1.85, 3.3, 3.93), (2.4, 9), (0.7, 0.9), (0, 0), (0.46, 0.74)),
    "suv": Shape(4.6, 1.9, 0.28, 1.1,
        ((0, .8), (.1, .95), (1.15, 1.1), (1.85, 1.6), (2.4, 1.7), (3.9, 1.64), (4.45, 1.15), (4.6, .95)),
        (0.88, 3.6), 0.37, (1.2, 1.95, 3.9, 4.4), (2.6, 3.5), (0.84, 1.0), (0, 0), (0.56, 0.86)),
    "van": Shape(5.4, 1.98, 0.28, 1.25,
        ((0, .85), (.1, 1.05), (.85, 1.3), (1.7, 2.1), (2.2, 2.35), (5.25, 2.35), (5.36, 2.25), (5.4, 2.1)),
        (1.0, 4.2), 0.35, (0.9, 1.8, 9, 9), (2.35, 3.3), (0.85, 1.1), (0, 1), (0.5, 0.68)),
    "bus": Shape(11.5, 2.5, 0.3, 1.15,
        ((0, 2.6), (.08, 2.85), (.4, 3.0), (11.1, 3.0), (11.4, 2.9), (11.5, 2.6)),
        (2.5, 8.6), 0.48, (-1, -1, 99, 99), (2.0, 3.6), (0.75, 1.0), (1, 1), (0.48, 0.75)),
    "cab": Shape(2.1, 2.4, 0.45, 1.55,
        ((0, 2.5), (.06, 2.65), (.3, 2.8), (2.0, 2.85), (2.1, 2.6)),
        (1.1, 9), 0.48, (-1, -1, 99, 99), (1.3, 9), (0.8, 9), (1, 0), (0.62, 0.7)),
}  # fmt: skip
"""The bodies; a lorry is a cab with a box behind it."""

KINDS = list(SHAPES)
LABELS = {"sedan": "car", "hatch": "car", "suv": "car", "van": "van", "bus": "bus", "lorry": "lorry"}
"""What the ground truth calls each body."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle at the origin, y forward: fine and coarse mesh, (length, width, height) in metres, plates' corners.

    `plates`: front and rear, each (4, 3) metres: lower left, lower right, upper right, upper left as one reads it.
    """

    kind: str
    fine: Mesh = field(repr=False)
    coarse: Mesh = field(repr=False)
    size: tuple[float, float, float]
    plates: tuple[NDArray[np.float32], NDArray[np.float32]] = field(repr=False)


def shader_shapes() -> NDArray[np.float32]:
    """Five vec4 per shape for `shaders/vehicle.glsl`, y from the middle of the vehicle, forward positive."""
    rows: list[list[float]] = []
    for shape in SHAPES.values():
        half = shape.length / 2
        rows.append([shape.length, shape.width, shape.floor, shape.belt])
        rows.append([half - cut for cut in shape.cuts])
        rows.append([half - shape.pillars[0], half - shape.pillars[1], *shape.lamps])
        rows.append([half - shape.wheels[0], half - shape.wheels[1], shape.radius, shape.height])
        rows.append([*shape.flat, 0, 0])
    return np.array(rows, np.float32)


def _stations(shape: Shape, detail: float) -> NDArray[np.float64]:
    """Where along the body its cross-sections are cut: evenly, and densely at both rounded ends."""
    even = np.linspace(0, shape.length, int(shape.length * detail * (15 if shape.length < 6 else 6)))
    ends = np.geomspace(0.004, 0.25, int(4 + 5 * detail))
    return np.unique(np.r_[even, ends, shape.length - ends])


def _cross_sections(shape: Shape, at: NDArray[np.float64], boxy: bool) -> tuple[Any, Any]:
    """Half widths and heights of the rings, (stations, 14) each, from the floor's middle up to the roof's."""
    along, heights = np.array(shape.profile, np.float64).T
    top = smooth(np.interp(at, along, heights), 1)
    away = np.abs(at / shape.length * 2 - 1)
    wide = shape.width / 2 * np.maximum(1 - away ** (16 * max(1, shape.length / 4.6)), 0) ** 0.18
    wide = np.maximum(wide, 0.0004)
    cabin = np.clip((top - shape.belt) / (shape.height - shape.belt), 0, 1)
    belt = np.minimum(shape.belt, top - 0.05)
    roof = wide * (0.95 - (0.06 if boxy else 0.17) * cabin)
    floor = shape.floor + 0.10 * np.maximum(0, away - 0.8) / 0.2
    edge = 0.04 + 0.07 * cabin
    rings = [(0 * wide, floor), (0.8 * wide, floor), (0.94 * wide, floor + 0.05), (0.985 * wide, floor + 0.18)]
    rings += [(wide, floor + (belt - floor) * 0.6), (0.99 * wide, belt - 0.07), (0.965 * wide, belt)]
    for f in (0.33, 0.67, 1.0):
        rings.append((0.965 * wide * (1 - f) + roof * f, belt * (1 - f) + (top - edge) * f))
    rings += [(roof * 0.955, top - edge * 0.4), (roof * 0.8, top - edge * 0.1)]
    rings += [(roof * 0.4, top + 0.008), (0 * wide, top + 0.012)]
    return np.stack([x for x, _ in rings], 1), np.stack([z + 0 * wide for _, z in rings], 1)


def loft(name: str, colour: Colour, detail: float = 1.0) -> Mesh:
    """The painted shell; material coordinates: position in the vehicle and the number of the ring."""
    shape = SHAPES[name]
    at = _stations(shape, detail)
    across, heights = _cross_sections(shape, at, boxy=name in ("bus", "cab", "van"))
    rings = np.tile(np.arange(14.0), (len(at), 1))[..., None]
    sides = []
    for sign in (1, -1):
        points = np.stack([sign * across, np.repeat((shape.length / 2 - at)[:, None], 14, 1), heights], -1)
        local = np.concatenate([points, rings], -1)
        if sign > 0:
            points, local = points[::-1], local[::-1]
        sides.append(grid(points, colour, Material.BODY, local, KINDS.index(name)))
    return np.concatenate(sides)


def wheel(x: float, y: float, radius: float, side: int, segments: int = 29) -> Mesh:
    """A wheel; material coordinates: share of the radius, angle, y and z of the axle (the vertex shader turns it)."""
    profile = [(-.1, .7), (-.1, .95), (-.08, 1), (.08, 1), (.1, .95), (.105, .72), (.07, .66), (.06, .2), (.07, .03)]  # fmt: skip
    turns = np.linspace(0, 2 * np.pi, segments)
    rim = [(side * h, q * radius) for h, q in profile]
    points = np.array([[(h, q * np.cos(k), q * np.sin(k)) for k in turns] for h, q in rim])
    local = np.array([[(q / radius, k, y, radius) for k in turns] for _, q in rim])
    if side > 0:
        points, local = points[:, ::-1], local[:, ::-1]
    mesh = grid(points, (0.03, 0.03, 0.03), Material.TYRE, local)
    mesh[:, :3] += np.array([x, y, radius], np.float32)
    return mesh


CARGO: tuple[tuple[Colour, Colour], ...] = (
    ((0.74, 0.74, 0.72), (0.04, 0.12, 0.35)),
    ((0.12, 0.20, 0.34), (0.70, 0.70, 0.68)),
    ((0.70, 0.69, 0.66), (0.45, 0.08, 0.04)),
    ((0.10, 0.26, 0.20), (0.72, 0.70, 0.60)),
)
"""Tarpaulin or box of a lorry and the band on it."""


ROOF_BOXES = ((2.6, (1.7, 2.4, 0.28)), (-1.2, (0.9, 0.9, 0.16)), (-3.6, (1.5, 1.6, 0.22)))
"""Air conditioning and hatches on a bus: y of the middle, size."""


def _cargo(colours: tuple[Colour, Colour]) -> list[Mesh]:
    sheet, band = colours
    dark, red = (0.06, 0.06, 0.06), (0.9, 0.03, 0.02)
    parts = [
        box((0, -1.0, 2.2), (2.5, 5.7, 2.5), sheet, Material.PANEL),
        box((0, -1.0, 0.98), (2.54, 5.74, 0.10), (0.25, 0.25, 0.26)),
        box((0, -0.8, 0.75), (0.9, 6.2, 0.25), dark),
        box((0, -3.85, 0.62), (2.3, 0.12, 0.16), (0.1, 0.1, 0.1)),
        box((0, -3.86, 2.2), (0.03, 0.03, 2.4), (0.2, 0.2, 0.2)),
    ]
    for side in (-1, 1):
        parts.append(box((side * 1.253, -1.0, 2.45), (0.02, 4.6, 0.5), band))
        parts.append(box((side * 1.2, -1.0, 0.66), (0.04, 3.4, 0.34), (0.30, 0.31, 0.32)))
        parts.append(box((side * 0.45, -3.86, 2.2), (0.05, 0.05, 2.3), (0.42, 0.43, 0.44)))
        parts.append(box((side * 0.95, -3.92, 0.64), (0.36, 0.03, 0.12), red, Material.GLOW))
        parts.append(box((side * 1.1, -3.87, 3.35), (0.2, 0.03, 0.08), red, Material.GLOW))
        parts.append(
            tube((side * 1.28, 3.35, 1.75), (side * 1.28, 3.35, 2.25), 0.10, 0.10, (0.04, 0.04, 0.04), sides=6)
        )
    return parts


def _plate(y: float, z: float, facing: int, picture: AtlasBox) -> tuple[list[Mesh], NDArray[np.float32]]:
    width, height = PLATE_SIZE
    origin = np.array((-facing * width / 2, y, z - height / 2))
    across, up = np.array((facing * width, 0, 0)), np.array((0, 0, height))
    corners = np.array([origin, origin + across, origin + across + up, origin + up], np.float32)
    frame = box((0, y + facing * 0.012, z), (width + 0.04, 0.012, height + 0.03), (0.03, 0.03, 0.03))
    return [frame, quad(origin, across, up, (1, 1, 1), Material.PICTURE, picture)], corners


def _build(kind: str, colour: Colour, plate: AtlasBox, cargo: int, detail: float) -> tuple[Mesh, Any, Any]:
    name = "cab" if kind == "lorry" else kind
    shape = SHAPES[name]
    shift = 2.9 if kind == "lorry" else 0.0
    length, height = (7.9, 3.45) if kind == "lorry" else (shape.length, shape.height)
    axles = [2.75, -2.4] if kind == "lorry" else [shape.length / 2 - at for at in shape.wheels]
    back = -3.93 if kind == "lorry" else -shape.length / 2
    parts = [move(loft(name, colour, detail), (0, shift, 0))]
    if kind == "lorry":
        parts += _cargo(CARGO[cargo % len(CARGO)])
    if kind == "bus":
        parts += [box((0, y, 3.08), size, (0.62, 0.62, 0.60)) for y, size in ROOF_BOXES]
    for axle in axles:
        for side in (-1, 1):
            parts.append(wheel(side * (shape.width / 2 - 0.1), axle, shape.radius, side, 29 if detail > 0.7 else 13))
    cowl = shape.cuts[0]
    mirror_y = length / 2 - cowl - 0.25 if cowl > 0 else shift + shape.length / 2 - 0.25
    mirror = tuple(0.8 * c for c in colour) if cowl > 0 else (0.05, 0.05, 0.05)
    for side in (-1, 1):
        parts.append(ball((side * shape.width / 2, mirror_y, shape.belt + 0.06), (0.11, 0.05, 0.065), mirror, rings=7))
    plates = []
    for y, z, facing in ((shift + shape.length / 2 + 0.012, shape.plates[0], -1), (back - 0.012, shape.plates[1], 1)):
        pieces, corners = _plate(y, z, facing, plate)
        parts += pieces
        plates.append(corners)
    return np.concatenate(parts), (length, shape.width if kind != "lorry" else 2.5, height), tuple(plates)


def vehicle(kind: str, colour: Colour, plate: AtlasBox, cargo: int = 0) -> Vehicle:
    """A vehicle of one of the kinds in `LABELS`, painted, with the plate from the atlas on both ends."""
    fine, size, plates = _build(kind, colour, plate, cargo, 1.0)
    coarse, _, _ = _build(kind, colour, plate, cargo, 0.35)
    return Vehicle(kind, fine, coarse, size, plates)
